"""Keyed stand-ins for what is personal: the same value gives the same stand-in under one key, and nothing leads back.

The vocabulary is invented: a stand-in taken from a list of real names would be somebody.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from traces.anonymize.detect import Kind
from traces.anonymize.published import PUBLISHED, SUCCEEDS

#: Area codes of North America that are in use: validation knows them.
_AREAS: Final = (
    "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239".split()
)
_START: Final = "b d f g h k l m n p r s t v z br dr fl gr kl pl st tr".split()
_MIDDLE: Final = "a e i o u ae ei ou".split()
_END: Final = "l m n r s t nd rk lm".split()


def subkey(key: bytes, *parts: object) -> bytes:
    """A key of its own for a run, lap or clone: BLAKE2b of the parts under `key` (at most 64 bytes)."""
    return hashlib.blake2b("\0".join(map(str, parts)).encode(), key=key[:64], digest_size=32).digest()


def stand_in(key: bytes, kind: Kind, text: str) -> str:
    """What replaces `text`, a personal value of this kind, under `key`."""
    # Folded, so that one person typed in two ways stays one person.
    number = int.from_bytes(
        hashlib.blake2b(f"{kind}\0{text.strip().casefold()}".encode("utf-8", "surrogatepass"), key=key[:64]).digest()
    )
    if kind == "email":
        return f"{_word(number).lower()}.{number % 16**10:010x}@example.com"
    if kind == "card":
        return _card(text)
    if kind == "phone":
        return _phone(number, text)
    if kind == "user":
        return _user(number, text)
    return re.sub(r"\w+", lambda word: _recase(_word(number >> (7 * (word.start() % 40))), word[0]), text)


def _word(number: int) -> str:
    parts = []
    for _ in range(2):
        for choices in (_START, _MIDDLE):
            number, index = divmod(number, len(choices))
            parts.append(choices[index])
    return ("".join(parts) + _END[number % len(_END)]).capitalize()


def _recase(word: str, like: str) -> str:
    if like.isupper() and len(like) > 1:
        return word.upper()
    return word.lower() if like.islower() else word


def _user(number: int, text: str) -> str:
    """A name that no account has yet, of at most 15 letters and digits, as the strictest of services want them.

    One of digits alone, a customer's number, stays one; a short one would meet another's.
    """
    if text.isdecimal() and 8 <= len(text) <= 64:
        return str(10 ** (len(text) - 1) + number % (9 * 10 ** (len(text) - 1)))
    number, chance = divmod(number, 16**8)
    return f"{_word(number).lower()[:7]}{chance:08x}"


def _card(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return text if digits in PUBLISHED else card_like(SUCCEEDS.get(digits[0], SUCCEEDS["4"]), text)


def card_like(number: str, text: str) -> str:
    """A card's number, written as the one in `text` is: in fours with its separator, or in one."""
    separator = next((c for c in text if c in " -"), "")
    return separator.join(number[i : i + 4] for i in range(0, len(number), 4)) if separator else number


def _phone(number: int, text: str) -> str:
    """A number kept free for fiction: Ofcom's 020 7946 0xxx for Britain, 555-01xx for everywhere else.

    Ofcom's mobile range (07700 900xxx) would look more alike, but the validation that shops use refuses it. With a plus
    only where there was one: a JSON number has none, and none that begins with 0.
    """
    digits, plus = re.sub(r"\D", "", text), "+" if "+" in text else ""
    if digits.startswith("44"):
        return f"{plus}442079460{number % 1000:03d}"
    if digits.startswith("0") and not digits.startswith("00"):
        return f"02079460{number % 1000:03d}"
    number, area = divmod(number, len(_AREAS))
    return f"{plus}1{_AREAS[area]}55501{number % 100:02d}"
