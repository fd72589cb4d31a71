"""JSON's leaves by span, so that a value can be replaced and every other byte stays: white space, escapes, key order.

Written here because no JSON library tells where a value stands. It takes exactly the documents of RFC 8259, as the
standard library's strict reader does: a body that only nearly is JSON cannot be read live either.
"""

from __future__ import annotations

import json
import re
from typing import Final, Generic, TypeVar

from traces.lens.coding import Coding
from traces.lens.leaf import MAX_LEAVES, NAME, Keys, Leaf, make
from traces.shapes import is_id_key

MAX_DEPTH: Final = 64
#: A long key stands in the path of all that is below it: 20,000 paths of a megabyte are no longer memory.
MAX_PATH: Final = 2048

# On the bytes as Latin-1: a character is a byte, and most texts come out of a match as they are.
# Possessive repeats (*+): what cannot match is found out in one pass, however long the string.
_STRING: Final = r'"([^"\\\x00-\x1f]*+(?:\\["\\/bfnrtu][^"\\\x00-\x1f]*+)*+)"'
_NUMBER: Final = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
_SPACE: Final = r"[ \t\r\n]*+"
_SCALAR: Final = rf"{_STRING}|({_NUMBER}|true|false|null)"
_EMPTY: Final = rf"\{{{_SPACE}\}}|\[{_SPACE}\]"
#: One match an item, for time goes by matches: a scalar and what stands behind it, or the opening of a container.
_ITEM: Final = rf"{_SPACE}(?:(?:{_SCALAR}|{_EMPTY}){_SPACE}([,\]}}])|([{{\[]))"
_IN_LIST: Final = re.compile(_ITEM)
_IN_OBJECT: Final = re.compile(rf"{_SPACE}{_STRING}{_SPACE}:{_ITEM}")
_ALONE: Final = re.compile(rf"{_SPACE}(?:{_SCALAR}|{_EMPTY}|([{{\[]))")
_MARK: Final = re.compile(rf"{_SPACE}([,\]}}])")
_END: Final = re.compile(_SPACE)


Place = TypeVar("Place")


class NotJson(ValueError):
    """The bytes are not one JSON document, or one deeper or larger than we walk."""


def json_leaves(
    data: bytes | str,
    root: str = "body.$",
    start: int = 0,
    end: int | None = None,
    *,
    coding: Coding = "json",
    names: bool = False,
) -> list[Leaf]:
    """Every scalar of the document in `data[start:end]`, in order; the document may be a bare scalar.

    data:  the bytes; whoever reads many documents in one body gives them as Latin-1, decoded once.
    root:  the path of the whole document. Spans count in `data`.
    names: objects' keys are leaves too, before their values.

    An object whose keys are ids is a list of items with names: `{"items":{"7f3a91c4":{"n":2}}}` has
    `$.items[0]{name}`, whatever `names` says, and `$.items[0].n`.

    Raises NotJson for anything else, however malformed.
    """
    end = len(data) if end is None else end
    chars = data if isinstance(data, str) else data.decode("latin-1")
    leaves, at = json_prefix(chars, root, start, end, coding=coding, names=names)
    if _END.fullmatch(chars, at, end) is None:
        raise NotJson("more than one document")
    return leaves


def json_prefix(
    chars: str, root: str, start: int, end: int, *, coding: Coding = "json", names: bool = False
) -> tuple[list[Leaf], int]:
    """The leaves of the document that `chars[start:end]` begins with, and the position behind it. Raises NotJson."""
    match = _ALONE.match(chars, start, end)
    if match is None:
        raise NotJson(f"no value at byte {start}")
    leaves: list[Leaf] = []
    if match[3]:
        at = _walk(chars, match, end, _known(root), leaves=leaves, coding=coding, names=names)
    else:
        at, kind = match.end(), match.lastindex
        if kind:
            text = unescaped(match[1]) if kind == 1 else match[2]
            leaves.append(make(("body", root, *match.span(kind), text, coding, -1, (), kind == 2, None, "")))
    return leaves, at


