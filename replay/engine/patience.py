"""How long a run waits for what an answer does not show yet."""

from __future__ import annotations

from collections import Counter
from typing import Final

#: Waited for at least this long, however quick the recorded service was, s.
PATIENCE: Final = 30.0
#: Pauses before a read is repeated that no recorded client had to repeat: the first and the longest, s.
_FIRST: Final = 0.25
_LONGEST: Final = 2.0
_GROWTH: Final = 1.5
#: Times in a row that an endpoint was waited for in vain; then it is the target, not a matter of time.
_IN_VAIN: Final = 3

NS: Final = 10**9


class Patience:
    """What a run has learned about waiting for its target."""

    def __init__(self) -> None:
        self._in_vain: Counter[str] = Counter()

    def has(self, endpoint: str) -> bool:
        """Is it worth waiting there?"""
        return self._in_vain[endpoint] < _IN_VAIN

    def learn(self, endpoint: str, *, came: bool) -> None:
        """It was waited for there, and came or did not."""
        self._in_vain[endpoint] = 0 if came else self._in_vain[endpoint] + 1


def pause(attempt: int) -> int:
    """ns to wait after the attempt, 0-based: some 18 requests in half a minute, where a steady pace makes 120."""
    return int(min(_FIRST * _GROWTH**attempt, _LONGEST) * NS)
