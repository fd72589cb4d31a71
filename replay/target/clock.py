"""The target's two clocks: the calendar for what it writes down, the monotonic one for what it waits for."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


def now() -> float:
    """Seconds since 1970. It may jump with the machine's clock, as the timestamps of any service do."""
    return datetime.now(UTC).timestamp()


async def sleep_until(deadline: float) -> None:
    """Sleep until `deadline`, in seconds of time.perf_counter(); at once when it has passed.

    uvloop's timers round to whole milliseconds, so a single sleep ends up to half a millisecond early or late. Drawn
    latencies spread over many milliseconds, so the rounding averages out; spinning for the rest would cost CPU.
    """
    left = deadline - time.perf_counter()
    if left > 0:
        await asyncio.sleep(left)
