"""A JSON document's values without their places in the bytes: several times faster than walking it by span."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from traces.lens.json_leaves import MAX_DEPTH, MAX_PATH, NotJson, Places
from traces.lens.leaf import MAX_LEAVES, NAME, slot_of
from traces.lens.nested import expand, may_nest
from traces.shapes import is_id_key

#: Python's integers have none.
_MINUS_ZERO: Final = re.compile(rb"-0(?<![\w-]-0)(?![\w.])")


class Inexact(ValueError):
    """A number of the document is not the text it was written as."""


def load(data: bytes, *, exact: bool = False) -> Any:
    """The document in `data`; raises NotJson when it is none.

    exact: its numbers are the text they were written as (`1.10` is not `1.1`); otherwise what Python makes of them,
    in half the time.
    """
    if not exact:
        import orjson  # here, for `replay --help` has no use for it

        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            pass  # what is no UTF-8, and numbers beyond 64 bits, the standard library reads
    try:
        text = data.decode("utf-8", "surrogateescape")
        return json.loads(text, parse_int=_Number, parse_float=_Number, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotJson("no JSON") from None


def json_values(data: bytes) -> list[tuple[str, str]]:
    """(slot, text) of every value, each followed by those nested in it, as `json_leaves` and `with_nested` have them.

    A key given twice in one object counts once, with its last value. Raises NotJson as `json_leaves` does.
    """
    try:
        walk = _Walk(load(data))
        if not walk.zeros or b"-0" not in data or _MINUS_ZERO.search(data) is None:
            return walk.found
    except Inexact:
        pass
    return _Walk(load(data, exact=True)).found


def number_text(value: object) -> str:
    """How a number, true, false or null that `load` gave is written.

    Raises Inexact when that is not known: read the document again, exactly.
    """
    kind = type(value)
    if kind is int or kind is _Number:
        return str(value)
    if kind is float:
        raise Inexact
    return "true" if value is True else "false" if value is False else "null"


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


class _Node:
    """A place in documents with its slot: a trace holds the same few in every message, so that none is built again.

    path: with 0 for every index. below: the slots of what stands inside its values, by what they add to its own.
    """

    __slots__ = ("below", "item", "kept", "kids", "path", "slot")

    def __init__(self, path: str, *, kept: bool) -> None:
        if len(path) > MAX_PATH:
            raise NotJson("too long a path")
        self.path = path
        self.slot = slot_of(path)
        self.kids: dict[str, _Node] = {}
        self.item: _Node | None = None
        self.below: dict[str, str] = {}
        self.kept = kept

    def kid(self, key: str) -> _Node:
        """The place of an object's value; one whose key is an id is an item."""
        if is_id_key(key):
            return self.item or self.items()
        node = _Node(f"{self.path}.{key}", kept=self.kept and len(key) <= 64 and _places.taken())
        if node.kept:
            self.kids[key] = node
        return node

    def items(self) -> _Node:
        """The place of a list's items."""
        node = self.item = self.item or _Node(f"{self.path}[0]", kept=self.kept)
        return node

    def inside(self, added: str) -> str:
        """The slot of something nested in a value here."""
        slot = self.slot + added
        if self.kept and len(added) <= 64 and _places.taken():
            self.below[added] = slot
        return slot


_places: Final[Places[_Node]] = Places()


class _Walk:
    """One pass over a loaded document. `zeros`: there was a 0, which may have been written -0."""

    def __init__(self, document: Any) -> None:
        self.found: list[tuple[str, str]] = []
        self.zeros = False
        self._nested = 0
        # The document as the one item of a list above it: its place is `body.$` itself.
        self._items([document], _root(), 0)
        if len(self.found) - self._nested > MAX_LEAVES:
            raise NotJson("too many values")

    def _fields(self, value: dict[str, Any], node: _Node, depth: int) -> None:
        # `_items` once more: this is where the time goes, and a call for each value doubles it.
        if depth > MAX_DEPTH:
            raise NotJson("too deep")
        add, kids = self.found.append, node.kids
        for key, item in value.items():
            kid = kids.get(key)
            if kid is None:
                kid = node.kid(key)
                if kid is node.item:
                    add((kid.below.get(NAME) or kid.inside(NAME), key))
            kind = type(item)
            if kind is str:
                add((kid.slot, item))
                if (len(item) > 15 or not item.isalnum()) and may_nest(item):
                    self._inside(item, kid)
            elif item is None:
                add((kid.slot, "null"))
            elif kind is bool:
                add((kid.slot, "true" if item else "false"))
            elif kind is dict:
                self._fields(item, kid, depth + 1)
            elif kind is list:
                self._items(item, kid.item or kid.items(), depth + 1)
            else:
                self._number(item, kid)

    def _items(self, value: list[Any], kid: _Node, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise NotJson("too deep")
        for item in value:
            kind = type(item)
            if kind is str:
                self.found.append((kid.slot, item))
                if may_nest(item):
                    self._inside(item, kid)
            elif kind is dict:
                self._fields(item, kid, depth + 1)
            elif kind is list:
                self._items(item, kid.item or kid.items(), depth + 1)
            else:
                self._number(item, kid)

    def _number(self, value: Any, node: _Node) -> None:
        text = number_text(value)
        self.zeros = self.zeros or text == "0"
        self.found.append((node.slot, text))

    def _inside(self, text: str, node: _Node) -> None:
        inside = expand(text)
        if inside and self._nested + len(inside) <= MAX_LEAVES:
            self._nested += len(inside)
            below = node.below
            self.found += [(below.get(slot) or node.inside(slot), leaf[4]) for _, _, slot, leaf in inside]


def _root() -> _Node:
    return _places.roots.get("body.$") or _places.roots.setdefault("body.$", _Node("body.$", kept=True))
