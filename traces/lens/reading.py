"""A live answer, read at single places: parsed no further than asked for, and once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Final, NamedTuple, Protocol

from traces.lens.address import Address, Step, address_of, label
from traces.lens.coding import text_of
from traces.lens.json_leaves import NotJson
from traces.lens.json_values import Inexact, load, number_text
from traces.lens.leaf import NAME, Keys
from traces.lens.message import decoded_body, media_type, plain_leaves
from traces.lens.nested import hint_in, hint_of, leaves_in
from traces.lens.packed import undo
from traces.lens.parts import pieces
from traces.lens.set_cookie import cookie_text
from traces.lens.stream import Span, events, lines
from traces.model import HeaderPairs, header_value

_PIECE: Final = re.compile(r"\|parts\[(\d+)\]")


class Selector(Protocol):
    """Which item of a list: the one whose `key` reads `text`, if it is the only one, else the one at its index.

    depth: where the index stands in `steps_of(address)`.
    """

    @property
    def depth(self) -> int: ...
    @property
    def key(self) -> str: ...
    @property
    def text(self) -> str: ...


class Reading:
    """An answer's headers and body (as on the wire; None for one not kept), to be read at any number of addresses."""

    def __init__(self, headers: HeaderPairs, body: bytes | None) -> None:
        self._headers = headers
        self._body = body
        self._documents: dict[Span, _Document] = {}

    def text(self, address: Address, selectors: Sequence[Selector] = ()) -> str | None:
        """The text at a place; None when this answer has none there, a null or a list.

        selectors: of the lists on the way, those whose item is known by what a sibling in it reads.
        """
        text = self._root(address, selectors)
        depth, hint = len(address.keys), hint_of(address.path)
        for step in address.chain:
            if text is None:
                return None
            text = _inside(text, step, hint, _below(selectors, depth))
            depth, hint = depth + len(step.keys), hint_in(step.codec)
        return text

    def exists(self, keys: Keys) -> bool:
        """Does the body, as one JSON document, have anything but null at these keys?"""
        return _walk(self._whole.loaded, keys) is not None

    def _root(self, address: Address, selectors: Sequence[Selector]) -> str | None:
        kind, name = address.kind, address.name
        if kind == "json":
            return self._whole.text(address.keys, selectors)
        if kind == "cookie":
            return cookie_text(self._headers, name.encode("latin-1"))
        if kind == "header":
            value = header_value(self._headers, name.encode("latin-1"))
            return None if value is None else text_of(value)
        if kind in {"sse", "line"}:
            return self._item(name, address.keys, self._events if kind == "sse" else self._lines, selectors)
        if kind == "text":
            return text_of(self._data) or None
        return self._by_place.get(self._chosen(address, selectors))

    @cached_property
    def _data(self) -> bytes:
        return decoded_body(self._headers, self._body)

    @cached_property
    def _whole(self) -> _Document:
        return _Document(self._data)

    @cached_property
    def _by_place(self) -> dict[Address, str]:
        leaves = plain_leaves(media_type(self._headers), self._data)
        # The first of a name counts.
        return {address_of(x): x.text for x in reversed(leaves) if not (x.number and x.text == "null")}

    def _chosen(self, address: Address, selectors: Sequence[Selector]) -> Address:
        """The address with the indices of those items of a page's lists that are called as they were.

        Where several are, as a product's picture and its name lead to it, all must read the same.
        """
        address, keys = Address(address.kind, address.name, address.keys), address.keys
        for selector in selectors:
            depth = selector.depth
            if depth >= len(keys) or not isinstance(keys[depth], int):
                continue
            found: dict[str | None, Address] = {}
            for index in self._called.get((label(address, depth, 0, selector.key), selector.text), ()):
                item = address._replace(keys=(*address.keys[:depth], index, *keys[depth + 1 :]))
                found.setdefault(self._by_place.get(item), item)
            if len(found) == 1:
                ((text, item),) = found.items()
                address = address if text is None else item
        return address

    @cached_property
    def _called(self) -> dict[tuple[Address, str], list[int]]:
        """Which items of a page's lists have a text: by where the first of the list has such a one."""
        called: defaultdict[tuple[Address, str], list[int]] = defaultdict(list)
        for place, text in self._by_place.items():
            at = len(place.keys) - (2 if place.name.endswith(".$") else 1)
            if at >= 0 and isinstance(index := place.keys[at], int):
                first = place._replace(keys=(*place.keys[:at], 0, *place.keys[at + 1 :]))
                called[first, text].append(index)
        return called

    @cached_property
    def _lines(self) -> Sequence[_Fields]:
        return [[("", span)] for span in lines(self._data.decode("latin-1"))]

    @cached_property
    def _events(self) -> Sequence[_Fields]:
        return list(events(self._data.decode("latin-1")))

    def _item(self, name: str, keys: Keys, items: Sequence[_Fields], selectors: Sequence[Selector]) -> str | None:
        """What an event or a line holds: `name` is its field, with `.$` behind it for its document."""
        field, dollar, _ = name.partition(".$")
        field, _, which = field.partition("[")
        number = keys[0]
        for selector in selectors:
            if selector.depth == 0:
                found = [n for n, item in enumerate(items) if self._reads(item, field, selector)]
                number = found[0] if len(found) == 1 else number
        if not isinstance(number, int) or number >= len(items):
            return None
        spans = _spans(items[number], field)
        if dollar:
            return self._document(spans).text(keys[1:], _below(selectors, 1)) if spans else None
        index = int(which[:-1]) if which else 0
        return text_of(self._data[slice(*spans[index])]) if index < len(spans) else None

    def _reads(self, item: _Fields, field: str, selector: Selector) -> bool:
        spans = _spans(item, field)
        return bool(spans) and self._document(spans).text((selector.key,)) == selector.text

    def _document(self, spans: Sequence[Span]) -> _Document:
        """The document that stands at these spans of the body, line for line."""
        document = self._documents.get(spans[0])
        if document is None:
            document = _Document(b"\n".join(self._data[slice(*span)] for span in spans))
            self._documents[spans[0]] = document
        return document


