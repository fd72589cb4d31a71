"""Everything that is found, in the order it matters. Reads no clock and opens no socket: `now` comes in."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from replay.preflight import effects, reach, sessions, values
from replay.preflight.finding import Finding, rank

if TYPE_CHECKING:
    from replay.prepare import Prepared, Settings

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def preflight(
    prepared: Prepared, settings: Settings, *, now: int, variables: Mapping[str, str] = _NONE
) -> list[Finding]:
    """What may go wrong with a run and what it will cause, the most certain loss first.

    now:       when it would begin, unix ns.
    variables: name of a parameter -> the environment variable that gives it.
    """
    tallies, programs, copies = prepared.seen.tallies, prepared.programs, settings.multiply
    end = (now + _lasts(prepared, settings.speed)) / 1e9
    found = chain(
        sessions.skipped(programs, copies),
        values.wanting(tallies, copies),
        values.as_recorded(tallies, copies, now=now / 1e9, end=end, variables=variables),
        sessions.accounts(programs, prepared.starts, handed_out=len(prepared.accounts)),
        reach.reach(tallies, copies, allowed=settings.allowed),
        effects.mail(programs, copies, identities=settings.identities, hands_out_accounts=bool(prepared.accounts)),
        effects.effects(tallies, copies),
        sessions.polls(prepared.analysis.graph.polls),
    )
    return sorted(found, key=rank)


def _lasts(prepared: Prepared, speed: float) -> int:
    """How long the run is planned to last, ns: no server's time is known, so without it."""
    return max(
        (
            start.due + int(program.steps[-1].offset / speed)
            for start in prepared.starts
            if (program := prepared.programs[start.journey]).steps
        ),
        default=0,
    )
