"""A recorded session compiled for sending: steps with templates, what fills their holes, and what they wait for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from replay.bind.place import Place
from replay.bind.template import Span, Template, compile_request
from traces import lens
from traces.analysis import Analysis
from traces.anonymize import Personal, personal, stand_in
from traces.lens.leaf import Coding, Leaf
from traces.lens.observed import Observed
from traces.links import Binding, Poll, Source, resolve
from traces.links.polls import groups
from traces.links.streams import Signature, terminal

#: A gap this much longer than a poll's pause is thinking, not polling.
_PACING: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """One stretch of a request that is not sent as recorded.

    coding:  how its text becomes bytes there.
    sources: where a live value comes from, ranked; empty for a personal one.
    text:    the recorded text, whose personal parts get stand-ins.
    slot:    for messages: which slot it fills.
    one_line: it stands in the request's head, where a line break in a live value would begin another header.
    unbound: it must be live and nothing in this recording could produce it.
    """

    coding: Coding
    text: str
    slot: str
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


def compile_sessions(analysis: Analysis, where: Place, *, fresh_people: bool) -> list[Program]:
    """Compile every session of a trace; `fresh_people` gives stand-ins to whoever stands in a request."""
    return [
        _compile(session.id, observed, analysis, where, fresh_people)
        for session, observed in zip(analysis.sessions, analysis.observed, strict=True)
    ]


def _compile(name: str, session: Sequence[Observed], analysis: Analysis, where: Place, fresh_people: bool) -> Program:
    polls = {poll.endpoint: poll for poll in analysis.graph.polls}
    loops = {steps[0]: (poll, steps) for poll, steps in groups(session, analysis.templates, polls)}
    # A later attempt of a loop is not a step of its own; whoever waits for it waits for the loop.
    stands_for = {step: steps[0] for _, steps in loops.values() for step in steps}
    bindings: dict[int, list[Binding]] = {}
    for binding in resolve(session, analysis.graph, analysis.templates):
        bindings.setdefault(binding.step, []).append(binding)
    kept = [i for i in range(len(session)) if stands_for.get(i, i) == i]
    position = {step: n for n, step in enumerate(kept)}
    start, steps, skipped = session[0].exchange.clock.received, [], None
    for n, i in enumerate(kept):
        observed = session[i]
        exchange = observed.exchange
        poll, loop = loops.get(i, (None, [i]))
        holes, spans = _holes(observed, bindings.get(i, []), position, stands_for, fresh_people)
        try:
            template = compile_request(exchange.request, spans, authority=where.authority, move=where.move)
        except ValueError as error:
            skipped = f"exchange {exchange.id}: {error}"
            break
        after = _after(n, i, kept, session, loops)
        final = session[loop[-1]].exchange
        steps.append(
            Step(
                index=n,
                exchange=exchange.id,
                endpoint=analysis.endpoint(exchange),
                offset=exchange.clock.received - start,
                after=after,
                template=template,
                holes=holes,
                status=final.response.status if final.response else 0,
                alone=_is_alone(n, kept, session, loops),
                poll=poll,
                paced=poll is not None and all(think <= _PACING * poll.pause for _, think in after[:1]),
                is_stream=bool(exchange.events) and not any(e.from_client for e in exchange.events),
                stream=terminal(exchange) if exchange.events else None,
                duration=exchange.end - exchange.clock.received,
                is_head=exchange.request.method == b"HEAD",
            )
        )
    people = {leaf.text.casefold() for o in session for leaf in o.request for p in personal(leaf) if p.kind == "email"}
    return Program(
        session=name,
        start=start,
        end=max(o.exchange.end for o in session),
        steps=tuple(steps),
        size=len(kept),
        people=frozenset(people),
        skipped=skipped,
    )


def _holes(
    observed: Observed,
    bindings: Sequence[Binding],
    position: Mapping[int, int],
    stands_for: Mapping[int, int],
    fresh_people: bool,
) -> tuple[tuple[Hole, ...], list[Span]]:
    holes: list[Hole] = []
    spans: list[Span] = []

    def cut(leaf: Leaf, hole: Hole) -> None:
        spans.append(Span(leaf.part, leaf.header, leaf.start, leaf.end, len(holes)))
        holes.append(hole)

    bound: set[tuple[str, int, int]] = set()
    for binding in bindings:
        leaf = binding.leaf
        bound.add((leaf.part, leaf.header, leaf.start))
        sources = tuple(_moved(source, position, stands_for) for source in binding.sources)
        coding: Coding = "raw" if leaf.number or leaf.path == "target" else leaf.coding
        cut(
            leaf,
            Hole(
                coding=coding,
                text=leaf.text,
                slot=leaf.path,
                sources=sources,
                one_line=leaf.part != "body",
                unbound=not sources,
            ),
        )
    if fresh_people:
        for leaf in observed.request:
            persons = tuple(personal(leaf))
            if persons and (leaf.part, leaf.header, leaf.start) not in bound:
                coding = "raw" if leaf.number else leaf.coding
                cut(leaf, Hole(coding=coding, text=leaf.text, slot=leaf.path, persons=persons))
    return tuple(holes), spans


def _moved(source: Source, position: Mapping[int, int], stands_for: Mapping[int, int]) -> Source:
    """The source with its step counted in the program: a loop's answer is that of its last attempt."""
    return Source(
        step=position[stands_for.get(source.step, source.step)],
        path=source.path,
        keys=source.keys,
        recipe=source.recipe,
        selectors=source.selectors,
    )


def _after(
    n: int,
    step: int,
    kept: Sequence[int],
    session: Sequence[Observed],
    loops: Mapping[int, tuple[Poll, list[int]]],
) -> tuple[tuple[int, int], ...]:
    """What step n waits for, the latest first; only the last few can still be open (one page, few connections)."""
    begins = session[step].exchange.clock.received
    ends = [(_end(kept[m], session, loops), m) for m in range(n)]
    done = sorted(((end, m) for end, m in ends if end <= begins), reverse=True)
    if not done:
        return ()
    # Whatever had ended before the last-ended one began is implied by waiting for that one.
    last_end, last = done[0]
    last_began = session[kept[last]].exchange.clock.received
    return ((last, begins - last_end), *((m, begins - end) for end, m in done[1:] if end > last_began))


def _is_alone(
    n: int, kept: Sequence[int], session: Sequence[Observed], loops: Mapping[int, tuple[Poll, list[int]]]
) -> bool:
    begins = session[kept[n]].exchange.clock.received
    if any(_end(kept[m], session, loops) > begins for m in range(n)):
        return False
    return n + 1 == len(kept) or session[kept[n + 1]].exchange.clock.received >= _end(kept[n], session, loops)


def _end(step: int, session: Sequence[Observed], loops: Mapping[int, tuple[Poll, list[int]]]) -> int:
    last = loops[step][1][-1] if step in loops else step
    return session[last].exchange.end
