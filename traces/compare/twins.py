"""Which request of one trace is compared with which of the other, and which are left out, counted by reason.

Rule 1: twins leave together. What one side cannot compare, the other may not either, or the rest would differ in kind.
Rule 2: a session has one code on both sides, whatever a run calls its clones: that of the reference's first copy.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from traces.compare.result import Kind
from traces.compare.table import REASONS, Bools, Ints, Table
from traces.compare.warm_up import early_sessions, starts

NO_TWIN: Final = "no twin on the other side"
TWIN_LEFT: Final = "its twin is left out"
WARM_UP: Final = "warm-up"
LATER_POLL: Final = "later attempt of a poll"


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """Two tables in one code: same endpoint codes, and (paired) same key and session codes.

    a, b:      what is compared; unpaired, `session` is each side's own.
    names:     endpoint code -> (kind, name).
    keys:      number of key codes.
    sessions:  number of session codes, per side; paired: the same number twice.
    left_out:  (reason, requests of a, requests of b).
    unmatched: share of each side's requests that have no twin, polls aside; 0 when unpaired.
    said:      caveats about all this, in sentences.
    seen:      rows of each endpoint code per side, before anything was left out.
    """

    a: Table
    b: Table
    names: tuple[tuple[Kind, str], ...]
    paired: bool
    keys: int
    sessions: tuple[int, int]
    left_out: tuple[tuple[str, int, int], ...]
    unmatched: tuple[float, float] = (0.0, 0.0)
    said: tuple[str, ...] = ()
    seen: tuple[Ints, Ints] = (np.zeros(0, np.int64), np.zeros(0, np.int64))

    def requests(self, table: Table) -> Table:
        """The rows of `table` that are requests, not times until a condition held."""
        kinds = np.array([kind == "endpoint" for kind, _ in self.names], np.bool_)
        return table.where(kinds[table.endpoint]) if len(table) else table


@dataclass(slots=True)
class _Left:
    """Counts of what is left out, by reason."""

    a: Counter[str] = field(default_factory=Counter)
    b: Counter[str] = field(default_factory=Counter)

    def count(self, reason: str, stay_a: Bools, stay_b: Bools) -> None:
        self.a[reason] += int((~stay_a).sum())
        self.b[reason] += int((~stay_b).sum())

    def leave(self, reason: str, a: Table, b: Table, stay_a: Bools, stay_b: Bools) -> tuple[Table, Table]:
        self.count(reason, stay_a, stay_b)
        return a.where(stay_a), b.where(stay_b)

    def rows(self) -> tuple[tuple[str, int, int], ...]:
        return tuple((reason, self.a[reason], self.b[reason]) for reason in sorted(self.a | self.b))


def align(a: Table, b: Table, *, pair: bool = True) -> Twins:
    """Bring both sides into one code and keep what can be compared.

    pair: False when the caller knows that ids do not mean the same on both sides (runs of different recordings).

    Two recordings have twins only where one is a copy of the other: same id *and* same instant.
    """
    a, b, names = _common_names(a, b)
    seen = (np.bincount(a.endpoint, minlength=len(names)), np.bincount(b.endpoint, minlength=len(names)))
    return replace(_align(a, b, names, pair=pair), seen=seen)


def _align(a: Table, b: Table, names: tuple[tuple[Kind, str], ...], *, pair: bool) -> Twins:
    left = _Left()
    left.a[LATER_POLL], left.b[LATER_POLL] = a.later_polls, b.later_polls
    if not (len(a) and len(b)):
        return Twins(a=a, b=b, names=names, paired=False, keys=0, sessions=(0, 0), left_out=left.rows())
    a, b, keys = _common_keys(a, b, len(names))
    both = _flags(a.key, keys) & _flags(b.key, keys)
    has_a, has_b = both[a.key], both[b.key]
    if not (pair and max(has_a.mean(), has_b.mean()) >= 0.5 and (a.runs or b.runs or _copies(a, b, both))):
        return _unpaired(a, b, names, left)
    unmatched = (_share_without(a, names, has_a), _share_without(b, names, has_b))
    left.count(NO_TWIN, has_a, has_b)
    return replace(_paired(a.where(has_a), b.where(has_b), keys, left), names=names, unmatched=unmatched)


def _paired(a: Table, b: Table, keys: int, left: _Left) -> Twins:
    _, first = np.unique(a.key, return_index=True)  # rows are in canonical order: the first is the first copy
    session_of = np.full(keys, -1, np.int64)
    session_of[a.key[first]] = a.session[first]
    a, b = replace(a, session=session_of[a.key]), replace(b, session=session_of[b.key])
    a, b = _clean(a, b, left)
    usable = _flags(a.key, keys) & _flags(b.key, keys)
    a, b = left.leave(TWIN_LEFT, a, b, usable[a.key], usable[b.key])
    said = []
    if len(a):
        early, sentence = early_sessions(a, b)
        a, b = left.leave(WARM_UP, a, b, ~np.isin(a.session, early), ~np.isin(b.session, early))
        said.append(sentence)
    order, count = _by_start(a)
    return Twins(
        a=replace(a, session=order[a.session]),
        b=replace(b, session=order[b.session]),
        names=(),
        paired=True,
        keys=keys,
        sessions=(count, count),
        left_out=left.rows(),
        said=tuple(said),
    )


def _unpaired(a: Table, b: Table, names: tuple[tuple[Kind, str], ...], left: _Left) -> Twins:
    a, b = _clean(a, b, left)
    said = ["The two traces share no twins, so they are compared as wholes: a change in what was asked counts too."]
    stay = []
    for which, side in (("First", a), ("Second", b)):
        early, sentence = early_sessions(side) if len(side) else (np.zeros(0, np.int64), "")
        stay.append(~np.isin(side.session, early))
        said.extend([f"{which} trace: {sentence}"] if sentence else [])
    a, b = left.leave(WARM_UP, a, b, *stay)
    (order_a, count_a), (order_b, count_b) = _by_start(a), _by_start(b)
    return Twins(
        a=replace(a, session=order_a[a.session]),
        b=replace(b, session=order_b[b.session]),
        names=names,
        paired=False,
        keys=0,
        sessions=(count_a, count_b),
        left_out=left.rows(),
        said=tuple(said),
    )


def _by_start(table: Table) -> tuple[Ints, int]:
    """Old session code -> rank of its start, 0-based; and how many there are. Ties go to the smaller key."""
    if not len(table):
        return np.zeros(0, np.int64), 0
    codes, start = starts(table)
    key = np.full(len(codes), np.iinfo(np.int64).max)
    np.minimum.at(key, np.searchsorted(codes, table.session), table.key)
    order = np.full(int(codes.max()) + 1, -1, np.int64)
    order[codes[np.lexsort((key, start))]] = np.arange(len(codes))
    return order, len(codes)


def _clean(a: Table, b: Table, left: _Left) -> tuple[Table, Table]:
    """Drop what has no clean interval, counted under its first flag."""
    for table, counter in ((a, left.a), (b, left.b)):
        codes, counts = np.unique(table.reason[table.reason != 0], return_counts=True)
        for code, count in zip(codes, counts, strict=True):
            counter[REASONS[code]] += int(count)
    return a.where(a.reason == 0), b.where(b.reason == 0)


def _common_names(a: Table, b: Table) -> tuple[Table, Table, tuple[tuple[Kind, str], ...]]:
    names = tuple(sorted({*a.names, *b.names}))
    code = {name: index for index, name in enumerate(names)}
    sides = []
    for table in (a, b):
        new = np.array([code[name] for name in table.names], np.int64)
        sides.append(replace(table, endpoint=new[table.endpoint] if len(table) else table.endpoint))
    return sides[0], sides[1], names


def _common_keys(a: Table, b: Table, endpoints: int) -> tuple[Table, Table, int]:
    """Recode (key, endpoint) densely over both sides; a "until" row never meets the poll's first attempt this way."""
    _, key = np.unique(np.concatenate((a.key, b.key)), return_inverse=True)
    both = key * endpoints + np.concatenate((a.endpoint, b.endpoint))
    distinct, dense = np.unique(both, return_inverse=True)
    return replace(a, key=dense[: len(a)]), replace(b, key=dense[len(a) :]), len(distinct)


def _copies(a: Table, b: Table, both: Bools) -> bool:
    """Whether two recordings are copies of one: most shared ids start at the same instant."""
    start_a, start_b = np.zeros(len(both), np.int64), np.zeros(len(both), np.int64)
    start_a[a.key], start_b[b.key] = a.start, b.start
    return bool((start_a == start_b)[both].mean() >= 0.5) if both.any() else False


def _share_without(table: Table, names: tuple[tuple[Kind, str], ...], has: Bools) -> float:
    request = np.array([kind == "endpoint" for kind, _ in names])[table.endpoint]
    return float(1 - has[request].mean()) if request.any() else 0.0


def _flags(codes: Ints, size: int) -> Bools:
    flags = np.zeros(size, np.bool_)
    flags[codes] = True
    return flags
