"""The engine's time: ns after the run's start on the monotonic clock, and sleeping until an instant of it."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Now, and until then: tests pass one that jumps.

    epoch: the run's start on the scale of the senders' instants, ns.
    """

    epoch: int

    def now(self) -> int:
        """ns after the run's start."""

    def wall(self) -> int:
        """Unix time, ns: for what is written into requests, never for measuring."""

    async def sleep_until(self, instant: int) -> None:
        """Return at `instant` (ns after the run's start), at once when it has passed."""


class MonotonicClock:
    """The real one; its epoch is a reading of the monotonic clock."""

    def __init__(self) -> None:
        self.epoch = time.monotonic_ns()
        self._wall = time.time_ns()

    def now(self) -> int:
        """ns after the run's start."""
        return time.monotonic_ns() - self.epoch

    def wall(self) -> int:
        """Unix time, ns; steady though the machine's clock be set anew."""
        return self._wall + self.now()

    async def sleep_until(self, instant: int) -> None:
        """Sleep to an absolute deadline: slept gaps add up their errors, deadlines do not."""
        left = self.epoch + instant - time.monotonic_ns()
        if left > 0:
            await asyncio.sleep(left / 1e9)
