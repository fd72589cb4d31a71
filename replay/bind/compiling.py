"""Sessions compiled: the trace is read once more, session by session, and what it holds laid out for sending.

A hundred thousand requests stay in memory for a whole run, so equal pieces (the head of every GET, the hole in every
path) are kept once, and nothing of an answer is.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Final, TypeVar

from replay.bind.order import waits
from replay.bind.place import Place
from replay.bind.program import Hole, Program, Step
from replay.bind.template import Span, Template, compile_request
from traces.analysis import Analysis
from traces.anonymize import Personal, personal
from traces.lens import Coding, Leaf, request_leaves
from traces.links import Binding, Source
from traces.links.streams import terminal
from traces.model import Request, Session

#: A gap this much longer than a poll's pause is thinking, not polling.
_PACING: Final = 2.0

_T = TypeVar("_T", bound=Hashable)


def compile_sessions(analysis: Analysis, where: Place, *, fresh_people: bool) -> list[Program]:
    """Compile every session of a trace; `fresh_people` gives stand-ins to whoever stands in a request."""
    compiler = _Compiler(analysis, where, fresh_people=fresh_people)
    return [compiler.program(session) for session in analysis.sessions]


class _Compiler:
    """What the sessions of a trace share while they are compiled."""

    def __init__(self, analysis: Analysis, where: Place, *, fresh_people: bool) -> None:
        self._analysis, self._where, self._fresh_people = analysis, where, fresh_people
        self._loops = {numbers[0]: (poll, numbers) for poll, numbers in analysis.loops}
        # A later attempt of a loop is not a step of its own; whoever waits for it waits for the loop.
        self._stands_for = {number: numbers[0] for _, numbers in analysis.loops for number in numbers}
        self._shared: dict[Hashable, Hashable] = {}

    def program(self, session: Session) -> Program:
        facts = self._analysis.facts
        kept = [number for number in session.numbers if self._stands_for.get(number, number) == number]
        position = {number: n for n, number in enumerate(kept)}
        # The step of a session's request, by its place there: a loop's answer is that of its last attempt.
        steps_of = [position[self._stands_for.get(number, number)] for number in session.numbers]
        order = waits([(facts.received[number], self._end(number)) for number in kept])
        bindings: dict[int, list[Binding]] = {}
        for binding in self._analysis.bindings(session):
            bindings.setdefault(session.numbers[binding.step], []).append(binding)
        steps: list[Step] = []
        people: set[str] = set()
        skipped = None
        for n, number in enumerate(kept):
            exchange = self._analysis.exchange(number)
            leaves = request_leaves(exchange.request)
            persons = {n: found for n, leaf in enumerate(leaves) if (found := tuple(personal(leaf)))}
            people |= {p.text.casefold() for found in persons.values() for p in found if p.kind == "email"}
            holes, spans = self._holes(
                exchange.request, leaves, bindings.get(number, ()), steps_of, persons if self._fresh_people else {}
            )
            try:
                template = compile_request(
                    exchange.request, spans, authority=self._where.authority, move=self._where.move
                )
            except ValueError as error:
                skipped = f"exchange {exchange.id}: {error}"
                break
            poll, loop = self._loops.get(number, (None, [number]))
            final = exchange if loop[-1] == number else self._analysis.exchange(loop[-1])
            steps.append(
                Step(
                    index=n,
                    exchange=exchange.id,
                    endpoint=self._share(self._analysis.endpoint(exchange)),
                    offset=exchange.clock.received - session.start,
                    after=order[n].after,
                    template=self._lean(template),
                    holes=holes,
                    status=final.response.status if final.response else 0,
                    alone=order[n].alone,
                    poll=poll,
                    paced=poll is not None and all(think <= _PACING * poll.pause for _, think in order[n].after[:1]),
                    is_stream=bool(exchange.events) and not any(e.from_client for e in exchange.events),
                    stream=terminal(exchange) if exchange.events else None,
                    duration=exchange.end - exchange.clock.received,
                    is_head=exchange.request.method == b"HEAD",
                )
            )
        return Program(
            session=session.id,
            start=session.start,
            end=max(facts.end[number] for number in session.numbers),
            steps=tuple(steps),
            size=len(kept),
            people=frozenset(people),
            skipped=skipped,
        )

    def _holes(
        self,
        request: Request,
        leaves: Sequence[Leaf],
        bindings: Sequence[Binding],
        steps_of: Sequence[int],
        persons: Mapping[int, tuple[Personal, ...]],
    ) -> tuple[tuple[Hole, ...], list[Span]]:
        holes: list[Hole] = []
        spans: list[Span] = []

        def cut(leaf: Leaf, hole: Hole) -> None:
            spans.append(Span(leaf.part, leaf.header, leaf.start, leaf.end, len(holes)))
            holes.append(self._share(hole))

        bound: set[int | None] = set()
        for binding in bindings:
            bound.add(binding.leaf)
            leaf = _whole_target(request) if binding.leaf is None else leaves[binding.leaf]
            sources = tuple(self._share(_moved(source, steps_of)) for source in binding.sources)
            coding: Coding = "raw" if leaf.number else leaf.coding
            cut(
                leaf,
                Hole(
                    coding=coding,
                    slot=self._share(leaf.path),
                    sources=sources,
                    one_line=leaf.part != "body",
                    unbound=not sources,
                ),
            )
        for number, own in persons.items():
            if number not in bound:
                leaf = leaves[number]
                coding = "raw" if leaf.number else leaf.coding
                cut(leaf, Hole(coding=coding, slot=self._share(leaf.path), text=leaf.text, persons=own))
        return self._share(tuple(holes)), spans

    def _end(self, number: int) -> int:
        last = self._loops[number][1][-1] if number in self._loops else number
        return self._analysis.facts.end[last]

    def _lean(self, template: Template) -> Template:
        """The template with each of its pieces that another has too kept once."""
        return self._share(
            Template(
                head=tuple(self._share(part) for part in template.head),
                body=tuple(self._share(part) for part in template.body),
                counted=template.counted,
                encoding=template.encoding,
            )
        )

    def _share(self, value: _T) -> _T:
        return self._shared.setdefault(value, value)  # type: ignore[return-value]  # an equal one of the same type


def _whole_target(request: Request) -> Leaf:
    text = request.target.decode("utf-8", "surrogateescape")
    return Leaf(part="target", path="target", start=0, end=len(request.target), text=text)


def _moved(source: Source, steps_of: Sequence[int]) -> Source:
    """The source with its step counted in the program."""
    return Source(
        step=steps_of[source.step],
        path=source.path,
        keys=source.keys,
        recipe=source.recipe,
        selectors=source.selectors,
    )
