"""The fidelity certificate: did the run do what was planned, and on time? Every request is accounted for."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from replay.engine.outcome import SAME

#: A run that sent less than this of what it could have sent measured something else.
_SENT: Final = 0.999
#: Differing outcomes that have names of their own, and how long a name is at most: answers' words stand in them.
MOST_NAMED: Final = 200
_LONGEST: Final = 200
#: Rows of a kind that a report shows.
_SHOWN: Final = 8
#: Examples kept of what went wrong.
EXAMPLES: Final = 20
OTHER_REASONS: Final = "differs: other reasons"


class Outcomes(Counter[str]):
    """What came of requests, by name; beyond so many names all new ones count under one."""

    def __getitem__(self, name: str) -> int:
        return super().__getitem__(self._named(name))

    def __setitem__(self, name: str, count: int) -> None:
        super().__setitem__(self._named(name), count)

    def _named(self, name: str) -> str:
        if len(name) > _LONGEST:
            name = f"{name[: _LONGEST - 1]}…"
        if name in self or name == SAME or len(self) - (SAME in self) < MOST_NAMED:
            return name
        return OTHER_REASONS


@dataclass(slots=True)
class Tally:
    """What happens during a run, counted as it happens.

    planned: requests of the schedule; a poll loop is one.
    sent:    of these, those that went out.
    reasons: why the others did not, by name.
    unbound: examples of values that could not be bound: session, request, slot, why.
    left:    examples of sessions that left the recorded way otherwise: session, request, why.
    wanted:  requests of the schedule by endpoint; as_recorded: of these, those answered as they had been.
    outcomes: what came of what was sent, by name.
    lateness: ns, one for every request sent, every attempt of a poll among them.
    """

    planned: int = 0
    sent: int = 0
    attempts: int = 0
    reused: int = 0
    sessions: int = 0
    completed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    outcomes: Outcomes = field(default_factory=Outcomes)
    unbound: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    wanted: Counter[str] = field(default_factory=Counter)
    as_recorded: Counter[str] = field(default_factory=Counter)
    lateness: array[int] = field(default_factory=lambda: array("q"))
    first_start: int | None = None
    last_start: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity:
    """The certificate; times in ms, `invalid` is the sentence that says why the run proves nothing, or None.

    steps:     endpoint -> (requests of the schedule, those of them answered as recorded), in the schedule's order.
    differing: how the answers of the others differed and how often, the most frequent first.
    """

    planned: int
    sent: int
    attempts: int
    reasons: Mapping[str, int]
    sessions: int
    completed: int
    unbound_ours: int
    unbound_target: int
    lateness_p50: float
    lateness_p99: float
    lateness_max: float
    reuse: float
    steps: Mapping[str, tuple[int, int]]
    differing: Mapping[str, int]
    speed: float
    achieved_speed: float
    invalid: str | None

    def facts(self) -> dict[str, str]:
        """The rows a report shows."""
        rest = ", ".join(f"{count} {reason}" for reason, count in sorted(self.reasons.items())) or "none"
        return {
            "requests planned": str(self.planned),
            "requests sent": f"{self.sent} (with repeated polls {self.attempts})",
            "not sent": rest,
            "sessions completed": f"{self.completed} of {self.sessions}",
            **self._steps(),
            **{
                f"answers that differ, {n}": f"{count}: {why}"
                for n, (why, count) in enumerate(_most(self.differing), 1)
            },
            "unbound": f"{self.unbound_ours} ours, {self.unbound_target} after a differing answer",
            "lateness, ms": f"p50 {self.lateness_p50:.2f}, p99 {self.lateness_p99:.2f}, max {self.lateness_max:.1f}",
            "connections reused": f"{self.reuse:.1%}",
            "speed": f"{self.speed:g}x asked, {self.achieved_speed:.2f}x reached",
        }

    def _steps(self) -> dict[str, str]:
        """A row for each endpoint that was not answered as recorded every time; one row when all were."""
        lacking = {name: (n, same) for name, (n, same) in self.steps.items() if same < n}
        if not lacking:
            return {"steps as recorded": f"all of {len(self.steps)} endpoints"}
        rows = {f"as recorded: {name}": f"{same} of {n}" for name, (n, same) in islice(lacking.items(), _SHOWN)}
        return rows | ({"as recorded: others": f"{len(lacking) - _SHOWN} lack some"} if len(lacking) > _SHOWN else {})

    def plain(self) -> dict[str, Any]:
        """As JSON-able data."""
        return {name: getattr(self, name) for name in self.__slots__} | {
            "reasons": dict(self.reasons),
            "steps": {name: list(counts) for name, counts in self.steps.items()},
            "differing": dict(self.differing),
        }


UNBOUND_OURS: Final = "unbound"
UNBOUND_TARGET: Final = "unbound after a differing answer"
INTERRUPTED: Final = "interrupted"
#: What follows an unbound request in its session.
SESSION_ENDED: Final = "session had ended"


def certify(tally: Tally, *, speed: float, recorded_span: int) -> Fidelity:
    """Make the certificate. `recorded_span`: ns from the first to the last recorded session start."""
    ours = tally.reasons[UNBOUND_OURS]
    span = tally.last_start - (tally.first_start or 0)
    invalid = None
    if ours:
        invalid = (
            f"{ours} requests had no live value to send and the answers before them were as recorded, so the fault is "
            f"the replay's: {tally.unbound[0]}"
        )
    elif tally.reasons[INTERRUPTED]:
        invalid = f"the run was interrupted with {tally.reasons[INTERRUPTED]} requests unsent"
    else:
        blameless = tally.reasons[UNBOUND_TARGET] + tally.reasons[SESSION_ENDED]
        if tally.sent + blameless < _SENT * tally.planned:
            invalid = f"only {tally.sent} of {tally.planned} planned requests were sent"
    lateness = sorted(tally.lateness)
    return Fidelity(
        planned=tally.planned,
        sent=tally.sent,
        attempts=tally.attempts,
        reasons=dict(tally.reasons),
        steps={name: (count, tally.as_recorded[name]) for name, count in tally.wanted.items()},
        differing=dict(Counter({why: n for why, n in tally.outcomes.items() if why != SAME}).most_common()),
        sessions=tally.sessions,
        completed=tally.completed,
        unbound_ours=ours,
        unbound_target=tally.reasons[UNBOUND_TARGET],
        lateness_p50=_at(lateness, 0.5),
        lateness_p99=_at(lateness, 0.99),
        lateness_max=_at(lateness, 1.0),
        reuse=tally.reused / tally.attempts if tally.attempts else 0.0,
        speed=speed,
        achieved_speed=recorded_span / span if span > 0 else speed,
        invalid=invalid,
    )


def _most(differing: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    return islice(((why.removeprefix("differs: "), count) for why, count in differing.items()), _SHOWN)


def _at(ordered: list[int], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1e6 if ordered else 0.0
