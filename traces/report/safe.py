"""Strings out of traces are written by whoever sent the traffic: none may steer a terminal or turn a line around.

Rule 1: a renderer cleans the whole comparison first and formats afterwards, so that no field can be forgotten.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, TypeVar

_T = TypeVar("_T")

#: Control, format (bidi overrides, zero width), surrogate, private, unassigned; line and paragraph separators.
_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LONGEST: Final = 500


def printable(text: str, longest: int = _LONGEST) -> str:
    """`text` with every character that does something instead of showing something written as its escape.

    At most `longest` characters are kept: a path may be as long as its sender likes.
    """
    text = text if len(text) <= longest else text[: longest - 3] + "..."
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(char) if unicodedata.category(char) in _UNSAFE else char for char in text)


def _escaped(char: str) -> str:
    point = ord(char)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def clean(value: _T) -> _T:
    """The same tree of dataclasses, tuples and mappings with every string printable."""
    return _cleaned(value)  # type: ignore[no-any-return]  # the walk keeps every type, which no checker can see


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{item.name: _cleaned(getattr(value, item.name)) for item in fields(value)})
    if isinstance(value, Mapping):
        return {printable(str(key)): _cleaned(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_cleaned(item) for item in value)
    return value


def cells(text: str) -> int:
    """Columns `text` takes in a terminal: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def shorten(text: str, width: int, ellipsis: str = "...") -> str:
    """`text` in at most `width` columns; the middle goes, because a path says most at its ends."""
    if cells(text) <= width:
        return text
    room = width - len(ellipsis)
    head, tail = _fitting(text, room // 3), _fitting(text[::-1], room - room // 3)[::-1]
    return f"{head}{ellipsis}{tail}"


def _fitting(text: str, room: int) -> str:
    """The longest beginning of `text` that takes at most `room` columns."""
    taken = 0
    for index, char in enumerate(text):
        taken += cells(char)
        if taken > room:
            return text[:index]
    return text
