"""A recorded session compiled for sending: steps with templates, what fills their holes, and what they wait for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from replay.bind.holes import Hole
from replay.bind.template import Template
from replay.sign import SigningPlan
from traces.links import Poll
from traces.links.streams import Signature
from traces.outcome import Make


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request of a session, or one poll loop.

    offset: ns after the session's start it was recorded at.
    after:  (step, think ns) of what it waits for: every earlier step whose answer was complete before it began, less
            those another of them waits for already.
    alone:  nothing earlier was still open when it began, nor was it when the next one did: no other task needed.
    make:   what the recorded answer is made of; of a poll loop, the last. `attempts`: those before it.
    poll:   it repeats until this holds.
    paced:  it followed its predecessor at a poll's pace, which a faster replay must not shorten.
    signing: digests and signatures made anew when all else of it is there.
    unsigned: signatures it had that nobody here can make, each a clause that says what to give.
    is_eventual: it only asks, after something was written: the answer may take its time to be as it was recorded.
    is_read: it only asks.
    follows: (session, step) of writes of the same person that had been answered before it.
    stream: it is an event stream, read until this event; `duration` ns when there is none.
    """

    index: int
    exchange: int
    endpoint: str
    offset: int
    after: tuple[tuple[int, int], ...]
    template: Template
    holes: tuple[Hole, ...]
    alone: bool
    make: Make
    attempts: tuple[Make, ...] = ()
    poll: Poll | None = None
    paced: bool = False
    is_read: bool = False
    is_eventual: bool = False
    follows: tuple[tuple[str, int], ...] = ()
    is_stream: bool = False
    stream: Signature | None = None
    duration: int = 0
    signing: SigningPlan | None = None
    unsigned: tuple[str, ...] = ()
    is_head: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A session ready to be sent any number of times.

    start:  ns after the trace's epoch.
    people: the e-mail addresses it acts as, and the first step that names each.
    size:   requests, a poll loop counted as one; also of a session that is skipped.
    exports: steps whose answers other sessions read.
    keeps_cookies: its client sent back what it was set, so each clone has a jar.
    account: the user it logs in as, who must exist on the target; "" for none.
    skipped: why it cannot be sent at all, else None.
    """

    session: str
    start: int
    steps: tuple[Step, ...]
    size: int
    people: Mapping[str, int]
    exports: frozenset[int] = frozenset()
    keeps_cookies: bool = False
    account: str = ""
    skipped: str | None = None
