"""What a comparison found: frozen plain values, so that every report renders the same thing and none computes.

`a` is always the reference, `b` the candidate; a ratio is b / a, so above 1 means the candidate is slower.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

Verdict = Literal["regressed", "inconclusive", "not worse", "improved", "equivalent", "invalid"]
Kind = Literal["endpoint", "until", "session"]
Metric = Literal["typical", "p50", "p90", "p95", "p99"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One metric of one quantity on both sides.

    metric:    "typical" (the mean paired log ratio) or a percentile.
    a, b:      the metric on each side in ms ("typical": the geometric mean); None when it cannot be estimated.
    ratio:     b / a, with its two-sided 95 % interval low..high; None when it cannot be estimated.
    p:         one-sided p-value of "slower", Holm-adjusted over the whole comparison; None when it does not gate.
    margin:    the tolerated ratio, 1.10 for +10 %, never tighter than the floor; None when it does not gate.
    gates:     whether the verdict looks at it.
    note:      why something above is None, a sentence without a full stop.
    """

    metric: Metric
    a: float | None
    b: float | None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    margin: float | None = None
    gates: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Requests without a usable answer, and whether more sessions fail in the candidate than before.

    requests_a, requests_b: failed requests, of which timeouts_a, timeouts_b timed out.
    only_a, only_b:         sessions (first copy) that fail here on that side only; unpaired: that fail on that side.
    p:                      one-sided, Holm-adjusted; 1.0 when nothing fails.
    points:                 share of sessions failing, b - a, in percentage points.
    worse:                  the test fires: p below its alpha and more than 0.5 points.
    """

    requests_a: int
    requests_b: int
    timeouts_a: int
    timeouts_b: int
    only_a: int
    only_b: int
    p: float
    points: float
    worse: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far apart two distributions lie; description only, no verdict looks at it.

    ks:          Kolmogorov-Smirnov D, 0..1.
    cliff:       Cliff's delta from the Mann-Whitney U, -1..1; above 0 means the candidate is slower.
    wasserstein: earth mover's distance in ms.
    beyond_p95, beyond_p99: share of the candidate's requests above the reference's p95 and p99 (was .05 and .01).
    """

    ks: float
    cliff: float
    wasserstein: float
    beyond_p95: float
    beyond_p99: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One time slot of one side: `at` in seconds after that side's first request, `rate` in requests per second.

    p50, p95: in ms; None below 5 and 20 answers in the slot.
    """

    at: float
    rate: float
    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointResult:
    """One measured quantity: an endpoint, the time until a polled condition held, or a session's total.

    ecdf_a, ecdf_b: (ms, share of requests answered within it), at most 200 points; ends below 1 when some failed.
    """

    name: str
    kind: Kind
    n_a: int
    n_b: int
    verdict: Verdict
    why: str
    changes: tuple[Change, ...] = ()
    failures: Failures | None = None
    distance: Distance | None = None
    ecdf_a: tuple[tuple[float, float], ...] = ()
    ecdf_b: tuple[tuple[float, float], ...] = ()
    timeline_a: tuple[Slot, ...] = ()
    timeline_b: tuple[Slot, ...] = ()

    def change(self, metric: Metric) -> Change | None:
        """The row of `metric`, or None when this quantity stands on one side only."""
        return next((change for change in self.changes if change.metric == metric), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """How many requests of each side were not compared, and why."""

    reason: str
    a: int
    b: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything a report may say about two traces.

    names:     what the two sides are called.
    why:       the verdict in plain words; the first sentence is the headline, complete without the others.
    paired:    whether requests were compared with their twins.
    weak:      fewer than 100 units of evidence: a stricter alarm, and nothing is certified.
    sessions, requests: compared, per side.
    units:     independent pieces of evidence the intervals rest on.
    endpoints: endpoints (worst first), then "until: ..." rows, then "SESSION total".
    invalid:   why the candidate's run is no measurement; the verdict is then "invalid".
    facts:     rows the caller wants shown (planned, sent, lateness, how to repeat).
    settings:  alpha, margins, seed and the like, as used.
    """

    verdict: Verdict
    why: tuple[str, ...]
    names: tuple[str, str] = ("reference", "candidate")
    paired: bool = False
    weak: bool = True
    sessions: tuple[int, int] = (0, 0)
    requests: tuple[int, int] = (0, 0)
    units: int = 0
    endpoints: tuple[EndpointResult, ...] = ()
    timeline_a: tuple[Slot, ...] = ()
    timeline_b: tuple[Slot, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    caveats: tuple[str, ...] = ()
    invalid: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, float | int | str] = field(default_factory=dict)


def to_plain(value: Any) -> Any:
    """The dataclass tree as dicts, lists, strings and finite numbers; what is not finite becomes None.

    JSON has no infinity, and the only one here is "this percentile is a failure", which a note already says.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
