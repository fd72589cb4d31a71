"""What is measured: each endpoint, each time to a condition, and a session's total, as bare arrays on two sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from traces.compare.result import Kind
from traces.compare.table import OK, TIMEOUT, Bools, Floats, Ints, Table
from traces.compare.twins import Twins
from traces.compare.units import evidence

SESSION_TOTAL: Final = "SESSION total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One quantity on one side.

    ms:      ascending, inf where the request failed.
    unit:    the unit of evidence of each.
    start:   ns after the trace's epoch, of each.
    timeouts: how many of the failed timed out.
    sessions: number of sessions that have it (first copy).
    failing: sessions (first copy) in which it failed at least once.
    """

    ms: Floats
    unit: Ints
    start: Ints
    timeouts: int
    sessions: int
    failing: Ints

    @property
    def failed(self) -> int:
        return int(np.isinf(self.ms).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One quantity on both sides.

    twin_unit, twin_log: paired only, one entry a recorded request that was answered on both sides: its unit, and
    ln(candidate / reference), each side being the mean of ln(ms) over its copies (so each of k copies weighs 1/k).
    """

    name: str
    kind: Kind
    a: Sample
    b: Sample
    twin_unit: Ints
    twin_log: Floats


def quantities(twins: Twins) -> list[Quantity]:
    """Every endpoint and "until" row that stands on either side, then the session total; an absent side is empty."""
    units = (evidence(twins.sessions[0]), evidence(twins.sessions[1]))
    key_unit, key_log = _twin_logs(twins, units[0])
    parts_a, parts_b = _split(twins.a, len(twins.names)), _split(twins.b, len(twins.names))
    result = []
    for code, (kind, name) in enumerate(twins.names):
        a, b = twins.a.where(parts_a[code]), twins.b.where(parts_b[code])
        if not (len(a) or len(b)):
            continue
        keys = np.unique(a.key) if twins.paired else np.zeros(0, np.int64)
        known = keys[np.isfinite(key_log[keys])]
        result.append(
            Quantity(
                name=name,
                kind=kind,
                a=_sample(a, units[0]),
                b=_sample(b, units[1]),
                twin_unit=key_unit[known],
                twin_log=key_log[known],
            )
        )
    total = _session_total(twins, units)
    return [*result, total] if total is not None else result


def _split(table: Table, endpoints: int) -> list[Ints]:
    """Row numbers of each endpoint, in the table's order."""
    order = np.argsort(table.endpoint, kind="stable")
    return np.split(order, np.searchsorted(table.endpoint[order], np.arange(1, endpoints)))


def _sample(table: Table, unit_of: Ints) -> Sample:
    first = _first_copy(table)
    order = np.argsort(table.ms, kind="stable")
    return Sample(
        ms=table.ms[order],
        unit=unit_of[table.session[order]],
        start=table.start[order],
        timeouts=int((table.outcome == TIMEOUT).sum()),
        sessions=len(np.unique(table.session[first])),
        failing=np.unique(table.session[first & (table.outcome != OK)]),
    )


def _first_copy(table: Table) -> Bools:
    """Rows of a session's first copy: a person who fails ten times over is one piece of evidence."""
    first: Bools = (table.clone == 0) & (table.lap == 0)
    return first


def _twin_logs(twins: Twins, unit_of: Ints) -> tuple[Ints, Floats]:
    """Per key: its unit and ln(candidate / reference); nan when either side never answered."""
    unit = np.zeros(twins.keys, np.int64)
    if not twins.paired:
        return unit, np.zeros(0)
    unit[twins.a.key] = unit_of[twins.a.session]
    a, b = (_mean_log(side.key, side.ms, twins.keys) for side in (twins.a, twins.b))
    return unit, b - a


def _mean_log(code: Ints, ms: Floats, codes: int) -> Floats:
    """Per code: the mean of ln(ms) over its answered rows; nan when there is none."""
    answered = np.isfinite(ms)
    count = np.bincount(code[answered], minlength=codes)
    total = np.bincount(code[answered], weights=np.log(ms[answered]), minlength=codes)
    mean = np.full(codes, np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean


def _session_total(twins: Twins, units: tuple[Ints, Ints]) -> Quantity | None:
    """The sum of each session copy's latencies at the endpoints both sides have; infinite when one of them failed.

    Paired, a copy that lacks one of its session's requests is left out: a shorter session is not a faster one.
    """
    on_both = np.intersect1d(twins.a.endpoint, twins.b.endpoint)
    is_request = np.array([kind == "endpoint" for kind, _ in twins.names])
    is_request &= np.isin(np.arange(len(twins.names)), on_both)
    sides = []
    for table, unit_of in zip((twins.a, twins.b), units, strict=True):
        requests = table.where(is_request[table.endpoint])
        if not len(requests):
            return None
        wanted = None
        if twins.paired:
            # Keys of a session, counted once each: distinct keys are the same on both sides by now.
            _, once = np.unique(requests.key, return_index=True)
            wanted = np.bincount(requests.session[once], minlength=len(unit_of))
        sides.append((_totals(requests, wanted), unit_of))
    (a, unit_a), (b, unit_b) = sides
    twin_unit, twin_log = np.zeros(0, np.int64), np.zeros(0)
    if twins.paired:
        count = len(unit_a)
        difference = _mean_log(b.session, b.ms, count) - _mean_log(a.session, a.ms, count)
        known = np.isfinite(difference)
        twin_unit, twin_log = unit_a[known], difference[known]
    return Quantity(
        name=SESSION_TOTAL,
        kind="session",
        a=_sample(a, unit_a),
        b=_sample(b, unit_b),
        twin_unit=twin_unit,
        twin_log=twin_log,
    )


def _totals(table: Table, wanted: Ints | None) -> Table:
    """One row a session copy; `wanted` is how many requests each session must have to count."""
    order = np.lexsort((table.clone, table.lap, table.session))
    rows = table.where(order)
    copy = np.stack((rows.session, rows.lap, rows.clone))
    fresh = np.concatenate(([True], (copy[:, 1:] != copy[:, :-1]).any(axis=0)))
    begin = np.flatnonzero(fresh)
    ms = np.add.reduceat(rows.ms, begin)
    count = np.diff(np.append(begin, len(rows)))
    start = np.minimum.reduceat(rows.start, begin)
    outcome = np.maximum.reduceat(rows.outcome, begin)
    totals = rows.where(begin)
    totals.ms[:], totals.start[:], totals.outcome[:] = ms, start, outcome
    if wanted is None:
        return totals
    return totals.where((count >= wanted[totals.session]) | ~np.isfinite(ms))
