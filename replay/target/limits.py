"""How many requests one caller may make: a fixed window, as a gateway in front of the real API counts them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_LIMIT: Final = re.compile(r"(\d+)\s*/\s*(s|min|m|h)")
_WINDOWS: Final = {"s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `count` requests (>= 1) of one caller in each window of `window` seconds (> 0)."""

    count: int
    window: float

    def __post_init__(self) -> None:
        if self.count < 1 or self.window <= 0:
            raise ValueError("a rate limit needs at least 1 request and a window above 0.")


def parse(text: str) -> Limit:
    """`100/min` -> Limit(count=100, window=60.0); raises ValueError with a sentence for anything else.

    Not the command line's Rate: 100/min and 1.67/s are one rate and two limits.
    """
    match = _LIMIT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no rate limit; write it like 100/min or 20/s.")
    return Limit(count=int(match[1]), window=_WINDOWS[match[2]])


@dataclass(slots=True, kw_only=True)
class Limiter:
    """Counts requests by caller; time comes in as seconds on any monotonic scale that starts at 0."""

    limit: Limit
    _window: int = -1
    _counts: dict[str, int] = field(default_factory=dict)

    def wait(self, caller: str, now: float) -> float:
        """0 when `caller` may go on (the request is counted); else the seconds (> 0) until the next window opens."""
        window = int(now // self.limit.window)
        if window != self._window:
            # One dictionary for all callers, emptied with its window: memory is bounded by one window's callers.
            self._window = window
            self._counts.clear()
        used = self._counts.get(caller, 0)
        if used >= self.limit.count:
            return (window + 1) * self.limit.window - now
        self._counts[caller] = used + 1
        return 0.0