class _Document:
    """A JSON document that is loaded when it is first read; one that is none has nothing in it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._is_exact = False

    @cached_property
    def loaded(self) -> Any:
        """Its value, numbers as Python has them unless it has been read for one that needs its text."""
        try:
            return load(self._data, exact=self._is_exact)
        except NotJson:
            return None

    def text(self, keys: Keys, selectors: Sequence[Selector] = ()) -> str | None:
        """The text of the scalar at `keys`; None for null and for what is no scalar."""
        try:
            return self._scalar(self._select(keys, selectors))
        except Inexact:
            self._is_exact = True
            del self.loaded
            return self._scalar(self._select(keys, selectors))

    def _select(self, keys: Keys, selectors: Sequence[Selector]) -> Any:
        """Walk `keys`; a list's item that a sibling names is looked for by it, else taken by its index."""
        value, name = self.loaded, None
        by_depth = {selector.depth: selector for selector in selectors}
        for depth, key in enumerate(keys):
            if key == NAME:
                return name
            if not isinstance(key, int):
                value = _walk(value, (key,))
                continue
            selector = by_depth.get(depth)
            if selector is not None and isinstance(value, list | dict):
                named = [
                    n
                    for n, item in enumerate(value.values() if isinstance(value, dict) else value)
                    if isinstance(item, dict) and self._scalar(_below_item(item, selector.key)) == selector.text
                ]
                name, value = _item(value, named[0] if len(named) == 1 else key)
            else:
                name, value = _item(value, key)
        return value

    def _scalar(self, value: Any) -> str | None:
        if type(value) is str:
            return value
        if value is None or isinstance(value, dict | list):
            return None
        if value == 0 and type(value) is int and b"-0" in self._data:
            raise Inexact
        return number_text(value)


class _Shifted(NamedTuple):
    """A selector whose depth is counted from further in."""

    depth: int
    key: str
    text: str


_Fields = Sequence[tuple[str, Span]]


def _below(selectors: Sequence[Selector], depth: int) -> Sequence[Selector]:
    return [_Shifted(s.depth - depth, s.key, s.text) for s in selectors if s.depth >= depth] if depth else selectors


def _spans(item: _Fields, field: str) -> list[Span]:
    return [span for name, span in item if name == field and span[0] < span[1]]


def _walk(value: Any, keys: Keys) -> Any:
    name = None
    for key in keys:
        if isinstance(key, int):
            name, value = _item(value, key)
        elif key == NAME and name is not None:
            return name
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def _below_item(item: dict[str, Any], key: str) -> Any:
    """What an item reads at a selector's key, `node.title` where it has no such field itself."""
    return item[key] if key in item else _walk(item, tuple(key.split(".")))


def _item(value: Any, index: int) -> tuple[str | None, Any]:
    """(name, value) of an item of a list, which has no name, or of an object whose keys are ids; -1 is the last."""
    if isinstance(value, list) and -len(value) <= index < len(value):
        return None, value[index]
    if isinstance(value, dict) and -len(value) <= index < len(value):
        return next(islice(value.items(), index % len(value), None))
    return None, None


def _inside(text: str, step: Step, hint: str, selectors: Sequence[Selector]) -> str | None:
    """What stands inside a text, one codec further in."""
    if piece := _PIECE.fullmatch(step.place):
        found, index = pieces(text), int(piece[1])
        return text[slice(*found[index])] if index < len(found) else None
    if step.place.endswith(".$") or step.codec == "base64":
        try:
            data = undo(step.codec, text)
        except ValueError:
            return None
        return _Document(data).text(step.keys, selectors) if step.place.endswith(".$") else text_of(data)
    return next((leaf.text for leaf in leaves_in(step.codec, text, hint) if leaf.path == step.place), None)
