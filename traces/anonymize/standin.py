"""Keyed stand-ins for what is personal: the same value gives the same stand-in under one key, and nothing leads back.

The vocabulary is invented: a stand-in taken from a list of real names would be somebody.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from traces.anonymize.detect import Kind

#: Published test cards by the first digit of the network; a card that is one already stays, for its outcome's sake.
_TEST_CARDS: Final = {
    "2": "2223003122003222",
    "3": "378282246310005",
    "4": "4242424242424242",
    "5": "5555555555554444",
    "6": "6011111111111117",
}
_PUBLISHED: Final = frozenset(
    {
        *_TEST_CARDS.values(),
        "4000056655665556",
        "4000000000000002",
        "4000000000009995",
        "4000000000009987",
        "4000000000000069",
        "4000000000000127",
        "4000002500003155",
        "4000000000003220",
        "5105105105105100",
        "371449635398431",
        "30569309025904",
        "3566002020360505",
    }
)
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


def _card(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    if digits in _PUBLISHED:
        return text
    replacement = _TEST_CARDS.get(digits[0], _TEST_CARDS["4"])
    separator = next((c for c in text if c in " -"), "")
    return separator.join(replacement[i : i + 4] for i in range(0, len(replacement), 4)) if separator else replacement


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
