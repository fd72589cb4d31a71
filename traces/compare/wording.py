"""The sentences of a verdict. Plain words first, the number that carries them in brackets, no claim beyond it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from traces.compare.result import Change, Failures, Metric

NO_INTERVAL: Final = "too close to the share of failures for an interval"

#: Below this many sessions the forecast of sessions needed is low by up to 1.6x (STATISTICS 7.5).
_FORECAST_FROM: Final = 500


def regressed(
    name: str, slow: Sequence[Metric], lost: Sequence[Metric], changes: Sequence[Change], failures: Failures
) -> str:
    """Why one quantity regressed: failures, then the first metric that is slower."""
    parts = []
    by_metric = {change.metric: change for change in changes}
    if failures.worse:
        parts.append(
            f"{name} fails more often: {failures.only_b:,} sessions fail only in the candidate, "
            f"{failures.only_a:,} only in the reference"
        )
    if slow:
        parts.append(_moved(name, by_metric[slow[0]], "slower"))
    elif lost and not failures.worse:
        parts.append(f"{lost[0]} of {name} is now a failure")
    return "; ".join(parts)


def improved(name: str, fast: Sequence[Metric], changes: Sequence[Change]) -> str:
    """Why one quantity improved."""
    return _moved(name, next(change for change in changes if change.metric == fast[0]), "faster")


def _moved(name: str, change: Change, word: str) -> str:
    subject = name if change.metric == "typical" else f"{change.metric} of {name}"
    ratio, low, high = (value or math.nan for value in (change.ratio, change.low, change.high))
    if word == "faster":
        ratio, low, high = 1 / ratio, 1 / high, 1 / low
    return f"{subject} is {ratio:.2f}x {word} (95 % CI {low:.2f}-{high:.2f})"


def equivalent(changes: Sequence[Change]) -> str:
    """Which margins it stays within."""
    return f"within {_margins(changes, both=True)}"


def not_worse(changes: Sequence[Change]) -> str:
    """Which slowdowns are ruled out."""
    return f"slowdowns beyond {_margins(changes, both=False)} are ruled out"


def _margins(changes: Sequence[Change], *, both: bool) -> str:
    sign = "+-" if both else "+"
    gates = [change for change in changes if change.gates and change.margin is not None]
    return ", ".join(f"{sign}{percent((change.margin or 1) - 1)} ({change.metric})" for change in gates)


def inconclusive(
    *,
    bounds: Mapping[Metric, float],
    limits: Mapping[Metric, float],
    sessions: int,
    needed: float | None,
    obstacle: str | None,
) -> str:
    """What stands in the way, what is ruled out all the same, and what would settle it.

    bounds: the one-sided 95 % upper bound of each ratio. limits: its margin as a ratio.
    needed: how many times the present sessions, STATISTICS 7.5.
    """
    parts = [obstacle] if obstacle else []
    if bounds:
        # The metric furthest beyond its margin is the one that keeps the verdict open.
        metric = max(bounds, key=lambda key: math.log(bounds[key]) / math.log(limits[key]))
        parts.append(f"rules out slowdowns above {signed(max(bounds[metric] - 1, 0))} ({metric})")
    if needed is not None and sessions and not obstacle:
        parts.append(_forecast(sessions, needed))
    return "; ".join(parts)


def _forecast(sessions: int, needed: float) -> str:
    if needed <= 1:
        return "the change itself lies near the margin, so more sessions alone may not settle it"
    least = "at least" if sessions < _FORECAST_FROM else "about"
    return f"needs {least} {round_up(sessions * needed):,} sessions"


def one_sided(*, candidate: bool) -> str:
    """A quantity that only one side has."""
    return "only the candidate has it" if candidate else "only the reference has it"


def all_failed(*, reference: bool, candidate: bool) -> str:
    """A side without a single answer."""
    where = "on both sides" if reference and candidate else "in the reference" if reference else "in the candidate"
    return f"every request failed {where}, so there is no latency to compare"


def few_sessions(sessions: int) -> str:
    """A quantity too rare to certify."""
    return f"seen on both sides in only {sessions:,} sessions" if sessions else "never answered on both sides"


def percent(share: float) -> str:
    """.1 -> "10 %", .125 -> "12.5 %"."""
    return f"{100 * share:.3g} %" if share < 10 else f"{100 * share:,.0f} %"


def signed(share: float) -> str:
    """.124 -> "+12 %", .004 -> "+0.4 %"."""
    return f"+{100 * share:.1f} %" if share < 0.1 else f"+{100 * share:,.0f} %"


def round_up(count: float) -> int:
    """To two leading digits, upwards: 1,234 -> 1,300. A forecast with more digits would pretend."""
    step: int = 10 ** max(math.floor(math.log10(max(count, 1))) - 1, 0)
    return math.ceil(count / step) * step
