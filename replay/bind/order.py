"""What each request of a session waits for, read from when the recorded ones began and ended."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Wait:
    """What a request waits for.

    after: (earlier request, think ns), the latest first: all that had ended before it began, less those another of them
           waited for already.
    alone: nothing earlier was still open when it began, nor was it when the next one did.
    """

    after: tuple[tuple[int, int], ...]
    alone: bool


def waits(spans: Sequence[tuple[int, int]]) -> list[Wait]:
    """The wait of each request; `spans` are their (begin, end), in ns, in the order they began."""
    found: list[Wait] = []
    done: list[tuple[int, int]] = []
    latest = -inf
    for n, (begins, end) in enumerate(spans):
        known = bisect_right(done, (begins, len(spans)))
        after: list[tuple[int, int]] = []
        # Whatever had ended before the last-ended one began is implied by waiting for that one.
        began = spans[done[known - 1][1]][0] if known else 0
        for ended, earlier in reversed(done[:known]):
            if after and ended <= began:
                break
            after.append((earlier, begins - ended))
        follows = n + 1 == len(spans) or spans[n + 1][0] >= end
        found.append(Wait(tuple(after), latest <= begins and follows))
        insort(done, (end, n))
        latest = max(latest, end)
    return found
