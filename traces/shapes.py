"""What a value looks like, read from its text alone: an issued id, an instant, an e-mail, a word of the API."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

#: Without `/`, `=`, `?` and `&`, which stand in an address in the standards only and before one in every URL. At most
#: 64 characters before the @ (RFC 5321, 4.5.3.1), and only from a word's start: a long token is passed over in one go.
EMAIL: Final = re.compile(r"(?<!\w)\w[\w.!#$%'*+^`{|}~-]{0,63}+@(?:[\w-]{1,63}+\.){1,8}[^\W\d_][\w-]{0,61}[^\W_]")
UUID: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?|\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")
_DIGITS: Final = re.compile(r"\d+")
_RUN: Final = re.compile(r"[a-z]+|[A-Z]+|\d+")
#: `17`, `17.json`, `100014-2025`; `1.0` is none, and a day is not.
_NUMBERED: Final = re.compile(r"\d+(?:\.[a-z]{2,5})?|(?=[\d,_-]{8,})\d+(?:[-_,]\d+)+")
#: Letters and digits that take turns, or a letter or three before many digits.
_CODE: Final = re.compile(
    r"(?=\w{5,7}\Z)(?:[A-Za-z]+\d+[A-Za-z][A-Za-z\d]*|\d+[A-Za-z]+\d[A-Za-z\d]*|\d[A-Za-z]{2,}|[A-Za-z]{1,3}\d{4,})",
    re.ASCII,
)
_DIGIT: Final = re.compile(r"\d")
#: A digit and a letter, of ASCII.
_MIXED: Final = re.compile(r"[^A-Za-z0-9]*+(?:[0-9][^A-Za-z]*+[A-Za-z]|[A-Za-z][^0-9]*+[0-9])")
_TOKENISH: Final = re.compile(r"[A-Za-z0-9_\-.~+/=:%]+")
_WORD_BREAK: Final = re.compile(r"[-_.~:]")
_URL: Final = re.compile(r"(?:(?:https?:)?//[^/?#\s]+)?([/?][^#\s]*)?(?:#\S*)?")
#: What stands between `/`, `?`, `&` and `=` and has a digit, but `v1`, `oauth2` and `v2.1`, which are words of the API.
_NAMING_PART: Final = re.compile(r"(?:\A|[/?&=])(?=[^/?&=\d]*+\d)(?![A-Za-z]+\d{1,2}(?:\.\d+)?(?:[/?&=]|\Z))")
_RUNNING_NUMBER: Final = re.compile(r"\d{5,}")


def is_instant(text: str) -> bool:
    """An ISO or HTTP date, or such a date-time."""
    return _INSTANT.fullmatch(text) is not None


def is_issued(text: str) -> bool:
    """Could only have come from whoever made it: too random to be guessed, typed or counted.

    At least 8 characters of a token's alphabet with both digits and letters (or 20 with mixed case), and neither an
    instant nor an e-mail. Small integers and words are not: they are equal by chance too often; nor is a URL that names
    no one thing.
    """
    if not 8 <= len(text) <= 4096 or (text[4] == text[7] == "-" and is_instant(text)):
        return False
    if _TOKENISH.fullmatch(text) is None:
        return False
    if text[0] in "/h" and (path := url_path(text)) is not None and not names_one(path):
        return False
    if _MIXED.match(text) is None:
        return len(text) >= 20 and not text.isdecimal() and text != text.lower() and text != text.upper()
    return True


def is_id_segment(segment: str) -> bool:
    """A path segment that stands for one thing among many: digits, a uuid, a token, an order's number."""
    if UUID.fullmatch(segment) or (_NUMBERED.fullmatch(segment) and not is_instant(segment)):
        return True
    if "@" in segment or "%40" in segment:
        return EMAIL.fullmatch(segment.replace("%40", "@")) is not None
    if not is_issued(segment):
        return False
    parts = _WORD_BREAK.split(segment)
    return any(_RUNNING_NUMBER.fullmatch(part) is not None or _is_random(part) for part in parts)


def is_code(text: str) -> bool:
    """A short code, as bookings and vouchers have: `K7F3A2`, `R12345`. `HS256`, `size10` and `v2` are words."""
    return _CODE.fullmatch(text) is not None


def is_id_key(key: str) -> bool:
    """Does an object's key name one item among many, as an index does: an id, a day, somebody's address?"""
    return is_id_segment(key) or is_instant(key)


def _is_random(part: str) -> bool:
    """A run of characters nobody would choose for a name: `9f3c01ab` is one, `sale2024` and `addItem` are not."""
    if len(part) < 8:
        return False
    # Letters alone: chance makes half of them capitals, camelCase a fifth.
    small, capital = sum(c.islower() for c in part), sum(c.isupper() for c in part)
    if len(_DIGITS.findall(part)) >= 2 or 3 * min(small, capital) >= len(part) >= 12:
        return True
    # Chance changes from small to capital to digit at every second character, a hand at every third at most.
    return len(part) >= 10 and 9 * len(_RUN.findall(part)) >= 5 * len(part)


def url_path(text: str) -> str | None:
    """Path and query of a URL, absolute or relative to its host ("/" for a bare origin); None when it is neither."""
    if not text.startswith(("/", "http://", "https://")):
        return None
    match = _URL.fullmatch(text)
    if match is None:
        return None
    path = match[1] or "/"
    return path if path.startswith("/") else f"/{path}"


def names_one(path: str) -> bool:
    """Does a path (with its query) name one thing among many? `/orders/7` does; every page links to `/v1/login`."""
    return _DIGIT.search(path) is not None and _NAMING_PART.search(path) is not None


#: Words that name a thing, or a state of it: quantities, prices and pages do not.
_NAMING: Final = frozenset(
    "id ids uuid guid gid pk number no nr key token code ref reference version revision rev etag seq sequence cursor "
    "handle slug sku nonce url uri href secret csrf session after before next since".split()
)
#: `order_number` is an order's name; `page_number` is a count, and a phone's or a card's is its owner's.
_COUNTS: Final = frozenset({"number", "no", "nr"})
_COUNTED: Final = frozenset("page hous phone mobile card line row street tax vat".split())  # as `words` has them
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


@lru_cache(maxsize=1 << 12)
def words(name: str) -> tuple[str, ...]:
    """The words of a field's name, in the singular: `lineItems` and `line_items` are ("line", "item")."""
    return tuple(_singular(word.lower()) for word in _HUMP.split(name) if word)


def names_thing(name: tuple[str, ...]) -> bool:
    """Does a field called by these words hold what identifies something? An `id` does, a `quantity` does not."""
    return bool(name) and name[-1] in _NAMING and not (name[-1] in _COUNTS and name[-2:-1] and name[-2] in _COUNTED)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        word = word[:-1]
    # `purchase` and `boxes`: without their last letter both numbers of a word are written alike.
    return word[:-1] if word.endswith(("se", "xe", "che", "she")) else word