class _Node:
    """A place in documents, with its path: a trace holds the same few places in every message."""

    __slots__ = ("kept", "keys", "kids", "path")

    def __init__(self, path: str, keys: Keys, *, kept: bool) -> None:
        self.path = path
        self.keys = keys
        self.kids: dict[str | int, _Node] = {}
        self.kept = kept

    def field(self, key: str, index: int) -> _Node:
        """The place of an object's value, by its key as it is written and its number; one named by an id is an item."""
        if is_id_key(unescaped(key)):
            return self.kids.get(index) or self.kid(index)
        return self.kid(key)

    def kid(self, key: str | int) -> _Node:
        """The place below this one; an object's key as it is written."""
        if isinstance(key, int):
            node = _Node(f"{self.path}[{key}]", (*self.keys, key), kept=self.kept and key < 256)
        else:
            name = unescaped(key)
            node = _Node(f"{self.path}.{name}", (*self.keys, name), kept=self.kept and len(key) <= 64)
        if len(node.path) > MAX_PATH:
            raise NotJson("too long a path")
        if node.kept and _places.taken():
            self.kids[key] = node
        return node


class Places(Generic[Place]):
    """Which places are kept, by their root's path. Documents come from outside: keys that never repeat must not fill
    the memory."""

    LIMIT: Final = 1 << 16

    def __init__(self) -> None:
        self.roots: dict[str, Place] = {}
        self._count = 0

    def taken(self) -> bool:
        """Count one more; False when there is no room."""
        if self._count >= self.LIMIT:
            # Whatever is in use now comes back with the next message.
            self.roots.clear()
            self._count = 0
            return False
        self._count += 1
        return True


_places: Final[Places[_Node]] = Places()


def _known(root: str) -> _Node:
    node = _places.roots.get(root)
    if node is None:
        # A stream has a root for each of its events.
        node = _Node(root, (), kept=len(root) <= 64 and len(_places.roots) < 512)
        if node.kept and _places.taken():
            _places.roots[root] = node
    return node


def _walk(  # noqa: PLR0912 - one loop over items: a call for each costs half as much again
    data: str, opening: re.Match[str], end: int, node: _Node, *, leaves: list[Leaf], coding: Coding, names: bool
) -> int:
    """Collect the leaves of a container from its opening bracket on; the position behind what closes it."""
    at, in_object, index = opening.end(), opening[3] == "{", 0
    above: list[tuple[_Node, bool, int]] = []
    while True:
        if in_object:
            match = _IN_OBJECT.match(data, at, end)
            if match is None:
                raise NotJson(f"no field at byte {at}")
            key, string, other, mark, bracket = match.groups()
            kid, is_item = node.kids.get(key), False
            if kid is None:
                kid = node.field(key, index)
                is_item = type(kid.keys[-1]) is int
            if names or is_item:
                name, keys = (unescaped(key), (*kid.keys, NAME)) if is_item else (kid.keys[-1], ())
                leaves.append(make(("body", kid.path + NAME, *match.span(1), name, coding, -1, keys, False, None, "")))
        else:
            match = _IN_LIST.match(data, at, end)
            if match is None:
                raise NotJson(f"no item at byte {at}")
            string, other, mark, bracket = match.groups()
            kid = node.kids.get(index) or node.kid(index)
        at = match.end()
        if string is not None:
            text = string if string.isascii() and "\\" not in string else unescaped(string)
            start, stop = match.span(1 + in_object)
            leaves.append(make(("body", kid.path, start, stop, text, coding, -1, kid.keys, False, None, "")))
        elif other is not None:
            start, stop = match.span(2 + in_object)
            leaves.append(make(("body", kid.path, start, stop, other, coding, -1, kid.keys, True, None, "")))
        elif len(above) + 1 >= MAX_DEPTH:
            raise NotJson("too deep")
        elif bracket is not None:
            above.append((node, in_object, index))
            node, in_object, index = kid, bracket == "{", 0
            continue
        if len(leaves) > MAX_LEAVES:
            raise NotJson("too many values")
        while mark != ",":
            if mark != ("}" if in_object else "]"):
                raise NotJson(f"neither a comma nor an end before byte {at}")
            if not above:
                return at
            node, in_object, index = above.pop()
            behind = _MARK.match(data, at, end)
            if behind is None:
                raise NotJson(f"neither a comma nor an end at byte {at}")
            at, mark = behind.end(), behind[1]
        index += 1


def unescaped(chars: str) -> str:
    """What stands between the quotes, its bytes given as Latin-1. Raises NotJson."""
    text = chars if chars.isascii() else chars.encode("latin-1").decode("utf-8", "surrogateescape")
    if "\\" not in text:
        return text
    try:
        whole: str = json.loads(f'"{text}"')
    except ValueError:
        raise NotJson("a bad escape") from None
    return whole
