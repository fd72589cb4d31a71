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
    """Sessions (first copy) failing in one quantity.

    only_a, only_b: as in `Failures`.
    p:     one-sided, "more fail in the candidate", not adjusted.
    least: the smallest p these few failures could have given. A test that cannot reach its alpha cannot raise a false
           alarm either, so it need not cost the others any power (Tarone 1990, Biometrics 46:515).
    """

    only_a: int = 0
    only_b: int = 0
    points: float = 0.0
    p: float = 1.0
    least: float = 1.0


def failing(quantity: Quantity, *, paired: bool) -> Failing:
    """Paired: a sign test on the sessions that fail on one side only. Unpaired: Fisher's exact test on the counts."""
    a, b = quantity.a, quantity.b
    points = 100 * (_share(b) - _share(a))
    if paired:
        only_a = len(np.setdiff1d(a.failing, b.failing, assume_unique=True))
        only_b = len(np.setdiff1d(b.failing, a.failing, assume_unique=True))
        p, least = _sign_test(only_a, only_b)
    else:
        only_a, only_b = len(a.failing), len(b.failing)
        p, least = _fisher(only_a, a.sessions, only_b, b.sessions)
    return Failing(only_a=only_a, only_b=only_b, points=points, p=p, least=least)


def _sign_test(only_a: int, only_b: int) -> tuple[float, float]:
    """p of "more in b", and the smallest p that as many lone failures could give."""
    from scipy import stats

    lone = only_a + only_b
    if not lone:
        return 1.0, 1.0
    return float(stats.binomtest(only_b, lone, alternative="greater").pvalue), 0.5**lone


def _fisher(failing_a: int, sessions_a: int, failing_b: int, sessions_b: int) -> tuple[float, float]:
    """The same for two independent samples."""
    from scipy import stats

    if not (failing_a + failing_b and sessions_a and sessions_b):
        return 1.0, 1.0

    def tail(in_b: int) -> float:
        in_a = failing_a + failing_b - in_b
        table = [[in_b, sessions_b - in_b], [in_a, sessions_a - in_a]]
        return float(stats.fisher_exact(table, alternative="greater").pvalue)

    return tail(failing_b), tail(min(failing_a + failing_b, sessions_b))


def _share(sample: Sample) -> float:
    return len(sample.failing) / sample.sessions if sample.sessions else 0.0
