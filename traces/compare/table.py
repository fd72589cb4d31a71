"""One side of a comparison as columns: a million exchanges become a dozen numpy arrays in one pass.

Rule 1: no Exchange is held. What a verdict needs of one is about fifty bytes.
Rule 2: a failure is a row like any other (latency infinite), so that failing fast never looks like being fast.
Rule 3: nothing is dropped here without being counted; rows that may not be compared keep their reason beside them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from traces.compare.result import Kind
from traces.model import FLAGS, Exchange

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

OK: Final = 0
FAILED: Final = 1
TIMEOUT: Final = 2

#: Why a row is not compared: index 0 is "it is", then the flags of the model, then what this file finds itself.
REASONS: Final = ("", *FLAGS, "no interval", "other flag")
_REASON: Final = {reason: code for code, reason in enumerate(REASONS)}

#: 1 us in ms: below any clock here, so an interval of 0 ns stays a number with a logarithm.
_SHORTEST: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Parallel columns, one entry a request (or a "until" row).

    names:    endpoint code -> (kind, name).
    runs:     whether any exchange repeats a recorded one, that is, whether this is a run.
    later_polls: attempts after the first of a poll; they only count in its "until" row.
    repeated: names of the "until" rows that had any.
    endpoint: code into `names`.
    session:  code of the session, before clones are told apart.
    key:      what twins share: the recorded exchange's id.
    clone, lap: which copy of the session.
    start:    ns after the trace's epoch.
    ms:       the compared interval in ms, inf when the request failed, nan when there is none.
    outcome:  OK, FAILED or TIMEOUT.
    reason:   code into REASONS; 0 is clean.
    """

    names: tuple[tuple[Kind, str], ...]
    runs: bool
    later_polls: int
    repeated: frozenset[str]
    endpoint: Ints
    session: Ints
    key: Ints
    clone: Ints
    lap: Ints
    start: Ints
    ms: Floats
    outcome: Ints
    reason: Ints

    def __len__(self) -> int:
        return len(self.key)

    def where(self, mask: npt.NDArray[Any]) -> Table:
        """The rows `mask` selects (booleans) or lists (indices)."""
        columns = ("endpoint", "session", "key", "clone", "lap", "start", "ms", "outcome", "reason")
        return replace(self, **{column: getattr(self, column)[mask] for column in columns})


def tabulate(exchanges: Iterable[Exchange], polls: Mapping[int, int] | None = None) -> Table:
    """Read `exchanges` once.

    polls: for a recording, id of an exchange -> id of the first of the poll it belongs to; a run says so itself.

    The first attempt of a poll is a request like any other, with a twin on the other side. Later attempts are as many
    as the condition took, so they have none: they only move the end of the poll's "until: <endpoint>" row.
    """
    columns = _Columns(polls or {})
    for exchange in exchanges:
        columns.add(exchange)
    return columns.table()


def waited(a: Table, b: Table) -> tuple[Table, Table]:
    """Both sides without the "until" rows of endpoints that neither had to ask twice: the first answer's own interval
    says all there is to say.
    """
    repeated = a.repeated | b.repeated
    return _only(a, repeated), _only(b, repeated)


def _only(table: Table, repeated: frozenset[str]) -> Table:
    kept = np.array([kind != "until" or name in repeated for kind, name in table.names], dtype=bool)
    return table.where(kept[table.endpoint]) if len(table) else table


