"""Do more sessions fail than before? A test of its own, because a failure has no latency to compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from traces.compare.quantities import Quantity, Sample

#: The alarm level (Holm over all quantities), the same for a weak run's stricter alarm, and the smallest change that
#: counts, in percentage points of sessions (STATISTICS 7.4).
ALPHA: Final = 0.01
WEAK_ALPHA: Final = 0.005
POINTS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """Sessions (first copy) failing in one quantity; `p` is one-sided, "more fail in the candidate", not adjusted."""

    only_a: int
    only_b: int
    points: float
    p: float


def failing(quantity: Quantity, *, paired: bool) -> Failing:
    """Paired: a sign test on the sessions that fail on one side only. Unpaired: Fisher's exact test on the counts."""
    from scipy import stats

    a, b = quantity.a, quantity.b
    points = 100 * (_share(b) - _share(a))
    if paired:
        only_a = len(np.setdiff1d(a.failing, b.failing, assume_unique=True))
        only_b = len(np.setdiff1d(b.failing, a.failing, assume_unique=True))
        lone = only_a + only_b
        p = float(stats.binomtest(only_b, lone, alternative="greater").pvalue) if only_b else 1.0
        return Failing(only_a=only_a, only_b=only_b, points=points, p=p)
    only_a, only_b = len(a.failing), len(b.failing)
    p = 1.0
    if only_b and a.sessions and b.sessions:
        table = [[only_b, b.sessions - only_b], [only_a, a.sessions - only_a]]
        p = float(stats.fisher_exact(table, alternative="greater").pvalue)
    return Failing(only_a=only_a, only_b=only_b, points=points, p=p)


def _share(sample: Sample) -> float:
    return len(sample.failing) / sample.sessions if sample.sessions else 0.0
