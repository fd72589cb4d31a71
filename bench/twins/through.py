"""A twin's requests as the project would send them. The one place that knows how it compiles and fills requests.

Rule 1: nothing outside this file imports replay or traces.links, so that a new design of either changes this file only.
Rule 2: holes are filled as the engine fills them (replay.engine.session): the first source that an answer holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from replay.bind import Answer, Hole, Step, compile_sessions, place, read
from traces import lens
from traces.analysis import Analysis, analyse
from traces.model import Exchange, Response

#: The live answer to a recorded exchange; True: of a poll loop, the one that ended it.
Live = Callable[[int, bool], Response | None]

_BREAK: Final = re.compile(r"[\r\n\0]")


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


def render_all(recording: Sequence[Exchange], live: Live) -> Iterator[Rendered]:
    """Learn from a recording and yield every request of it, filled from the `live` answers instead of the recorded.

    Of a session that cannot be sent at all nothing is yielded.
    """
    host = recording[0].request.authority.decode()
    where = place(f"https://{host}", ())
    for program in compile_sessions(learn(recording), where, fresh_people=False):
        if program.skipped is not None:
            continue
        answers: dict[int, Answer] = {}
        for step in program.steps:
            yield _render(program.session, step, answers)
            response = live(step.exchange, step.poll is not None)
            if response is not None:
                answers[step.index] = Answer(
                    status=response.status, headers=response.headers, body=response.body, reason=response.reason
                )


def _render(session: str, step: Step, answers: dict[int, Answer]) -> Rendered:
    values = [_fill(hole, answers) for hole in step.holes]
    filled = [lens.encode(h.text if v is None else v, h.coding) for h, v in zip(step.holes, values, strict=True)]
    wire, spans = _lay((*step.template.head, b"\r\n", *step.template.body), filled)
    return Rendered(
        exchange=step.exchange,
        session=session,
        wire=wire,
        bound=tuple(
            Bound(slot=hole.slot, start=spans[n][0], end=spans[n][1], recorded=hole.text, value=values[n])
            for n, hole in enumerate(step.holes)
            if n in spans
        ),
    )


def _fill(hole: Hole, answers: dict[int, Answer]) -> str | None:
    for source in hole.sources:
        answer = answers.get(source.step)
        value = None if answer is None else read(answer, source)
        if value is not None and not (hole.one_line and _BREAK.search(value)):
            return value
    return None


def _lay(parts: Sequence[bytes | int], values: Sequence[bytes]) -> tuple[bytes, dict[int, tuple[int, int]]]:
    """The parts joined, and where each hole came to stand."""
    out, at, spans = [], 0, {}
    for part in parts:
        data = part if isinstance(part, bytes) else values[part]
        if isinstance(part, int):
            spans[part] = (at, at + len(data))
        out.append(data)
        at += len(data)
    return b"".join(out), spans
