"""The kinds of value that JSON has, as bits: what stood at a place, what may stand there, and how to say it did not."""

from __future__ import annotations

from typing import Any, Final

from traces.outcome.bounds import clipped

NULL, BOOLEAN, NUMBER, TEXT, BLANK, LIST, OBJECT, EMPTY = (1 << n for n in range(8))
#: What holds other values, and what could.
FULL: Final = LIST | OBJECT
HOLDERS: Final = FULL | EMPTY
_ANY: Final = 255
_BLANKS: Final = NULL | BLANK | EMPTY

#: The kind of a value that is true to Python, by its type, and of one that is not: "" is BLANK, [] and {} are EMPTY.
SOMETHING: Final[dict[type, int]] = {bool: BOOLEAN, int: NUMBER, float: NUMBER, str: TEXT, list: LIST, dict: OBJECT}
NOTHING: Final[dict[type, int]] = {**SOMETHING, type(None): NULL, str: BLANK, list: EMPTY, dict: EMPTY}
_NAMES: Final = {BOOLEAN: "true or false", NUMBER: "a number", TEXT: "text", LIST: "a list", OBJECT: "an object"}


def kind_of(value: Any) -> int:
    """The kind of a value. Loops over many look it up themselves, for a call takes as long again."""
    return SOMETHING[type(value)] if value else NOTHING[type(value)]


def accepted(kinds: int, *, optional: bool) -> int:
    """What may stand where these kinds stood.

    optional: at times nothing stood there.
    """
    if kinds == NULL:
        return _ANY
    blank = optional or kinds & _BLANKS
    if kinds & BLANK:
        kinds |= TEXT
    if kinds & EMPTY:
        # Of what, does not show: PHP writes an empty object as a list.
        kinds |= FULL
    if blank:
        kinds |= NULL | (BLANK if kinds & TEXT else 0) | (EMPTY if kinds & FULL else 0)
    return kinds


def otherwise(path: str, kind: int, kinds: int) -> str:
    """The sentence that a value of this kind stands at a place where only others were recorded."""
    path = clipped(path)
    if kind == NULL:
        return f"{path} is null, never so when it was recorded"
    if (kind == BLANK and kinds & TEXT) or (kind == EMPTY and kinds & FULL):
        return f"{path} is empty, never so when it was recorded"
    # Beside other kinds, "" is a text, and what is empty a list.
    kind, kinds = _filled(kind), _filled(kinds)
    return f"{path} is {_NAMES[kind]}, recorded {' or '.join(name for bit, name in _NAMES.items() if kinds & bit)}"


def _filled(kinds: int) -> int:
    return (kinds | (TEXT if kinds & BLANK else 0) | (LIST if kinds & EMPTY and not kinds & OBJECT else 0)) & ~_BLANKS
