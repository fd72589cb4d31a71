"""Which parts of a request are a person's: e-mail addresses anywhere, cards, and phones and names by their field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from traces.lens.leaf import Leaf
from traces.shapes import EMAIL, is_instant

#: "user": the name an account was registered under, which only whoever saw the registration can tell.
Kind = Literal["email", "card", "phone", "name", "user"]

#: Alone: not inside a longer token, a decimal, or a uuid.
_CARD: Final = re.compile(r"(?<![\w.-])(?:[0-9][ -]?){12,18}[0-9](?![\w]|[.-]\w)")
#: What the networks issue, prefix and length together (ISO/IEC 7812-1 and the networks' own lists): a time written
#: `20241122105100` passes Luhn's check one time in ten.
_ISSUED: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)\d+(?<=^\d{16})|3[47]\d{13}"
    r"|3(?:0[0-5]|09|[689])\d+(?<=^\d{14})|(?:6011|64[4-9]|65|62|35[2-8])\d+(?<=^\d{16})|62\d{15,17}"
    r"|(?:50|5[6-9]|6)\d{15}"
)
_PHONE_FIELD: Final = re.compile(r"phone|mobile|(^|_)(tel|fax|cell)($|_)|msisdn", re.IGNORECASE)
#: `phone_verified_at`, `phone_id`: about a phone, not one.
_NO_PHONE_FIELD: Final = re.compile(r"_(at|on|id|time|timestamp|expires|expiry|count)$", re.IGNORECASE)
_PHONE: Final = re.compile(r"\+?[\d\s().\-/\u2010-\u2015]+(?:(?:x|ext\.?)\s*\d+)?", re.IGNORECASE)
_NAME_FIELD: Final = re.compile(
    r"(^|_)(first|last|full|given|family|sur|middle|display|customer|billing|shipping|cardholder|holder|buyer|"
    r"recipient)_?name$|^(surname|forename)$",
    re.IGNORECASE,
)
_OWNER: Final = re.compile(r"customer|billing|shipping|buyer|recipient|holder|person|contact|address", re.IGNORECASE)
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[-. ]")
_STEPS: Final = re.compile(r"[.\[\]]+")


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
    # A form's fields nest by brackets: `shipping[first_name]`.
    steps = [key for key in leaf.keys if isinstance(key, str)] or _STEPS.split(leaf.path.rstrip("]"))
    names = [_WORDS.sub("_", step) for step in steps]
    if not leaf.number and _is_name(names[-1], names) and any(c.isalpha() for c in text) and not EMAIL.search(text):
        yield Personal("name", 0, len(text), text)
        return
    if _is_phone(names[-1], text):
        yield Personal("phone", 0, len(text), text)
        return
    for match in EMAIL.finditer(text):
        yield _found("email", match, text)
    for match in _CARD.finditer(text):
        if is_card(match[0]):
            yield _found("card", match, text)


def _found(kind: Kind, match: re.Match[str], text: str) -> Personal:
    # Most often it is all of the text, which is in memory once already: a replay keeps a hundred thousand of them.
    whole = match.end() - match.start() == len(text)
    return Personal(kind, match.start(), match.end(), text if whole else match[0])


def is_card(text: str) -> bool:
    """A payment card's number: 13 to 19 digits of an issuer's range that pass Luhn's check (ISO/IEC 7812-1)."""
    digits = text.replace(" ", "").replace("-", "")
    if _ISSUED.fullmatch(digits) is None:
        return False
    total = sum(int(d) if i % 2 == 0 else int(d) * 2 - 9 * (d > "4") for i, d in enumerate(reversed(digits)))
    return total % 10 == 0


def _is_phone(field: str, text: str) -> bool:
    if _PHONE_FIELD.search(field) is None or _NO_PHONE_FIELD.search(field):
        return False
    # E.164 numbers have 15 digits at most; an extension may follow.
    return 7 <= sum(c.isdigit() for c in text) <= 20 and _PHONE.fullmatch(text) is not None and not is_instant(text)


def _is_name(field: str, names: list[str]) -> bool:
    if _NAME_FIELD.search(field):
        return True
    return field.lower() == "name" and len(names) > 1 and _OWNER.search(names[-2]) is not None
