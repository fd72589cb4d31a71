"""Which parts of a request are a person's: e-mail addresses anywhere, cards, and phones and names by their field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from traces.lens.leaf import Leaf
from traces.shapes import EMAIL

Kind = Literal["email", "card", "phone", "name"]

_CARD: Final = re.compile(r"(?<![\d.])(?:\d[ -]?){12,18}\d(?![\d.])")
_PHONE_FIELD: Final = re.compile(r"phone|mobile|(^|_)tel($|_)|msisdn", re.IGNORECASE)
_NAME_FIELD: Final = re.compile(
    r"(^|_)(first|last|full|given|family|sur|middle|display|customer|billing|shipping|cardholder|holder|buyer|"
    r"recipient)_?name$|^(surname|forename)$",
    re.IGNORECASE,
)
_OWNER: Final = re.compile(r"customer|billing|shipping|buyer|recipient|holder|person|contact|address", re.IGNORECASE)
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-. ]")


@dataclass(frozen=True, slots=True)
class Personal:
    """A stretch of a leaf's text that is a person's."""

    kind: Kind
    start: int
    end: int
    text: str


def personal(leaf: Leaf) -> Iterator[Personal]:
    """Yield what is personal in a leaf, in order, without overlap."""
    text = leaf.text
    if leaf.part == "header" and leaf.path.startswith("header.user-agent"):
        return
    names = [_WORDS.sub("_", str(key)) for key in leaf.keys if isinstance(key, str)]
    field = names[-1] if names else _WORDS.sub("_", leaf.path.rpartition(".")[2])
    if not leaf.number and _is_name(field, names) and any(c.isalpha() for c in text) and not EMAIL.search(text):
        yield Personal("name", 0, len(text), text)
        return
    if _PHONE_FIELD.search(field) and sum(c.isdigit() for c in text) >= 7:
        yield Personal("phone", 0, len(text), text)
        return
    for match in EMAIL.finditer(text):
        yield Personal("email", match.start(), match.end(), match[0])
    for match in _CARD.finditer(text):
        if is_card(match[0]):
            yield Personal("card", match.start(), match.end(), match[0])


def is_card(text: str) -> bool:
    """A payment card's number: 13 to 19 digits of an issuer's range that pass Luhn's check (ISO/IEC 7812-1)."""
    digits = [int(c) for c in text if c.isdigit()]
    if not 13 <= len(digits) <= 19 or digits[0] not in {2, 3, 4, 5, 6}:
        return False
    total = sum(d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(digits)))
    return total % 10 == 0


def _is_name(field: str, names: list[str]) -> bool:
    if _NAME_FIELD.search(field):
        return True
    return field.lower() == "name" and len(names) > 1 and _OWNER.search(names[-2]) is not None