class _Columns:
    """Growing columns. `array` appends at a third of a list's memory and hands its buffer to numpy."""

    def __init__(self, polls: Mapping[int, int]) -> None:
        self._polls = {**polls, **{first: first for first in polls.values()}}
        self._names: dict[tuple[Kind, str], int] = {}
        self._sessions: dict[str, int] = {}
        # (session, clone, lap, first id, endpoint) -> [first due, last start, its end or -1, its outcome]
        self._waits: dict[tuple[int, int, int, int, str], list[int]] = {}
        self._whole = {name: array("q") for name in ("endpoint", "session", "key", "clone", "lap", "start")}
        self._ms = array("d")
        self._small = {name: array("b") for name in ("outcome", "reason")}
        self._runs = False
        self._later_polls = 0
        self._repeated: set[str] = set()

    def add(self, exchange: Exchange) -> None:
        origin = exchange.origin
        session = exchange.session or f"connection {exchange.connection or exchange.id}"
        code = self._sessions.setdefault(session, len(self._sessions))
        endpoint = exchange.endpoint or f"{exchange.request.method.decode('latin-1')} (no template)"
        outcome = outcome_of(exchange)
        if origin is None:
            key, clone, lap, due = exchange.id, 0, 0, exchange.clock.received
            first = self._polls.get(exchange.id)
            later = first is not None and first != exchange.id
        else:
            self._runs = True
            key, clone, lap, due = origin.of, origin.clone, origin.lap, origin.due
            first = None if origin.poll is None else origin.of
            later = bool(origin.poll)
        if first is not None:
            self._wait((code, clone, lap, first, endpoint), exchange, due, outcome)
            if later:
                self._later_polls += 1
                self._repeated.add(f"until: {endpoint}")
                return
        ms, reason = _interval(exchange, outcome)
        copy = (code, clone, lap, key)
        self._row(("endpoint", endpoint), copy, start=exchange.clock.received, ms=ms, outcome=outcome, reason=reason)

    def _wait(self, group: tuple[int, int, int, int, str], exchange: Exchange, due: int, outcome: int) -> None:
        start, end = exchange.clock.received, exchange.clock.last_byte
        known = self._waits.setdefault(group, [due, start, -1, FAILED])
        known[0] = min(known[0], due)
        if start >= known[1]:
            known[1:] = [start, -1 if end is None else end, outcome]

    def _row(
        self,
        name: tuple[Kind, str],
        copy: tuple[int, int, int, int],
        *,
        start: int,
        ms: float,
        outcome: int,
        reason: int,
    ) -> None:
        session, clone, lap, key = copy
        whole = self._whole
        whole["endpoint"].append(self._names.setdefault(name, len(self._names)))
        whole["session"].append(session)
        whole["key"].append(key)
        whole["clone"].append(clone)
        whole["lap"].append(lap)
        whole["start"].append(start)
        self._ms.append(ms)
        self._small["outcome"].append(outcome)
        self._small["reason"].append(reason)

    def table(self) -> Table:
        for (session, clone, lap, first, endpoint), (due, _, end, outcome) in self._waits.items():
            held = outcome == OK and end >= due
            ms = max((end - due) / 1e6, _SHORTEST) if held else np.inf
            result = OK if held else max(outcome, FAILED)
            copy = (session, clone, lap, first)
            self._row(("until", f"until: {endpoint}"), copy, start=due, ms=ms, outcome=result, reason=0)
        self._waits.clear()
        whole = {name: np.frombuffer(column, np.int64) for name, column in self._whole.items()}
        small = {name: np.frombuffer(column, np.int8).astype(np.int64) for name, column in self._small.items()}
        table = Table(
            names=tuple(self._names),
            runs=self._runs,
            later_polls=self._later_polls,
            repeated=frozenset(self._repeated),
            ms=np.frombuffer(self._ms, np.float64),
            **whole,
            **small,
        )
        # One canonical order, so that the order of the file changes no last digit of any sum.
        return table.where(np.lexsort((table.start, table.clone, table.lap, table.key)))


def outcome_of(exchange: Exchange) -> int:
    """OK, FAILED or TIMEOUT. An answer is OK whatever its status, as long as it is what was recorded."""
    if exchange.error is not None:
        return TIMEOUT if exchange.error.startswith("timeout") else FAILED
    if exchange.response is None or (exchange.outcome or "").startswith("differs"):
        return FAILED
    return OK


def _interval(exchange: Exchange, outcome: int) -> tuple[float, int]:
    """The compared interval in ms and the reason not to compare it.

    A failure needs no clean interval: dropping a refused connection because its connect was slow would hide it.
    """
    if outcome != OK:
        return np.inf, 0
    wait = exchange.clock.wait
    if exchange.flags:
        return np.nan, _REASON.get(exchange.flags[0], _REASON["other flag"])
    if wait is None or wait < 0:
        return np.nan, _REASON["no interval"]
    return max(wait / 1e6, _SHORTEST), 0
