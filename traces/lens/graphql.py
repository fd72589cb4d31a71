"""The literals in a GraphQL query's text: clients that use no variables write their ids into it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from traces.lens.json_leaves import MAX_DEPTH, MAX_PATH, NotJson, unescaped
from traces.lens.leaf import MAX_LEAVES, Leaf

_BEGINS: Final = re.compile(r"\s*+(?:\{|(?:query|mutation|subscription|fragment)\b)")
_NUMBER: Final = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?(?![A-Za-z0-9_.])"
#: (Of strings the repeats are not possessive: Python before 3.11.5 misses matches where such a group has alternatives.)
#: GraphQL's tokens (October 2021, 2.1): a block string, a string, a number, a name, a mark; white space and comments.
TOKEN: Final = re.compile(
    r'[ \t\r\n,]++|#[^\n\r]*+|"""((?:[^"\\]++|\\"""|\\|"(?!""))*)"""'
    r'|"((?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"'
    rf"|({_NUMBER})|([_A-Za-z][_0-9A-Za-z]*+)|(\.\.\.|[!$&()\[\]:=@{{|}}])"
)
_CLOSES: Final = {"(": ")", "[": "]", "{": "}"}


@dataclass(slots=True)
class _Open:
    """A bracket that is not closed yet. `path` is that of what it holds; `index` counts a list's items."""

    bracket: str
    path: str
    index: int = 0


def looks_graphql(text: str) -> bool:
    """Does it begin as a query does, and is there a selection in it?"""
    return "{" in text and _BEGINS.match(text) is not None


def graphql_leaves(data: bytes) -> list[Leaf] | None:
    """The strings and numbers of a query's arguments and defaults; None when `data` is no GraphQL.

    A path names the field and the argument: `|graphql.product.id`, `|graphql.checkout.lines[0].sku`. Variables'
    values are no part of the text.
    """
    reader, chars, at = _Reader(), data.decode("latin-1"), 0
    try:
        while at < len(chars):
            match = TOKEN.match(chars, at)
            if match is None:
                return None
            reader.take(match)
            at = match.end()
    except NotJson:
        return None
    return None if reader.open or not reader.selects else reader.leaves


class _Reader:
    """Follows a query token by token; raises NotJson where it is none, or one too deep or too large."""

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self.open: list[_Open] = []
        self.selects = False
        self._name = ""
        self._label = ""

    def take(self, token: re.Match[str]) -> None:
        kind = token.lastindex
        if kind == 1:
            text = token[1].encode("latin-1").decode("utf-8", "surrogateescape").replace('\\"""', '"""')
            self._literal(Leaf("body", self._path(), *token.span(1), text, "block"))
        elif kind == 2:
            self._literal(Leaf("body", self._path(), *token.span(2), unescaped(token[2]), "json"))
        elif kind == 3:
            self._literal(Leaf("body", self._path(), *token.span(3), token[3], "json", number=True))
        elif kind == 4:
            self._name = token[4]
            self._item()
        elif kind == 5:
            self._mark(token[5])

    def _mark(self, mark: str) -> None:
        if mark == ":":
            self._label = self._name
        elif mark in _CLOSES:
            if len(self.open) >= MAX_DEPTH:
                raise NotJson("too deep")
            in_value = bool(self.open) and self.open[-1].path != ""
            path = f"|graphql.{self._name}" if mark == "(" else self._path() if in_value else ""
            self.selects = self.selects or (mark == "{" and not in_value)
            self.open.append(_Open(mark, path))
        elif mark in ")]}":
            if not self.open or _CLOSES[self.open.pop().bracket] != mark:
                raise NotJson("brackets that do not match")
            self._item()

    def _path(self) -> str:
        """The path of the value that stands here."""
        if not self.open or not self.open[-1].path:
            raise NotJson("a literal that is no argument")
        inside = self.open[-1]
        path = f"{inside.path}[{inside.index}]" if inside.bracket == "[" else f"{inside.path}.{self._label}"
        if len(path) > MAX_PATH:
            raise NotJson("too long a path")
        return path

    def _literal(self, leaf: Leaf) -> None:
        if len(self.leaves) >= MAX_LEAVES:
            raise NotJson("too many values")
        self.leaves.append(leaf)
        self._item()

    def _item(self) -> None:
        if self.open and self.open[-1].bracket == "[":
            self.open[-1].index += 1
