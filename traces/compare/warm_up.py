"""Sessions that start while caches and pools still warm up are no evidence about the service: they are left out."""

from __future__ import annotations

from typing import Final

import numpy as np

from traces.compare.table import Bools, Ints, Table

_NS: Final = 30 * 10**9
_SHARE: Final = 0.05
#: When sessions start in a burst, a window that takes more than this would take the measurement itself.
_MOST: Final = 0.25


def early_sessions(*tables: Table) -> tuple[Ints, str]:
    """Codes of the sessions to leave out of all `tables`, and the sentence that says so.

    A session is early when it starts in the first min(30 s, 5 %) of the span over which sessions start, in any table.
    The tables share their session codes.
    """
    early = np.unique(np.concatenate([_early(table) for table in tables]))
    count = len(np.unique(np.concatenate([table.session for table in tables])))
    if len(early) > max(_MOST * count, 2) or len(early) >= count:
        none = np.zeros(0, np.int64)
        return none, "Sessions do not start evenly enough to tell a warm-up from the rest, so none is left out."
    return (
        early,
        f"{len(early):,} of {count:,} sessions start in the first 30 s (at most 5 %) and are left out as warm-up.",
    )


def starts(table: Table) -> tuple[Ints, Ints]:
    """Session codes present, ascending, and the first instant of each."""
    codes, dense = np.unique(table.session, return_inverse=True)
    start = np.full(len(codes), np.iinfo(np.int64).max)
    np.minimum.at(start, dense, table.start)
    return codes, start


def _early(table: Table) -> Ints:
    if not len(table):
        return np.zeros(0, np.int64)
    codes, start = starts(table)
    span = int(start.max() - start.min())
    early: Bools = start < start.min() + min(_NS, span * _SHARE)
    return codes[early]
