"""The fidelity certificate: did the run do what was planned, and on time? Every request is accounted for."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

#: A run that sent less than this of what it could have sent measured something else.
_SENT: Final = 0.999


@dataclass(slots=True)
class Tally:
    """What happens during a run, counted as it happens.

    planned: requests of the schedule; a poll loop is one.
    sent:    of these, those that went out.
    reasons: why the others did not, by name.
    unbound: examples of values that could not be bound: session, request, slot, why.
    lateness: ns, one for every request sent, every attempt of a poll among them.
    """

    planned: int = 0
    sent: int = 0
    attempts: int = 0
    reused: int = 0
    sessions: int = 0
    completed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    unbound: list[str] = field(default_factory=list)
    lateness: array[int] = field(default_factory=lambda: array("q"))
    first_start: int | None = None
    last_start: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity:
    """The certificate; times in ms, `invalid` is the sentence that says why the run proves nothing, or None."""

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
            "unbound": f"{self.unbound_ours} ours, {self.unbound_target} after a differing answer",
            "lateness, ms": f"p50 {self.lateness_p50:.2f}, p99 {self.lateness_p99:.2f}, max {self.lateness_max:.1f}",
            "connections reused": f"{self.reuse:.1%}",
            "speed": f"{self.speed:g}x asked, {self.achieved_speed:.2f}x reached",
        }

    def plain(self) -> dict[str, Any]:
        """As JSON-able data."""
        return {name: getattr(self, name) for name in self.__slots__} | {"reasons": dict(self.reasons)}


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


def _at(ordered: list[int], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1e6 if ordered else 0.0
