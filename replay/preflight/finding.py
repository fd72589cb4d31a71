"""What preflight finds: one thing in one sentence, and how many sessions it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

#: skipped    cannot be sent at all
#: unbound    ends where a value is wanted that nobody here has
#: expired    a value is sent as recorded that holds no longer, or not until the run's end
#: spent      a value is sent as recorded that could be used once
#: upstream   was recorded at another service than most
#: account    logs in as somebody who must exist on the target
#: parameter  sends what all recorded sessions share
#: host       names a host in what it sends that is not the target
#: mail       sends addresses of people who were recorded
#: stand_in   sends addresses that take no mail
#: orders     what the run brings about, changes: what it changes on its way; poll: what it waits for
Kind = Literal[
    "skipped",
    "unbound",
    "expired",
    "spent",
    "upstream",
    "account",
    "parameter",
    "host",
    "mail",
    "stand_in",
    "orders",
    "changes",
    "poll",
]

#: The most certain loss first.
ORDER: Final[tuple[Kind, ...]] = Kind.__args__  # type: ignore[attr-defined]  # a Literal has them, mypy does not know


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that may go wrong with a run, or that the run will cause.

    sentence: what it is and what to do about it. Never a recorded value, but a host's name; anything in it that comes
              out of the trace is printable and not long.
    sessions: how many of the run's sessions, copies included, it would cost; 0 for what costs none.
    """

    kind: Kind
    sentence: str
    sessions: int = 0


def rank(finding: Finding) -> tuple[int, int]:
    """What findings are sorted by: kinds in their order, the costliest of a kind first."""
    return ORDER.index(finding.kind), -finding.sessions
