"""Which operation of a GraphQL or JSON-RPC API a request asks for: one address takes all, so the address says nothing.

What a client calls its variables is its own affair (`$id` for a line's here and a product's there); the argument that a
variable is given to says what it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from traces.lens.graphql import TOKEN, looks_graphql
from traces.lens.graphql_places import Places
from traces.lens.leaf import MAX_LEAVES, Leaf

#: Where clients send a query's text, and where its name; in a batch once an item.
_QUERY: Final = re.compile(r"body\.\$(?:\[\d+\])?\.query|query\.query|body")
_NAME: Final = re.compile(r"body\.\$(?:\[\d+\])?\.operationName|query\.operationName")
#: A procedure's name (JSON-RPC 2.0, 4), in a request that says by which version it calls.
_METHOD: Final = re.compile(r"body\.\$(?:\[\d+\])?\.method")
_VERSION: Final = re.compile(r"body\.\$(?:\[\d+\])?\.jsonrpc")
_CALLED: Final = re.compile(r"[\w./-]{1,80}", re.ASCII)
#: The slots of all these.
SLOTS: Final = frozenset(
    f"{where}.{name}" for where in ("body.$", "body.$[*]", "query") for name in ("query", "operationName")
) | {"body", "body.$.jsonrpc", "body.$[*].jsonrpc"}
#: A name that is longer, or of other characters, is none of GraphQL's (October 2021, 2.1.9).
_NAMED: Final = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,79}")
#: So many fields, or operations of a batch, name what is asked for; the rest are "and more".
_FIELDS: Final = 3
_MORE: Final = "more"

#: The groups of `TOKEN`.
_WORD: Final = 4
_MARK: Final = 5
_OPERATIONS: Final = frozenset({"query", "mutation", "subscription"})
_CHANGES: Final = _OPERATIONS - {"query"}
_DEFINES: Final = _OPERATIONS | {"fragment"}
#: Words that no field is, by what stands before them: a fragment's name, its type, a directive.
_NO_FIELD: Final = frozenset({"...", "on", "@"})
_AT_TOP: Final = [("{", "")]


class Operation(NamedTuple):
    """What is asked for.

    name:      what the client calls it; of one without a name the fields it asks for: `cart+me`.
    arguments: variable -> the argument it is first given to: `ids` -> `setShipping.methodId`.
    reads:     it is a query as far as its text says, which changes nothing though it is posted.
    aliases:   of what its client calls otherwise than the API does, place in the answer -> field:
               `data.found.number` -> `productId`.
    """

    name: str
    arguments: Mapping[str, str]
    reads: bool = False
    aliases: Mapping[str, str] = MappingProxyType({})


def operation_of(leaves: Sequence[Leaf]) -> Operation | None:
    """The operation that a request with these leaves asks for; None when it asks for none."""
    names: list[str] = []
    asked: list[Operation] = []
    called = [leaf.text for leaf in leaves if _METHOD.fullmatch(leaf.path) and _CALLED.fullmatch(leaf.text)]
    if called and any(_VERSION.fullmatch(leaf.path) for leaf in leaves):
        return Operation(_joined(called), {})
    for leaf in leaves:
        path = leaf.path
        if leaf.number or leaf.outer is not None:
            continue
        if path.endswith("perationName") and _NAME.fullmatch(path) and _NAMED.fullmatch(leaf.text):
            names.append(leaf.text)
        elif _QUERY.fullmatch(path) and looks_graphql(leaf.text) and (read := read_operation(leaf.text)) is not None:
            asked.append(read)
    if not names and not asked:
        return None
    arguments: dict[str, str] = {}
    aliases: dict[str, str] = {}
    for one in asked:
        arguments = {**one.arguments, **arguments}
        aliases = {**one.aliases, **aliases}
    reads = bool(asked) and all(one.reads for one in asked)
    return Operation(_joined(names or [one.name for one in asked]), arguments, reads, aliases)


@lru_cache(maxsize=512)
def read_operation(text: str) -> Operation | None:
    """The operation in a query's text; its first when it has several. None when there is none."""
    reader = _Reader()
    at = count = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None or count > MAX_LEAVES:
            return None
        at, count = match.end(), count + 1
        if match.lastindex is not None:
            reader.take(match)
    name = reader.name or _joined(reader.fields)
    if not name or not reader.is_whole:
        return None
    return Operation(name, reader.arguments, not reader.changes, reader.places.aliases() if reader.renames else {})


class _Reader:
    """Follows a query by its words and brackets. (Whether it is a valid one is not asked here.)

    fields:  those that its operations ask for at their top, by their own names where they have an alias.
    changes: one of them is no query.
    renames: it has aliases; places: where.
    """

    def __init__(self) -> None:
        self.name = ""
        self.fields: list[str] = []
        self.arguments: dict[str, str] = {}
        self.changes = self.renames = False
        self.places = Places()
        # Every open bracket, with the argument that it stands in: "" in a selection, and where variables are declared.
        self._open: list[tuple[str, str]] = []
        self._rounds = 0
        self._defines, self._word, self._label, self._before = "", "", "", ""

    @property
    def is_whole(self) -> bool:
        """Is every bracket closed?"""
        return not self._open

    def take(self, token: re.Match[str]) -> None:
        """The next token that is neither white space nor a comment."""
        if token.lastindex == _WORD:
            self._take_word(token[_WORD])
        elif token.lastindex == _MARK:
            self._take_mark(token[_MARK])
        self._before = token[token.lastindex or 0]

    def _take_word(self, word: str) -> None:
        if not self._open:
            if word in _DEFINES:
                self._defines = word
                self.changes = self.changes or word in _CHANGES
            elif self._before in _OPERATIONS and not self.fields:
                self.name = self.name or word
            elif self._before == "fragment":
                self.places.fragment(word)
        elif self._before == "$":
            if self._open[-1][1]:
                self.arguments.setdefault(word, self._argument())
        elif not self._rounds:
            self.places.word(word, self._before)
            self.renames = self.renames or self._before == ":"
            if self._open == _AT_TOP and self._defines != "fragment" and self._before not in _NO_FIELD:
                if self._before == ":" and self.fields:
                    self.fields.pop()
                self.fields.append(word)
        self._word = word

    def _take_mark(self, mark: str) -> None:
        if mark == ":":
            self._label = self._word
            return
        if mark == "..." and not self._rounds:
            self.places.dots()
        if mark == "(":
            self._rounds += 1
            self._open.append((mark, self._word if self._open else ""))
        elif mark in "[{":
            self._open.append((mark, self._argument()))
            if not self._rounds:
                self.places.enter()
        elif mark in ")]}" and self._open:
            self._rounds -= self._open.pop()[0] == "("
            if not self._rounds and mark == "}":
                self.places.leave()
            if mark == "}" and not self._open:
                self._defines = ""
        else:
            return
        self._label = ""

    def _argument(self) -> str:
        """Where what stands here is given to, `setShipping.methodId`; "" outside of arguments."""
        within = self._open[-1][1] if self._open else ""
        return f"{within}.{self._label}" if within and self._label else within


def _joined(names: Sequence[str]) -> str:
    several = list(dict.fromkeys(names))
    return "+".join([*several[:_FIELDS], _MORE] if len(several) > _FIELDS else several)
