"""Customers who are nobody: names put together from syllables, e-mails under the domains reserved for examples."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

_SYLLABLES: Final = (
    "ba",
    "do",
    "fen",
    "gri",
    "ka",
    "lo",
    "mi",
    "nor",
    "pel",
    "qua",
    "ri",
    "su",
    "tam",
    "vo",
    "wex",
    "zi",
)
_DOMAINS: Final = ("example.com", "example.org")  # RFC 2606: nobody ever receives mail there
_STREETS: Final = ("Elm Row", "Mill Lane", "Harbour Street", "Station Road", "North Terrace", "Quarry Way")
_CITIES: Final = ("Ardenholm", "Brackwater", "Celdonia", "Dunmarrow", "Eastfold", "Fennimore")
_COUNTRIES: Final = ("DE", "ES", "FR", "GB", "NL", "SE", "US")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One made-up customer; `address` is what a checkout takes as customer_billing_address."""

    name: str
    email: str
    address: dict[str, str]


def invent(rng: random.Random, tag: str) -> Person:
    """A person drawn from `rng`; `tag` goes into the e-mail and alone makes it unlike every other person's."""
    given, family = _word(rng), _word(rng)
    return Person(
        name=f"{given.title()} {family.title()}",
        email=f"{given}.{family}.{tag}@{rng.choice(_DOMAINS)}",
        address={
            "country": rng.choice(_COUNTRIES),
            "line1": f"{rng.randint(1, 240)} {rng.choice(_STREETS)}",
            "postal_code": f"{rng.randint(10000, 99999)}",
            "city": rng.choice(_CITIES),
        },
    )


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(_SYLLABLES, k=rng.randint(2, 3)))
