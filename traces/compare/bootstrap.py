"""How sure a ratio is: multinomial resampling of whole units of evidence, the same draw on both sides when paired.

SE is the standard deviation of the log ratio over the resamples, times sqrt(U / (U - 1)); intervals are
estimate +- t(U - 1) SE (STATISTICS 7.4; equal to scipy.stats.bootstrap's standard_error over range(U)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from traces.compare.quantiles import LEVEL, cumulated, quantile, weighted_quantiles
from traces.compare.quantities import Quantity
from traces.compare.result import Metric
from traces.compare.table import Floats, Ints

RESAMPLES: Final = 1999

#: A percentile that is a failure in more than this share of the resamples has no interval worth printing.
_LOST: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One metric's log ratio.

    a, b: the metric on each side, ms; inf when it is a failure, nan when nothing was answered.
    log:  ln(b / a); nan when either is not finite.
    se:   its standard error; nan when it cannot be told.
    df:   degrees of freedom, units - 1; -1 when nothing was answered on both sides.
    kept: share of resamples in which the candidate's percentile was *not* a failure while the reference's was none.
    """

    a: float
    b: float
    log: float
    se: float
    df: int
    kept: float = 1.0

    @property
    def known(self) -> bool:
        """Whether there is an interval."""
        return bool(np.isfinite(self.log) and np.isfinite(self.se) and self.df >= 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resamples:
    """How often each unit is drawn in each resample, (units x resamples); paired, both sides share one array."""

    a: Floats
    b: Floats
    paired: bool

    @classmethod
    def draw(cls, units_a: int, units_b: int, *, paired: bool, seed: int, count: int = RESAMPLES) -> Resamples:
        random = np.random.default_rng(seed)
        a = _multinomial(random, units_a, count)
        return cls(a=a, b=a if paired else _multinomial(random, units_b, count), paired=paired)


def _multinomial(random: np.random.Generator, units: int, count: int) -> Floats:
    draws = random.multinomial(units, np.full(units, 1 / units), size=count)
    return np.ascontiguousarray(draws.T, np.float64)


def degrees(quantity: Quantity) -> int:
    """Units that hold the quantity, minus one; of the poorer side."""
    return min(len(np.unique(quantity.a.unit)), len(np.unique(quantity.b.unit))) - 1


def typical(quantity: Quantity, resamples: Resamples) -> Estimate:
    """The mean paired log ratio of what was answered on both sides; unpaired, the difference of the mean logs."""
    if resamples.paired:
        unit, log = quantity.twin_unit, quantity.twin_log
        if not len(log):
            return Estimate(a=np.nan, b=np.nan, log=np.nan, se=np.nan, df=-1)
        a = _mean_log(quantity.a.ms)
        drawn = _means(unit, log, resamples.a)
        estimate, df = float(log.mean()), len(np.unique(unit)) - 1
        return Estimate(a=float(np.exp(a)), b=float(np.exp(a + estimate)), log=estimate, se=_error(drawn, df), df=df)
    sides = []
    for sample, weights in ((quantity.a, resamples.a), (quantity.b, resamples.b)):
        answered = np.isfinite(sample.ms)
        sides.append(_means(sample.unit[answered], np.log(sample.ms[answered]), weights))
    a, b = _mean_log(quantity.a.ms), _mean_log(quantity.b.ms)
    df = degrees(quantity)
    return Estimate(a=float(np.exp(a)), b=float(np.exp(b)), log=b - a, se=_error(sides[1] - sides[0], df), df=df)


def percentiles(quantity: Quantity, resamples: Resamples, metrics: Sequence[Metric]) -> dict[Metric, Estimate]:
    """Each of `metrics` ("p50", ...) as an estimate; both sides must hold at least one request."""
    if not metrics:
        return {}
    levels = [LEVEL[metric] for metric in metrics]
    drawn = []
    for sample, weights in ((quantity.a, resamples.a), (quantity.b, resamples.b)):
        table, middle = cumulated(sample.ms, sample.unit, len(weights))
        drawn.append(weighted_quantiles(table, middle, weights, levels))
    df = degrees(quantity)
    result: dict[Metric, Estimate] = {}
    for index, metric in enumerate(metrics):
        a, b = (quantile(sample.ms, levels[index]) for sample in (quantity.a, quantity.b))
        with np.errstate(invalid="ignore"):
            logs = drawn[1][index] - drawn[0][index]
        lost = np.isposinf(drawn[1][index]) & np.isfinite(drawn[0][index])
        finite = np.isfinite(a) and np.isfinite(b)
        result[metric] = Estimate(
            a=a,
            b=b,
            log=float(np.log(b / a)) if finite else np.nan,
            se=_error(logs, df),
            df=df,
            kept=float(1 - lost.mean()),
        )
    return result


def _means(unit: Ints, value: Floats, weights: Floats) -> Floats:
    """The mean of `value` in each resample; nan where none was drawn."""
    units = len(weights)
    total = np.bincount(unit, weights=value, minlength=units) @ weights
    count = np.bincount(unit, minlength=units) @ weights
    means = np.full(weights.shape[1], np.nan)
    np.divide(total, count, out=means, where=count > 0)
    return means


def _error(logs: Floats, df: int) -> float:
    """Standard error from resampled log ratios; nan when too many of them are not numbers."""
    finite = logs[np.isfinite(logs)]
    if df < 1 or len(finite) < (1 - _LOST) * len(logs):
        return float("nan")
    return float(finite.std(ddof=1) * np.sqrt((df + 1) / df))


def _mean_log(ms: Floats) -> float:
    answered = ms[np.isfinite(ms)]
    return float(np.log(answered).mean()) if len(answered) else float("nan")
