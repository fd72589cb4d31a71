"""The shapes that answers of one make had, as one tree: which places there are, and what stood there.

Rule 1: an answer that went into the tree is always like it. A place is never null only when it never was.
Rule 2: what is new is fine, at every place but one that always had something else.
Rule 3: nothing stands for nothing. Where null, "" or an empty list once stood, or where a key was once missing, any of
these may stand; but a key that was always there is missed.
Rule 4: an object's keys that are ids name items, as a list's indices do.
"""

from __future__ import annotations

from itertools import islice
from typing import Any, Final

from traces.outcome.bounds import MAX_DEPTH, MAX_ITEMS, MAX_NODES, clipped
from traces.outcome.kinds import BLANK, FULL, HOLDERS, NOTHING, SOMETHING, TEXT, accepted, kind_of, otherwise
from traces.shapes import is_id_segment, is_instant

#: A text that was there this often and never empty is never empty. Below that, empty is a value like any other.
_SURE: Final = 5
#: Keys of one object that are told apart, and how long one may be: a longer one is data.
_KEYS: Final = 256
_KEY: Final = 128


class Room:
    """How many places may still be kept, by all trees together."""

    def __init__(self, places: int) -> None:
        self._left = places

    def take(self) -> bool:
        """One more place; False when there is no room."""
        self._left -= 1
        return self._left >= 0


class _Node:
    """A place.

    above, key: the place it stands in, and under which key there.
    seen:    how often something stood here; objects: how often an object.
    item:    the place of all items, of a list or of an object whose keys are ids.
    accepts: the kinds that a live answer may have here; required, checks: its keys that must be there, and all of
             them with what each accepts. These follow from the rest, once settled.
    """

    __slots__ = ("above", "accepts", "checks", "item", "key", "kids", "kinds", "objects", "required", "seen")

    def __init__(self, above: _Node | None, key: str) -> None:
        self.above, self.key = above, key
        self.seen = self.objects = self.kinds = self.accepts = 0
        self.kids: dict[str, _Node] = {}
        self.item: _Node | None = None
        self.required: frozenset[str] = frozenset()
        self.checks: tuple[tuple[str, int, _Node], ...] = ()

    @property
    def path(self) -> str:
        return "$" if self.above is None else f"{self.above.path}{self.key}"

    def settle(self, *, optional: bool) -> None:
        """Work out what a live answer may have here and below."""
        self.accepts = accepted(self.kinds, optional=optional)
        if self.kinds & TEXT and self.seen < _SURE:
            self.accepts |= BLANK
        for kid in self.kids.values():
            kid.settle(optional=kid.seen < self.objects)
        self.required = frozenset(key for key, kid in self.kids.items() if kid.seen == self.objects)
        self.checks = tuple((key, kid.accepts, kid) for key, kid in self.kids.items())
        if self.item is not None:
            self.item.settle(optional=False)


_Todo = list[tuple[_Node, Any]]


class Tree:
    """Learns from recorded documents, then judges live ones."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._root = _Node(None, "")
        self._settled = True

    def add(self, document: Any) -> None:
        """Learn from one more document; of one too large, from what stands first."""
        self._settled = False
        self._root.kinds |= kind_of(document)
        left, level, todo = MAX_NODES, 0, [(self._root, document)]
        # Level by level, so that what is cut off of a large document is its depth.
        while todo and level < MAX_DEPTH:
            below: _Todo = []
            for node, value in todo:
                if left <= 0:
                    return
                if type(value) is dict:
                    left -= self._add_fields(node, value, left, below)
                elif type(value) is list and value:
                    left -= self._add_items(node, value[: min(left, MAX_ITEMS)], below)
            todo, level = below, level + 1

    def differs(self, document: Any) -> str | None:
        """What this document has otherwise than all that were learned from, or None."""
        if not self._settled:
            self._root.settle(optional=False)
            self._settled = True
        kind = kind_of(document)
        if not kind & self._root.accepts:
            return otherwise(self._root.path, kind, self._root.kinds)
        left, todo = MAX_NODES, [(self._root, document)] if kind & FULL else []
        for node, value in todo:
            why, items = None, value
            if type(value) is dict:
                why = _fields_differ(node, value, todo)
                left -= len(node.checks)
                items = _items(value) if node.item is not None else []
            if why is None and node.item is not None:
                why = _items_differ(node.item, items[:MAX_ITEMS], todo)
                left -= min(len(items), MAX_ITEMS)
            if why is not None or left <= 0:
                return why
        return None

    def _add_fields(self, node: _Node, value: dict[str, Any], left: int, below: _Todo) -> int:
        node.objects += 1
        kids = node.kids
        for key, item in value.items() if len(value) <= left else islice(value.items(), left):
            try:
                kid = kids[key]
            except KeyError:
                known = self._kid(node, key)
                if known is None:
                    continue
                kid = known
            kid.seen += 1
            kind = SOMETHING[type(item)] if item else NOTHING[type(item)]
            kid.kinds |= kind
            # An empty object too: none of its fields is always there.
            if kind & HOLDERS:
                below.append((kid, item))
        return len(value)

    def _add_items(self, node: _Node, items: list[Any], below: _Todo) -> int:
        place = self._item(node)
        if place is None:
            return 0
        for item in items:
            kind = SOMETHING[type(item)] if item else NOTHING[type(item)]
            place.kinds |= kind
            if kind & HOLDERS:
                below.append((place, item))
        return len(items)

    def _kid(self, node: _Node, key: str) -> _Node | None:
        """A place not seen before below an object, or None when it is not kept."""
        if _is_id(key):
            return self._item(node)
        if len(node.kids) >= _KEYS or len(key) > _KEY or not self._room.take():
            return None
        kid = node.kids[key] = _Node(node, f".{key}")
        return kid

    def _item(self, node: _Node) -> _Node | None:
        if node.item is None and self._room.take():
            node.item = _Node(node, "[*]")
        return node.item


def _fields_differ(node: _Node, value: dict[str, Any], todo: _Todo) -> str | None:
    if not value.keys() >= node.required:
        return f"{clipped(f'{node.path}.{min(node.required - value.keys())}')} is missing"
    something, nothing = SOMETHING, NOTHING
    for key, accepts, kid in node.checks:
        try:
            item = value[key]
        except KeyError:
            continue
        kind = something[type(item)] if item else nothing[type(item)]
        if not kind & accepts:
            return otherwise(kid.path, kind, kid.kinds)
        if kind & FULL:
            todo.append((kid, item))
    return None


def _items_differ(place: _Node, items: list[Any], todo: _Todo) -> str | None:
    for item in items:
        kind = SOMETHING[type(item)] if item else NOTHING[type(item)]
        if not kind & place.accepts:
            return otherwise(place.path, kind, place.kinds)
        if kind & FULL:
            todo.append((place, item))
    return None


def _items(value: dict[str, Any]) -> list[Any]:
    """What of an object its ids name."""
    return [item for key, item in islice(value.items(), MAX_NODES) if _is_id(key)]


def _is_id(key: str) -> bool:
    return any(map(str.isdigit, key)) and (is_id_segment(key) or is_instant(key))
