"""JSON's leaves by span, so that a value can be replaced and every other byte stays: white space, escapes, key order.

Written here because no JSON library tells where a value stands. It takes exactly the documents of RFC 8259, as the
standard library's strict reader does: a body that only nearly is JSON cannot be read live either.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Final

from traces.lens.leaf import Leaf

_MAX_DEPTH: Final = 64
#: A body of more leaves than this is one leaf: time is bounded by the size of a message, memory is not.
MAX_LEAVES: Final = 20_000

# Possessive repeats (*+): what cannot match is found out in one pass, however long the string.
_STRING: Final = rb'"([^"\\\x00-\x1f]*+(?:\\["\\/bfnrtu][^"\\\x00-\x1f]*+)*+)"'
_NUMBER: Final = rb"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?"
_SPACE: Final = rb"[ \t\r\n]*+"
_VALUE: Final = re.compile(rb"%b(?:%b|(%b|true|false|null)|([{\[]))" % (_SPACE, _STRING, _NUMBER))
_KEY: Final = re.compile(rb"%b%b%b:" % (_SPACE, _STRING, _SPACE))
_MARK: Final = re.compile(rb"%b([,\]}])" % _SPACE)
_END: Final = re.compile(_SPACE)

Keys = tuple[str | int, ...]


class NotJson(ValueError):
    """The bytes are not one JSON document, or one deeper or larger than we walk."""


def json_leaves(data: bytes) -> list[Leaf]:
    """Every scalar of the document in `data`, in order; the document may be a bare scalar.

    Raises NotJson for anything else, however malformed.
    """
    walk = _Walk(data)
    end = _END.match(data, walk.value(0, (), "body.$"))
    if end is None or end.end() != len(data):
        raise NotJson("more than one document")
    return walk.leaves


class _Walk:
    """One pass over a document; every method takes a position and returns that behind what it read."""

    def __init__(self, data: bytes) -> None:
        self.leaves: list[Leaf] = []
        self._data = data

    def value(self, at: int, keys: Keys, path: str) -> int:
        match = _VALUE.match(self._data, at)
        if match is None:
            raise NotJson(f"no value at byte {at}")
        kind = match.lastindex or 0
        start, end = match.span(kind)
        if kind == 3:
            if len(keys) >= _MAX_DEPTH:
                raise NotJson("too deep")
            return (self._object if match[3] == b"{" else self._list)(end, keys, path)
        if len(self.leaves) >= MAX_LEAVES:
            raise NotJson("too many values")
        text = _text(match[1]) if kind == 1 else match[2].decode()
        self.leaves.append(Leaf("body", path, start, end, text, "json", -1, keys, kind == 2))
        return match.end()

    def _object(self, at: int, keys: Keys, path: str) -> int:
        mark = _MARK.match(self._data, at)
        if mark is not None and mark[1] == b"}":
            return mark.end()
        while True:
            match = _KEY.match(self._data, at)
            if match is None:
                raise NotJson(f"no key at byte {at}")
            key = _text(match[1])
            # Interned: a trace holds the same few paths in every message.
            at, goes_on = self._mark(self.value(match.end(), (*keys, key), sys.intern(f"{path}.{key}")), b"}")
            if not goes_on:
                return at

    def _list(self, at: int, keys: Keys, path: str) -> int:
        mark = _MARK.match(self._data, at)
        if mark is not None and mark[1] == b"]":
            return mark.end()
        index, goes_on = 0, True
        while goes_on:
            at, goes_on = self._mark(self.value(at, (*keys, index), sys.intern(f"{path}[{index}]")), b"]")
            index += 1
        return at

    def _mark(self, at: int, closing: bytes) -> tuple[int, bool]:
        """Past the comma (True: another item follows) or the closing bracket."""
        mark = _MARK.match(self._data, at)
        if mark is None or mark[1] not in (b",", closing):
            raise NotJson(f"neither a comma nor an end at byte {at}")
        return mark.end(), mark[1] == b","


def _text(raw: bytes) -> str:
    text = raw.decode("utf-8", "surrogateescape")
    if "\\" not in text:
        return text
    try:
        unescaped: str = json.loads(f'"{text}"')
    except ValueError:
        raise NotJson("a bad escape") from None
    return unescaped
