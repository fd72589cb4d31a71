"""A recorded session compiled for sending: steps with templates, what fills their holes, and what they wait for."""

from __future__ import annotations

from dataclasses import dataclass

from replay.bind.template import Template
from traces import lens
from traces.anonymize import Personal, stand_in
from traces.lens.leaf import Coding
from traces.links import Poll, Source
from traces.links.streams import Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """One stretch of a request that is not sent as recorded.

    coding:  how its text becomes bytes there.
    sources: where a live value comes from, ranked; empty for a personal one.
    text:    the recorded text of a personal one, whose personal parts get stand-ins; of a live one nothing is kept.
    slot:    for messages: which slot it fills.
    one_line: it stands in the request's head, where a line break in a live value would begin another header.
    unbound: it must be live and nothing in this recording could produce it.
    """

    coding: Coding
    slot: str
    text: str = ""
    sources: tuple[Source, ...] = ()
    persons: tuple[Personal, ...] = ()
    one_line: bool = False
    unbound: bool = False

    def personal_bytes(self, key: bytes) -> bytes:
        """The recorded text with every personal part replaced under `key`, encoded for its place."""
        out, position = [], 0
        for person in self.persons:
            out += [self.text[position : person.start], stand_in(key, person.kind, person.text)]
            position = person.end
        return lens.encode("".join([*out, self.text[position:]]), self.coding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request of a session, or one poll loop.

    offset: ns after the session's start it was recorded at.
    after:  (step, think ns) of what it waits for: every earlier step whose answer was complete before it began, less
            those another of them waits for already.
    alone:  nothing earlier was still open when it began, nor was it when the next one did: no other task needed.
    poll:   it repeats until this holds.
    paced:  it followed its predecessor at a poll's pace, which a faster replay must not shorten.
    stream: it is an event stream, read until this event; `duration` ns when there is none.
    """

    index: int
    exchange: int
    endpoint: str
    offset: int
    after: tuple[tuple[int, int], ...]
    template: Template
    holes: tuple[Hole, ...]
    status: int
    alone: bool
    poll: Poll | None = None
    paced: bool = False
    is_stream: bool = False
    stream: Signature | None = None
    duration: int = 0
    is_head: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A session ready to be sent any number of times.

    start:  ns after the trace's epoch.
    people: e-mail addresses it acts as; sessions that share one keep their order.
    size:   requests, a poll loop counted as one; also of a session that is skipped.
    skipped: why it cannot be sent at all, else None.
    """

    session: str
    start: int
    end: int
    steps: tuple[Step, ...]
    size: int
    people: frozenset[str]
    skipped: str | None = None
