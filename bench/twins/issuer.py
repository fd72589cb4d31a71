"""What a server makes up: ids, tokens, numbers, orders of lists. All of it from one seed.

Rule 1: two servers whose seeds follow one another issue nothing in common: every token differs by chance, every number
        by construction. A value that is right in a twin is right because it was read there.
"""

from __future__ import annotations

import json
import random
import string
from base64 import urlsafe_b64encode
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_BEGIN: Final = datetime(2026, 11, 22, 9, tzinfo=UTC)
#: Amounts and versions of servers whose seeds differ by less than this never meet, nor do sums of fewer than as many.
_CLASSES: Final = 7


class Issuer:
    """One server's source of values; `now` is ns after the trace's epoch, set by whoever runs the server."""

    def __init__(self, world: str, server: int) -> None:
        self.now = 0
        self.issued: list[str] = []
        self._rng = random.Random(f"{world} {server}")
        self._class = server % _CLASSES
        self._even = server % 2 == 0
        self._serials: defaultdict[str, int] = defaultdict(self._first)

    def token(self, prefix: str = "", length: int = 24, letters: str = string.ascii_letters) -> str:
        """A token of letters and digits, some of each."""
        chars = self._rng.choices(letters + string.digits, k=length - 2)
        at = self._rng.randrange(length - 2)
        return self._log(prefix + "".join([*chars[:at], self._rng.choice(letters), self._digit(), *chars[at:]]))

    def hex(self, length: int = 32) -> str:
        """Lower-case hex digits, some of them letters."""
        return self.token(length=length, letters="abcdef")

    def uuid(self) -> str:
        """A version 4 uuid."""
        plain = "".join(self._rng.choices("0123456789abcdef", k=32))
        return self._log(f"{plain[:8]}-{plain[8:12]}-4{plain[13:16]}-a{plain[17:20]}-{plain[20:]}")

    def serial(self, kind: str, by: int = 1) -> int:
        """The next running number of its kind: small on servers of odd seed, hundreds to thousands on the others."""
        self._serials[kind] += by
        self._log(str(self._serials[kind]))
        return self._serials[kind]

    def amount(self, low: int, high: int) -> int:
        """A price or a version in about [low, high]."""
        return _CLASSES * self._rng.randint(low // _CLASSES, max(low, high - 1) // _CLASSES) + self._class

    def few(self, low: int, high: int) -> int:
        """A small number nobody is meant to use, free to equal anything: a stock, a count, a position."""
        return self._rng.randint(low, high)

    def word(self, *words: str) -> str:
        """One of the API's words, chosen by the server."""
        return self._rng.choice(words)

    def shuffled(self, items: Iterable[Any]) -> list[Any]:
        """The same items in an order of this server's own."""
        order = list(items)
        self._rng.shuffle(order)
        return order

    def instant(self, after: float = 0) -> str:
        """Now, or `after` seconds later, to the millisecond: `2026-11-22T09:00:01.250Z`."""
        return self._log(f"{self._clock(after):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z")

    def day(self, after: float = 0) -> str:
        """The date alone."""
        return f"{self._clock(after):%Y-%m-%d}"

    def http_date(self) -> str:
        """As the Date header has it."""
        return f"{self._clock(0):%a, %d %b %Y %H:%M:%S} GMT"

    def epoch(self) -> int:
        """Seconds since 1970."""
        return int(self._clock(0).timestamp())

    def jwt(self, **claims: str | int) -> str:
        """A signed-looking token with these claims."""
        head = _b64({"alg": "RS256", "typ": "JWT", "kid": self.hex(16)})
        return self._log(f"{head}.{_b64(claims)}.{self.token(length=86)}")

    def _clock(self, after: float) -> datetime:
        # On servers of odd seed the clock agrees with the clients': instants may then equal theirs by accident.
        return _BEGIN + timedelta(days=37 if self._even else 0, seconds=after, microseconds=self.now // 1000)

    def _first(self) -> int:
        return self._rng.randint(2, 40) + (997 if self._even else 0)

    def _digit(self) -> str:
        return self._rng.choice(string.digits)

    def _log(self, value: str) -> str:
        self.issued.append(value)
        return value


def _b64(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")
