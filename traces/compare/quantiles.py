"""Percentiles: exact ones to show, and cumulated log bins of 0.5 % to resample.

The last bin holds failures, so a percentile may be one: it is then infinite, and no answer's latency stands in for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from traces.compare.table import Floats, Ints

#: Width of a bin in ln(ms): a quantile read from bins is at most 0.5 % off, far inside the tightest margin.
WIDTH: Final = 0.005

#: Requests a side needs before a percentile is shown, ten beyond it (STATISTICS 7.4), and before it may gate, twenty.
SHOWN_FROM: Final = {"p50": 20, "p90": 100, "p95": 200, "p99": 1000}
GATES_FROM: Final = {"p95": 400, "p99": 2000}

LEVEL: Final = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}


def quantile(ascending: Floats, level: float) -> float:
    """The smallest value with at least `level` of the sample at or below it (numpy's "inverted_cdf"), exact."""
    # The rounding keeps .95 * 20 = 19.000000000000004 from stepping one value too far.
    return float(ascending[max(math.ceil(round(level * len(ascending), 9)), 1) - 1])


def cumulated(ms: Floats, unit: Ints, units: int) -> tuple[Floats, Floats]:
    """Requests of each unit at or below each bin, (bins x units), and each bin's middle in ln(ms), inf for failures.

    Only bins that occur are kept: a latency range of six decades costs nothing when it is empty.
    """
    answered = np.isfinite(ms)
    bins = np.full(len(ms), np.iinfo(np.int64).max)
    bins[answered] = np.floor(np.log(ms[answered]) / WIDTH).astype(np.int64)
    present, row = np.unique(bins, return_inverse=True)
    counts = np.bincount(row * units + unit, minlength=len(present) * units).reshape(len(present), units)
    middle = (present + 0.5) * WIDTH
    if not answered.all():
        middle[-1] = np.inf
    return np.cumsum(counts, axis=0, dtype=np.float64), middle


def weighted_quantiles(table: Floats, middle: Floats, weights: Floats, levels: Sequence[float]) -> Floats:
    """ln(quantile) of each level under each column of `weights`, (levels x resamples); nan where nothing was drawn.

    table, middle: from `cumulated`.
    weights:       (units x resamples), how often each unit was drawn.
    """
    below = table @ weights
    total = below[-1]
    # Counts are whole numbers, so half a millionth of a request only catches the rounding of level * total.
    index = [(below < level * total - 5e-7).sum(axis=0) for level in levels]
    found = middle[np.stack(index).clip(max=len(middle) - 1)]
    return np.where(total > 0, found, np.nan)
