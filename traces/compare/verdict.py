"""From estimates to verdicts, in this order; the numbers are those of STATISTICS 7.5.

Rule 1: regressed   a gating metric is slower beyond doubt (Holm over everything) and beyond 2/3 of its margin and the
                    floor, or its percentile became a failure, or more sessions fail.
Rule 2: equivalent  every gating metric's 90 % interval lies inside its margin (two one-sided tests at .05).
Rule 3: improved    every gating metric is not slower by its margin, and one is faster beyond doubt and 2/3 of it.
Rule 4: not worse   every gating metric is not slower by its margin.
Rule 5: inconclusive otherwise. Absence of evidence is never evidence of absence; a weak run certifies nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from traces.compare import wording
from traces.compare.bootstrap import RESAMPLES, Estimate
from traces.compare.failures import ALPHA as FAILURE_ALPHA
from traces.compare.failures import POINTS, WEAK_ALPHA, Failing
from traces.compare.margins import Margins
from traces.compare.quantiles import GATES_FROM
from traces.compare.quantities import Quantity
from traces.compare.result import Change, Comparison, Failures, Metric, Verdict
from traces.compare.table import Floats
from traces.compare.units import ENOUGH

ALPHA: Final = 0.05
#: Share of the margin (in logs) that an estimate must pass to be called slower or faster: at the margin itself a real
#: +10 % would be missed half the time.
_BEYOND: Final = 2 / 3
#: Units below which one quantity is not certified: the t interval of a percentile needs about that many.
FEWEST_UNITS: Final = 20

_EXIT: Final[Mapping[str, int]] = {"regressed": 1, "inconclusive": 3, "invalid": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One quantity with what was estimated of it.

    notes: metric -> why it has no estimate, or no interval.
    """

    quantity: Quantity
    estimates: Mapping[Metric, Estimate]
    failing: Failing
    notes: Mapping[Metric, str] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return min(len(self.quantity.a.ms), len(self.quantity.b.ms))

    def gating(self) -> dict[Metric, Estimate]:
        """The metrics its verdict looks at."""
        return {
            metric: estimate
            for metric, estimate in self.estimates.items()
            if metric == "typical" or self.requests >= GATES_FROM.get(metric, np.inf)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The verdict on one quantity, with its reason as a sentence."""

    verdict: Verdict
    why: str
    changes: tuple[Change, ...]
    failures: Failures


def exit_code(comparison: Comparison) -> int:
    """0 pass, 1 regressed, 3 inconclusive, 4 invalid (DESIGN 6)."""
    return _EXIT.get(comparison.verdict, 0)


def holm(p: Sequence[float]) -> Floats:
    """Holm's step-down adjusted p-values: the family-wise error stays below alpha whatever depends on what."""
    values = np.asarray(p, np.float64)
    order = np.argsort(values, kind="stable")
    adjusted = np.empty(len(values))
    adjusted[order] = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    return np.minimum(adjusted, 1.0)


def judge(measured: Sequence[Measured], margins: Margins, *, weak: bool) -> list[Judged]:
    """A verdict for each, the multiplicity of all of them taken into account."""
    slower, faster = _adjusted(measured, 1), _adjusted(measured, -1)
    failures = _failures(measured, weak=weak)
    return [
        _judge_one(
            one,
            slower=slower[index],
            faster=faster[index],
            failures=failures[index],
            margins=margins,
            weak=weak,
        )
        for index, one in enumerate(measured)
    ]


def _judge_one(
    one: Measured,
    *,
    slower: Mapping[Metric, float],
    faster: Mapping[Metric, float],
    failures: Failures,
    margins: Margins,
    weak: bool,
) -> Judged:
    gating = one.gating()
    known = {metric: estimate for metric, estimate in gating.items() if estimate.known}
    limit = {metric: margins.log(metric, estimate.a) or 0.0 for metric, estimate in known.items()}
    alpha = WEAK_ALPHA if weak or _units(one) < FEWEST_UNITS else ALPHA
    changes = _changes(one, gating, slower, margins)

    def beyond(metric: Metric, sign: int) -> bool:
        estimate = known[metric]
        moved = sign * (np.exp(estimate.log) - 1) * estimate.a
        return bool(sign * estimate.log > _BEYOND * limit[metric] and moved > margins.floor_ms)

    slow = [metric for metric in known if slower[metric] < alpha and beyond(metric, 1)]
    lost = [metric for metric in gating if _lost(gating[metric]) and slower.get(metric, 1.0) < alpha]
    if slow or lost or failures.worse:
        why = wording.regressed(one.quantity.name, slow, lost, changes, failures)
        return Judged(verdict="regressed", why=why, changes=changes, failures=failures)

    half = {metric: _t(0.95, estimate.df) * estimate.se for metric, estimate in known.items()}
    certain = not weak and known and _units(one) >= FEWEST_UNITS and len(known) == len(gating)
    if certain and failures.points <= POINTS:
        not_worse = all(known[metric].log + half[metric] < limit[metric] for metric in known)
        not_better = all(known[metric].log - half[metric] > -limit[metric] for metric in known)
        fast = [metric for metric in known if faster[metric] < alpha and beyond(metric, -1)]
        if not_worse and not_better:
            return Judged(verdict="equivalent", why=wording.equivalent(changes), changes=changes, failures=failures)
        if not_worse and fast:
            why = wording.improved(one.quantity.name, fast, changes)
            return Judged(verdict="improved", why=why, changes=changes, failures=failures)
        if not_worse:
            return Judged(verdict="not worse", why=wording.not_worse(changes), changes=changes, failures=failures)
    needed = max((2 * half[metric] / limit[metric]) ** 2 for metric in known) if known else None
    if needed is not None and weak:
        needed = max(needed, ENOUGH / max(_units(one), 1))
    why = wording.inconclusive(
        bounds={metric: float(np.exp(known[metric].log + half[metric])) for metric in known},
        limits={metric: float(np.exp(limit[metric])) for metric in known},
        sessions=min(one.quantity.a.sessions, one.quantity.b.sessions),
        needed=needed,
        obstacle=_obstacle(one, gating, failures, weak=weak),
    )
    return Judged(verdict="inconclusive", why=why, changes=changes, failures=failures)


def _obstacle(one: Measured, gating: Mapping[Metric, Estimate], failures: Failures, *, weak: bool) -> str | None:
    """What stands in the way besides noise, as a sentence."""
    a, b = one.quantity.a, one.quantity.b
    if not len(a.ms) or not len(b.ms):
        return wording.one_sided(candidate=not len(a.ms))
    if a.failed == len(a.ms) or b.failed == len(b.ms):
        return wording.all_failed(reference=a.failed == len(a.ms), candidate=b.failed == len(b.ms))
    if not any(estimate.known for estimate in gating.values()) or (_units(one) < FEWEST_UNITS and not weak):
        return wording.few_sessions(min(a.sessions, b.sessions))
    if failures.points > POINTS:
        return f"{failures.points:.1f} points more sessions fail, which may still be chance"
    unknown = [metric for metric, estimate in gating.items() if not estimate.known]
    return f"{unknown[0]}: {one.notes.get(unknown[0], wording.NO_INTERVAL)}" if unknown else None


def _changes(
    one: Measured, gating: Mapping[Metric, Estimate], p: Mapping[Metric, float], margins: Margins
) -> tuple[Change, ...]:
    changes = []
    for metric in ("typical", "p50", "p90", "p95", "p99"):
        estimate, note = one.estimates.get(metric), one.notes.get(metric)
        if estimate is None:
            changes.append(Change(metric=metric, a=None, b=None, note=note))
            continue
        half = _t(0.975, estimate.df) * estimate.se if estimate.known else 0.0
        limit = margins.log(metric, estimate.a) if metric in gating and np.isfinite(estimate.a) else None
        changes.append(
            Change(
                metric=metric,
                a=estimate.a if np.isfinite(estimate.a) else None,
                b=estimate.b if np.isfinite(estimate.b) else None,
                ratio=float(np.exp(estimate.log)) if np.isfinite(estimate.log) else None,
                low=float(np.exp(estimate.log - half)) if estimate.known else None,
                high=float(np.exp(estimate.log + half)) if estimate.known else None,
                p=p.get(metric),
                margin=None if limit is None else float(np.exp(limit)),
                gates=metric in gating,
                note=note,
            )
        )
    return tuple(changes)


def _adjusted(measured: Sequence[Measured], sign: int) -> list[dict[Metric, float]]:
    """Holm-adjusted one-sided p per quantity and gating metric; sign 1 for slower, -1 for faster."""
    places = [(index, metric) for index, one in enumerate(measured) for metric in one.gating()]
    adjusted = holm([_p(measured[index].estimates[metric], sign) for index, metric in places])
    result: list[dict[Metric, float]] = [{} for _ in measured]
    for (index, metric), p in zip(places, adjusted, strict=True):
        result[index][metric] = float(p)
    return result


def _p(estimate: Estimate, sign: int) -> float:
    if _lost(estimate):
        return (1 + estimate.kept * RESAMPLES) / (RESAMPLES + 1) if sign > 0 else 1.0
    if not estimate.known:
        return 1.0
    if estimate.se == 0:
        return 0.0 if sign * estimate.log > 0 else 1.0
    from scipy import special

    return float(special.stdtr(estimate.df, -sign * estimate.log / estimate.se))


def _lost(estimate: Estimate) -> bool:
    """The candidate's percentile is a failure and the reference's is not."""
    return bool(np.isposinf(estimate.b) and np.isfinite(estimate.a))


def _failures(measured: Sequence[Measured], *, weak: bool) -> list[Failures]:
    alpha = WEAK_ALPHA if weak else FAILURE_ALPHA
    adjusted = np.array([one.failing.p for one in measured])
    able = np.array([one.failing.least < alpha for one in measured], np.bool_)
    adjusted[able] = holm(adjusted[able].tolist())
    return [
        Failures(
            requests_a=one.quantity.a.failed,
            requests_b=one.quantity.b.failed,
            timeouts_a=one.quantity.a.timeouts,
            timeouts_b=one.quantity.b.timeouts,
            only_a=one.failing.only_a,
            only_b=one.failing.only_b,
            p=float(p),
            points=one.failing.points,
            worse=bool(p < alpha and one.failing.points > POINTS),
        )
        for one, p in zip(measured, adjusted, strict=True)
    ]


def _units(one: Measured) -> int:
    """Units of evidence of the poorest gating metric."""
    return min((estimate.df + 1 for estimate in one.gating().values()), default=0)


def _t(level: float, df: int) -> float:
    """Quantile of Student's t; scipy.special has it without the second that scipy.stats takes to import."""
    from scipy import special

    return float(special.stdtrit(df, level))
