"""The comparison from end to end: two streams of exchanges in, one frozen Comparison out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from traces.compare import summary, wording
from traces.compare.bootstrap import RESAMPLES, Estimate, Resamples, percentiles, typical
from traces.compare.describe import distance, ecdf, timelines
from traces.compare.failures import ALPHA as FAILURE_ALPHA
from traces.compare.failures import Failing, failing
from traces.compare.margins import Margins
from traces.compare.quantiles import SHOWN_FROM
from traces.compare.quantities import Quantity, quantities
from traces.compare.result import Comparison, EndpointResult, LeftOut, Metric, Verdict
from traces.compare.table import tabulate, waited
from traces.compare.twins import Twins, align
from traces.compare.units import ENOUGH, evidence
from traces.compare.verdict import ALPHA, Judged, Measured, judge
from traces.model import Exchange

_WORST_FIRST: Final[Mapping[Verdict, int]] = {"regressed": 0, "inconclusive": 1, "improved": 2, "not worse": 3}
_KINDS: Final = ("endpoint", "until", "session")


def compare(
    reference: Iterable[Exchange],
    candidate: Iterable[Exchange],
    *,
    margins: Margins | None = None,
    seed: int = 0,
    polls: Mapping[int, int] | None = None,
    candidate_polls: Mapping[int, int] | None = None,
    pair: bool = True,
    names: tuple[str, str] = ("reference", "candidate"),
    invalid: str | None = None,
    facts: Mapping[str, str] | None = None,
    caveats: Sequence[str] = (),
) -> Comparison:
    """Say whether the candidate's latencies differ from the reference's; never raises for what a trace holds.

    Each side is read once and may be a generator; about 70 bytes a request are kept.

    margins: tolerated slowdowns; None for the defaults.
    seed:    of the resampling; the same input and seed give the same Comparison.
    polls:   for recordings, id of an exchange -> id of the first exchange of the poll it belongs to.
    candidate_polls: the same for the candidate, when both are recordings and their ids differ in meaning; else `polls`.
    pair:    False when equal ids do not mean twins (runs of different recordings); told apart by itself otherwise.
    names:   what to call the two sides.
    invalid: why the candidate's run is no measurement, a sentence; the verdict is then "invalid".
    facts, caveats: rows and sentences to carry into the report (fidelity, speed, apparatus, how to repeat).
    """
    margins = margins or Margins()
    sides = waited(
        tabulate(reference, polls), tabulate(candidate, polls if candidate_polls is None else candidate_polls)
    )
    twins = align(*sides, pair=pair)
    units = min(len(np.unique(evidence(count))) for count in twins.sessions)
    weak = units < ENOUGH
    measured = _measure(twins, seed)
    judged = judge(measured, margins, weak=weak)
    results = [_result(one, verdict) for one, verdict in zip(measured, judged, strict=True)]
    results += _missing(results, twins)
    results.sort(key=lambda result: (_KINDS.index(result.kind), _WORST_FIRST.get(result.verdict, 4), result.name))
    verdict, why, said = summary.overall(results, twins, weak=weak, names=names)
    asked = (twins.requests(twins.a), twins.requests(twins.b))
    over_time = timelines((asked[0].start, asked[0].ms), (asked[1].start, asked[1].ms))
    if invalid is not None:
        verdict, why = "invalid", (f"Invalid: {invalid}", *why)
    return Comparison(
        verdict=verdict,
        why=why,
        names=names,
        paired=twins.paired,
        weak=weak,
        sessions=twins.sessions,
        requests=(len(asked[0]), len(asked[1])),
        units=units,
        endpoints=tuple(results),
        timeline_a=over_time[0],
        timeline_b=over_time[1],
        left_out=tuple(LeftOut(reason=reason, a=a, b=b) for reason, a, b in twins.left_out if a or b),
        caveats=(*said, *caveats),
        invalid=invalid,
        facts=dict(facts or {}),
        settings=_settings(margins, seed),
    )


def _measure(twins: Twins, seed: int) -> list[Measured]:
    if not all(twins.sessions):
        return []
    resamples = Resamples.draw(
        *(int(evidence(count).max()) + 1 for count in twins.sessions), paired=twins.paired, seed=seed
    )
    return [_measure_one(quantity, resamples) for quantity in quantities(twins)]


def _measure_one(quantity: Quantity, resamples: Resamples) -> Measured:
    n = min(len(quantity.a.ms), len(quantity.b.ms))
    if n == 0:
        return Measured(quantity=quantity, estimates={}, failing=Failing())
    shown: list[Metric] = []
    notes: dict[Metric, str] = {}
    for metric in ("p50", "p90", "p95", "p99"):
        if n >= SHOWN_FROM[metric]:
            shown.append(metric)
        else:
            notes[metric] = f"needs >= {SHOWN_FROM[metric]:,} requests"
    estimates: dict[Metric, Estimate] = {"typical": typical(quantity, resamples)}
    estimates |= percentiles(quantity, resamples, shown)
    for metric, estimate in estimates.items():
        if not estimate.known:
            notes[metric] = _without_interval(estimate)
    return Measured(
        quantity=quantity,
        estimates=estimates,
        failing=failing(quantity, paired=resamples.paired),
        notes=notes,
    )


def _without_interval(estimate: Estimate) -> str:
    if np.isposinf(estimate.a) or np.isposinf(estimate.b):
        both = np.isposinf(estimate.a) and np.isposinf(estimate.b)
        side = "both sides" if both else "the candidate" if np.isposinf(estimate.b) else "the reference"
        return f"is a failure on {side}" if both else f"is a failure in {side}"
    return wording.few_sessions(estimate.df + 1) if estimate.df < 1 else wording.NO_INTERVAL


def _result(one: Measured, judged: Judged) -> EndpointResult:
    quantity = one.quantity
    over_time = timelines((quantity.a.start, quantity.a.ms), (quantity.b.start, quantity.b.ms))
    return EndpointResult(
        name=quantity.name,
        kind=quantity.kind,
        n_a=len(quantity.a.ms),
        n_b=len(quantity.b.ms),
        verdict=judged.verdict,
        why=judged.why,
        changes=judged.changes,
        failures=judged.failures,
        distance=distance(quantity),
        ecdf_a=ecdf(quantity.a),
        ecdf_b=ecdf(quantity.b),
        timeline_a=over_time[0],
        timeline_b=over_time[1],
    )


def _missing(results: Sequence[EndpointResult], twins: Twins) -> list[EndpointResult]:
    """Rows for what stands in the traces but could not be compared at all: nothing may vanish from a report."""
    there = {(result.kind, result.name) for result in results}
    rows = []
    for (kind, name), a, b in zip(twins.names, *(seen.tolist() for seen in twins.seen), strict=True):
        if (a or b) and (kind, name) not in there:
            why = "none of its requests could be compared" if a and b else wording.one_sided(candidate=not a)
            rows.append(EndpointResult(name=name, kind=kind, n_a=a, n_b=b, verdict="inconclusive", why=why))
    return rows


def _settings(margins: Margins, seed: int) -> dict[str, float | int | str]:
    return {
        "unit of evidence": "session",
        "resamples": RESAMPLES,
        "seed": seed,
        "alpha": ALPHA,
        "alpha of failures": FAILURE_ALPHA,
        "margin typical": margins.typical,
        "margin p95": margins.p95,
        "margin p99": margins.p99,
        "floor (ms)": margins.floor_ms,
    }
