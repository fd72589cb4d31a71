"""The verdict on the whole, its headline, and what a reader should know before acting on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from traces.compare import wording
from traces.compare.quantiles import GATES_FROM
from traces.compare.result import EndpointResult, Verdict
from traces.compare.table import REASONS
from traces.compare.twins import Twins
from traces.compare.units import ENOUGH, MOST

#: Share of requests without a twin above which the rest cannot speak for the whole (STATISTICS 7.3).
_UNMATCHED: Final = 0.02
#: An endpoint with less than this share of the requests does not keep the whole open; it can still regress.
_RARE: Final = 0.01
_SENTENCES: Final = 5
_ROLES: Final = ("reference", "candidate")

Summary = tuple[Verdict, tuple[str, ...], tuple[str, ...]]


def overall(results: Sequence[EndpointResult], twins: Twins, *, weak: bool, names: tuple[str, str]) -> Summary:
    """The verdict, why (headline first), and the caveats."""
    names = _called(names)
    empty = _empty(results, twins, names)
    if empty is not None:
        return "inconclusive", (f"Inconclusive: {empty}.",), twins.said
    said = [*twins.said, *_always(twins), *_not_judged(results)]
    rare = _rare(results)
    open_ = [result for result in results if result.verdict == "inconclusive"]
    if rare:
        listed = ", ".join(sorted(result.name for result in rare)[:_SENTENCES])
        said.append(
            f"Endpoints with less than {wording.percent(_RARE)} of the requests are too rare to keep the verdict open: "
            f"{listed}."
        )
        open_ = [result for result in open_ if result not in rare]
    regressed = [result for result in results if result.verdict == "regressed"]
    unmatched = _unmatched(twins, names)
    if regressed:
        first, *rest = (result.why for result in _headline_order(regressed))
        why = (f"Regressed: {first}.", *_listed(rest))
        return "regressed", (*why, *unmatched), tuple(said)
    obstacles = [*unmatched, *_weak(weak, twins)]
    if _identical(results):
        obstacles.insert(0, "The two sides hold the same measurements, request for request.")
    if open_ or unmatched or weak:
        details = [f"{result.name}: {result.why}" for result in _headline_order(open_)]
        head = "nothing is shown to be slower, but a slowdown beyond the margins is not ruled out"
        return "inconclusive", (f"Inconclusive: {head}.", *obstacles, *_listed(details)), tuple(said)
    return (*_passed(results, obstacles, rare), tuple(said))


def _called(names: tuple[str, str]) -> tuple[str, str]:
    """The sides as a sentence can name them, whatever words the caller has for them."""
    a, b = (role if name == role else f"{role} ({name})" for role, name in zip(_ROLES, names, strict=True))
    return a, b


def _passed(
    results: Sequence[EndpointResult], remarks: Sequence[str], rare: Sequence[EndpointResult]
) -> tuple[Verdict, tuple[str, ...]]:
    judged = [result for result in results if result not in rare]
    improved = [result for result in judged if result.verdict == "improved"]
    count = sum(result.kind == "endpoint" for result in judged)
    if all(result.verdict == "equivalent" for result in judged):
        which = f"none of the {count:,} endpoints" if count > 1 else "the one endpoint has not"
        return "equivalent", (f"Equivalent: {which} moved beyond the margins, up or down.", *remarks)
    if improved:
        first, *rest = (result.why for result in _headline_order(improved))
        return "improved", (f"Improved: {first}; nothing is slower.", *_listed(rest), *remarks)
    return "not worse", (
        f"Not worse: slowdowns beyond the margins are ruled out for all {count:,} endpoints.",
        *remarks,
    )


def _headline_order(results: Sequence[EndpointResult]) -> list[EndpointResult]:
    """Endpoints before what is made of them, then the largest change first."""

    def weight(result: EndpointResult) -> tuple[bool, bool, float, str]:
        change = result.change("typical")
        ratio = change.ratio if change is not None and change.ratio is not None else 1.0
        fails = result.failures is not None and result.failures.worse
        return result.kind != "endpoint", not fails, -max(ratio, 1 / ratio), result.name

    return sorted(results, key=weight)


def _listed(sentences: Sequence[str]) -> tuple[str, ...]:
    shown = [f"{sentence}." for sentence in sentences[:_SENTENCES]]
    more = len(sentences) - len(shown)
    return (*shown, f"{more:,} more in the table.") if more > 0 else tuple(shown)


def _rare(results: Sequence[EndpointResult]) -> list[EndpointResult]:
    total = max(1, sum(max(result.n_a, result.n_b) for result in results if result.kind == "endpoint"))
    return [
        result
        for result in results
        if result.verdict == "inconclusive" and result.kind != "session" and max(result.n_a, result.n_b) < _RARE * total
    ]


def _identical(results: Sequence[EndpointResult]) -> bool:
    return all(result.distance is not None and result.distance.wasserstein == 0 for result in results) and all(
        change.ratio in {None, 1.0} and change.low == change.high for result in results for change in result.changes
    )


def _weak(weak: bool, twins: Twins) -> list[str]:
    if not weak:
        return []
    return [f"{min(twins.sessions):,} sessions are too few to certify anything; at least {ENOUGH} are needed."]


def _unmatched(twins: Twins, names: tuple[str, str]) -> list[str]:
    return [
        f"{wording.percent(share)} of the requests of the {name} have no twin on the other side; above "
        f"{wording.percent(_UNMATCHED)} the rest cannot speak for them."
        for share, name in zip(twins.unmatched, names, strict=True)
        if share > _UNMATCHED
    ]


def _empty(results: Sequence[EndpointResult], twins: Twins, names: tuple[str, str]) -> str | None:
    """Why there is nothing to compare at all; None when there is something."""
    left = {reason: (a, b) for reason, a, b in twins.left_out}
    bare = [side for side, table in enumerate((twins.a, twins.b)) if not len(table)]
    for side in bare:
        flags = {reason: left[reason][side] for reason in REASONS[1:] if left.get(reason, (0, 0))[side]}
        if flags:
            worst = max(flags, key=lambda reason: flags[reason])
            return f"no request of the {names[side]} has a clean interval; {flags[worst]:,} are left out as {worst!r}"
    for side in bare:
        if twins.seen[side].any():
            return f"no request of the {names[side]} has a twin that could be compared"
        return f"the {names[side]} holds no requests"
    a, b = ({twins.names[code] for code in set(table.endpoint.tolist())} for table in (twins.a, twins.b))
    if not a & b:
        return "the two traces share no endpoint"
    failures = [(result, result.failures) for result in results if result.failures is not None]
    if all(found.requests_a == result.n_a and found.requests_b == result.n_b for result, found in failures):
        return "every request failed on both sides, so there is no latency to compare"
    return None


def _not_judged(results: Sequence[EndpointResult]) -> list[str]:
    """Which percentiles no verdict looked at, for want of requests."""
    said = []
    for metric, needed in GATES_FROM.items():
        names = [r.name for r in results if r.changes and not any(c.metric == metric and c.gates for c in r.changes)]
        if names:
            which = ", ".join(names) if len(names) <= 3 else f"{len(names):,} of {len(results):,} rows"
            said.append(f"{metric} is not judged for {which}: that takes {needed:,} requests a side.")
    return said


def _always(twins: Twins) -> list[str]:
    said = ["One run a side: a difference includes what varies from run to run. Repeat before acting on a small one."]
    pooled = f", neighbours pooled to {MOST}" if min(twins.sessions) > MOST else ""
    said.append(
        f"Sessions count as independent pieces of evidence{pooled}; a slow spell of the machine touches many at once, "
        "so see the timeline."
    )
    return said
