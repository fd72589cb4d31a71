"""JSON's leaves by span, so that a value can be replaced and every other byte stays: white space, escapes, key order.

Written here because no JSON library tells where a value stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from traces.lens.leaf import Leaf

_MAX_DEPTH: Final = 64
#: A body of more leaves than this is one leaf: time is bounded by the size of a message, memory is not.
MAX_LEAVES: Final = 20_000

_TOKEN: Final = re.compile(
    rb'[ \t\r\n]*(?:"((?:[^"\\\x00-\x1f]|\\.)*)"|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([{}\[\],:]))'
)


class NotJson(ValueError):
    """The bytes are not one JSON document, or one deeper or larger than we walk."""


def json_leaves(data: bytes) -> list[Leaf]:
    """Every scalar of the document in `data`, in order; the document may be a bare scalar.

    Raises NotJson for anything else, however malformed.
    """
    leaves = list(_walk(data))
    if not leaves and not data.strip():
        raise NotJson("empty")
    return leaves


def _walk(data: bytes) -> Iterator[Leaf]:  # noqa: PLR0912 - one state machine; split, each half would hide the other
    position, count = 0, 0
    # One entry a container: the index of a list, or the key an object is at (None: a key comes next).
    stack: list[int | str | None] = []
    wants_value = True
    while True:
        match = _TOKEN.match(data, position)
        if match is None:
            if data[position:].strip() or stack or wants_value:
                raise NotJson(f"at byte {position}")
            return
        position = match.end()
        kind = match.lastindex
        if kind == 3:
            mark = match[3]
            if mark in b"{[":
                if not wants_value or len(stack) >= _MAX_DEPTH:
                    raise NotJson(f"at byte {position}")
                stack.append(None if mark == b"{" else 0)
                wants_value = mark == b"["
            elif mark in b"}]":
                if not stack or isinstance(stack[-1], int) != (mark == b"]"):
                    raise NotJson(f"at byte {position}")
                stack.pop()
                wants_value = False
            elif mark == b",":
                if not stack or (wants_value and stack[-1] is not None):
                    raise NotJson(f"at byte {position}")
                top = stack[-1]
                stack[-1] = top + 1 if isinstance(top, int) else None
                wants_value = isinstance(top, int)
            elif not stack or not isinstance(stack[-1], str) or wants_value:
                raise NotJson(f"at byte {position}")
            else:
                wants_value = True
            continue
        if stack and stack[-1] is None:
            if kind != 1:
                raise NotJson(f"at byte {position}")
            stack[-1] = _string(match[1])
            continue
        if not wants_value:
            raise NotJson(f"at byte {position}")
        wants_value = False
        count += 1
        if count > MAX_LEAVES:
            raise NotJson("too many values")
        keys = tuple(key for key in stack if key is not None)
        yield Leaf(
            part="body",
            path="body.$" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys),
            keys=keys,
            start=match.start(kind or 0),
            end=match.end(kind or 0),
            text=_string(match[1]) if kind == 1 else match[2].decode(),
            coding="json",
            number=kind == 2,
        )


def _string(raw: bytes) -> str:
    if b"\\" not in raw:
        return raw.decode("utf-8", "surrogateescape")
    try:
        text: str = json.loads(b'"' + raw + b'"')
    except ValueError:
        raise NotJson("a bad escape") from None
    return text
