"""A twin's requests as the project would send them. The one place that knows how it compiles and fills requests.

Rule 1: nothing outside this file imports replay or traces.links, so that a new design of either changes this file only.
Rule 2: holes are filled as the engine fills them (replay.engine.session): the first source that an answer holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from replay.bind import Answer, Choices, Context, Hole, Jar, Program, Step, Unbound, compile_sessions, place
from replay.bind.holes import Fresh, Live
from traces.analysis import Analysis, analyse
from traces.lens import request_leaves
from traces.model import Exchange, Response

#: The live answer to a recorded exchange; True: of a poll loop, the one that ended it.
Answering = Callable[[int, bool], Response | None]

_NOW: Final = 1_795_000_000 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A stretch filled from an answer: not one whose value the engine makes up itself, a fresh uuid or a stand-in.

    start, end: in the wire. value: what was read; None when no answer held it, or none is known to.
    """

    slot: str
    start: int
    end: int
    recorded: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One request as it would be sent: HTTP/1.1, its body without content-encoding; where nothing could fill a hole,
    the recorded text stands.

    exchange: the recorded exchange's id, the first of a poll loop; session: the journey it was found to belong to.
    """

    exchange: int
    session: str
    wire: bytes = b""
    bound: tuple[Bound, ...] = ()


def learn(recording: Sequence[Exchange]) -> Analysis:
    """All that is learned from a recording."""
    return analyse(recording)


def render_all(recording: Sequence[Exchange], live: Answering) -> Iterator[Rendered]:
    """Learn from a recording and yield every request of it, filled from the `live` answers instead of the recorded.

    Of a session that cannot be sent at all nothing is yielded.
    """
    where = place(f"https://{recording[0].request.authority.decode()}", ())
    programs = compile_sessions(learn(recording), where, Choices(fresh_people=False))
    by_id = {exchange.id: exchange for exchange in recording}
    answers: dict[tuple[str, int], Answer] = {}
    jars = {program.session: Jar() for program in programs}
    # In the order they were recorded, for one session may be filled from another's answer.
    planned = [(p.start + s.offset, s.exchange, p, s) for p in programs if p.skipped is None for s in p.steps]
    for _, number, program, step in sorted(planned, key=lambda plan: plan[:2]):
        jar = jars[program.session]
        own = {n: answer for (name, n), answer in answers.items() if name == program.session}
        context = Context(key=b"twin", now=_NOW, answers=own, others=answers, cookies=jar.all())
        rendered = _render(program, step, context, by_id[number], jar)
        yield rendered
        response = live(step.exchange, step.poll is not None)
        if response is not None:
            answers[program.session, step.index] = Answer(
                status=response.status, headers=response.headers, body=response.body, reason=response.reason
            )
            if program.keeps_cookies:
                jar.take(response.headers, rendered.wire.split(b" ", 2)[1], _NOW)


def _render(program: Program, step: Step, context: Context, exchange: Exchange, jar: Jar) -> Rendered:
    texts = {leaf.path: leaf.text for leaf in request_leaves(exchange.request, nested=True)}
    texts["target"] = exchange.request.target.decode()
    found = [_text(hole, context) for hole in step.holes]
    values = [texts[h.slot] if v is None else v for h, v in zip(step.holes, found, strict=True)]

    def wire(texts: Sequence[str]) -> bytes:
        head, body = step.template.parts(texts, lambda target: jar.matching(target, _NOW))
        return head + b"\r\n" + body

    whole = wire(values)
    return Rendered(
        exchange=step.exchange,
        session=program.session,
        wire=whole,
        bound=tuple(
            _bound(hole, texts[hole.slot], found[n], whole, wire([*values[:n], f"~{values[n]}~", *values[n + 1 :]]))
            for n, hole in enumerate(step.holes)
            if isinstance(hole.fill, Live)
        ),
    )


def _text(hole: Hole, context: Context) -> str | None:
    """What the engine would send; None when nothing could fill it. What a client makes up is left as it was."""
    if isinstance(hole.fill, Fresh):
        return hole.fill.recorded
    try:
        return hole.text(context)
    except Unbound:
        return None


def _bound(hole: Hole, recorded: str, value: str | None, wire: bytes, other: bytes) -> Bound:
    """Where a hole stands is where the wire differs when another text is put in it."""
    start = next((n for n, (a, b) in enumerate(zip(wire, other, strict=False)) if a != b), len(wire))
    after = next((n for n, (a, b) in enumerate(zip(reversed(wire), reversed(other), strict=False)) if a != b), 0)
    return Bound(slot=hole.slot, start=start, end=max(start, len(wire) - after), recorded=recorded, value=value)
