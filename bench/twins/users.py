"""Who visits and what they do, from the users' seed: the same in every twin."""

from __future__ import annotations

import random
import uuid
from typing import Final, TypeVar

from bench.twins.text import Origin, Text, made

T = TypeVar("T")

_FIRST: Final = "Ada Ben Cleo Dov Ema Finn Gita Hugo Ines Jona Kaya Luca Mira Nils Oona Pia Quin Rosa".split()
_LAST: Final = "Abend Brook Castor Dunne Elmar Fjord Garten Hollis Iver Jansk Kloss Lindal Morrow".split()
_STREETS: Final = "Mill Lane;Station Road;Quay Street;Park Row;Hill View;Tower Bridge Way".split(";")
_COUNTRIES: Final = "US DE FR NL SE".split()
_WORDS: Final = "gift blue please soon thanks ring twice office garden door monday birthday".split()
_NONCE: Final = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
#: 2026-11-22 09:00 UTC, as the servers of odd seed have it.
_EPOCH_MS: Final = 1_795_338_000_000


class User:
    """One visitor. `number` counts them from 0; `now` is ns after the trace's epoch; `pause` in ms, once."""

    def __init__(self, seed: int, number: int) -> None:
        self.number = number
        self.now = 0
        self.pause: float | None = None
        self._rng = random.Random(f"user {seed} {number}")
        self._first, self._last = self._rng.choice(_FIRST), self._rng.choice(_LAST)
        self.email = _own(f"{self._first}.{self._last}{number}.{self._rng.randrange(100)}@example.com".lower())
        self.first_name, self.last_name = _own(self._first), _own(self._last)
        self.name = _own(f"{self._first} {self._last}")
        self.street = _own(f"{self._rng.randint(1, 99)} {self._rng.choice(_STREETS)}")
        self.zip = _own(f"{self._rng.randint(10_000, 99_999)}")
        self.country = _own(self._rng.choice(_COUNTRIES))

    def amount(self, low: int, high: int) -> Text:
        """A number the user typed: a quantity, a rating."""
        return _own(self._rng.randint(low, high))

    def word(self, *words: str) -> Text:
        """A word the user chose."""
        return _own(self._rng.choice(words or _WORDS))

    def note(self) -> Text:
        """Some words the user typed."""
        return _own(" ".join(self._rng.sample(_WORDS, 3)))

    def pick(self, items: tuple[T, ...]) -> T:
        """What the user wants of what there is."""
        return self._rng.choice(items)

    def chance(self, share: float) -> bool:
        """Does the user do this? In `share` of cases."""
        return self._rng.random() < share

    def uuid(self) -> Text:
        """An idempotency key, a correlation id, a reference: made by the client."""
        return made(str(uuid.UUID(int=self._rng.getrandbits(128), version=4)), Origin.CLIENT)

    def nonce(self, length: int = 22) -> Text:
        """Random letters and digits made by the client."""
        return made(
            "".join(self._rng.choices(_NONCE, k=length)),
            Origin.CLIENT,
        )

    def millis(self) -> Text:
        """The client's clock in ms since 1970, as a number."""
        return made(_EPOCH_MS + self.now // 1_000_000, Origin.CLIENT)

    def seconds(self) -> Text:
        """The same in seconds."""
        return made(_EPOCH_MS // 1000 + self.now // 1_000_000_000, Origin.CLIENT)


def _own(value: str | int) -> Text:
    return made(value, Origin.USER)
