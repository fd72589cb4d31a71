"""What a value looks like, read from its text alone: an issued id, an instant, an e-mail, a word of the API."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

EMAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
UUID: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?|\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")
_DIGITS: Final = re.compile(r"\d+")
_HAS_DIGIT: Final = re.compile(r"\d")
_HAS_LETTER: Final = re.compile(r"[A-Za-z]")
_TOKENISH: Final = re.compile(r"[A-Za-z0-9_\-.~+/=:%]+")
_WORD_BREAK: Final = re.compile(r"[-_.~:]")
_URL: Final = re.compile(r"https?://[^/\s]+(/[^\s]*)?")


def is_instant(text: str) -> bool:
    """An ISO or HTTP date, or such a date-time."""
    return _INSTANT.fullmatch(text) is not None


def is_issued(text: str) -> bool:
    """Could only have come from whoever made it: too random to be guessed, typed or counted.

    At least 8 characters of a token's alphabet with both digits and letters (or 20 with mixed case), and neither an
    instant nor an e-mail. Small integers and words are not: they are equal by chance too often.
    """
    if len(text) < 8 or len(text) > 4096 or _TOKENISH.fullmatch(text) is None:
        return False
    if is_instant(text) or _DIGITS.fullmatch(text):
        return False
    if _HAS_DIGIT.search(text) and _HAS_LETTER.search(text):
        return True
    return len(text) >= 20 and text != text.lower() and text != text.upper()


def is_id_segment(segment: str) -> bool:
    """A path segment that stands for one thing among many: digits, a uuid, a token."""
    if _DIGITS.fullmatch(segment) or UUID.fullmatch(segment):
        return True
    return is_issued(segment) and any(_is_random(part) for part in _WORD_BREAK.split(segment))


def _is_random(part: str) -> bool:
    """A run of characters nobody would choose for a name: `9f3c01ab` is one, `sale2024` and `addItem` are not."""
    if len(part) < 8:
        return False
    humps = sum(a.islower() and b.isupper() for a, b in pairwise(part))
    return len(_DIGITS.findall(part)) >= 2 or 6 * humps >= len(part) >= 12


def url_path(text: str) -> str | None:
    """Path and query of an absolute URL ("/" for a bare origin), or None when `text` is not one."""
    match = _URL.fullmatch(text)
    return None if match is None else match[1] or "/"
