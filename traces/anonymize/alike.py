"""A token like another: same length, same alphabet, same words around it, and nothing of its chance in common."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Final

from traces.shapes import UUID

_PARTS: Final = re.compile(r"[A-Za-z0-9]+")
_HEX: Final = re.compile(r"(?:[0-9a-f]+|[0-9A-F]+)")
#: A run of letters alone this long is chance only if its letters are of both cases.
_LONG: Final = 12


def alike(key: bytes, text: str) -> str:
    """The token that stands for `text` under `key` (at most 64 bytes): the same one for the same text."""
    digits = _digits(key, text)
    if UUID.fullmatch(text):
        # Version and variant (RFC 9562, 4) stay what they are.
        kept = {8, 13, 18, 23, 14, 19}
        return "".join(c if n in kept else _like(c, next(digits), hexadecimal=True) for n, c in enumerate(text))
    changed = _PARTS.sub(lambda part: _part(part[0], digits) if _is_random(part[0]) else part[0], text)
    return changed if changed != text else _PARTS.sub(lambda part: _part(part[0], digits), text)


def _is_random(part: str) -> bool:
    has_digit, has_letter = any(c.isdigit() for c in part), any(c.isalpha() for c in part)
    if has_digit:
        return len(part) >= 6 or (has_letter and len(part) >= 4)
    return len(part) >= _LONG and not part.islower() and not part.isupper()


def _part(part: str, digits: Iterator[int]) -> str:
    hexadecimal = len(part) >= 8 and _HEX.fullmatch(part) is not None and not part.isdigit()
    return "".join(_like(c, next(digits), hexadecimal=hexadecimal, first=n == 0) for n, c in enumerate(part))


def _like(c: str, number: int, *, hexadecimal: bool, first: bool = False) -> str:
    if hexadecimal:
        drawn = "0123456789abcdef"[number % 16]
        return drawn.upper() if c.isupper() else drawn
    if c.isdigit():
        # A number that begins with 0 would be a shorter one.
        return "123456789"[number % 9] if first and c != "0" else "0123456789"[number % 10]
    letter = "abcdefghijklmnopqrstuvwxyz"[number % 26]
    return letter.upper() if c.isupper() else letter


def _digits(key: bytes, text: str) -> Iterator[int]:
    """Chance without end, told by the key and the text alone."""
    block = 0
    while True:
        data = f"{block}\0{text}".encode("utf-8", "surrogatepass")
        yield from hashlib.blake2b(data, key=key[:64], person=b"alike").digest()
        block += 1
