"""Plays one session: each request when it is due, filled with what the answers before it gave.

Rule 1: a request waits for the answers it depends on and for its due instant, for nothing else.
Rule 2: a value that should be live and is not ends the session, loudly; a recorded secret is never sent in its place.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from replay.bind import Answer, Hole, Program, Step, holds, read
from replay.engine import fidelity
from replay.engine.clock import Clock
from replay.engine.fidelity import Tally
from replay.engine.outcome import SAME, judge
from replay.wire import Outgoing, Sender
from traces import lens
from traces.links import Poll
from traces.links.streams import Signature, StreamReader

_BREAK: Final = re.compile(r"[\r\n\0]")
#: A condition is waited for at least this long, however quick the recorded job was (s).
_PATIENCE: Final = 30.0


class Unbound(Exception):
    """A hole that no live value can fill.

    by_target: an answer it depends on differs from the recorded one, so the target is to blame.
    """

    def __init__(self, why: str, *, by_target: bool) -> None:
        super().__init__(why)
        self.by_target = by_target


@dataclass(slots=True, kw_only=True)
class Sent:
    """One request that went out, for the run's trace. `due` and `went` in ns after the run's start."""

    step: Step
    wire: bytes
    answer: Answer
    outcome: str
    due: int
    went: int
    poll: int | None


@dataclass(slots=True, kw_only=True)
class Visit:
    """One playing of a program.

    base: ns after the run's start at which its first request is due.
    key:  the clone's sub-key, from which its people are made.
    """

    program: Program
    base: int
    key: bytes
    speed: float
    timeout: float
    sender: Sender
    clock: Clock
    tally: Tally
    record: Callable[[Sent], None]
    _answers: dict[int, Answer] = field(default_factory=dict)
    _ends: dict[int, int] = field(default_factory=dict)
    _open: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _differing: set[int] = field(default_factory=set)
    _ended: bool = False
    _sent: int = 0
    _unbound: int = 0

    async def play(self) -> None:
        """Send every step; returns when the last answer is in or the session has ended early."""
        try:
            for step in self.program.steps:
                if step.alone:
                    await self._settle()
                    await self._step(step)
                else:
                    self._open[step.index] = asyncio.create_task(self._step(step))
                if self._ended:
                    break
            # What is under way when a session ends has been sent, and its answer is a measurement like any other.
            await self._settle()
        finally:
            left = len(self.program.steps) - self._sent - self._unbound
            if left:
                self.tally.reasons[fidelity.SESSION_ENDED if self._ended else fidelity.INTERRUPTED] += left
            # Nothing is sent by a cancelled task, so the count above stands.
            for task in self._open.values():
                task.cancel()
            await asyncio.gather(*self._open.values(), return_exceptions=True)
        if not self._ended and not self._differing:
            self.tally.completed += 1

    async def _settle(self) -> None:
        """Wait for every request still open."""
        for task in list(self._open.values()):
            await task
        self._open.clear()

    async def _step(self, step: Step) -> None:
        for earlier, _ in step.after:
            if earlier in self._open:
                await self._open[earlier]
        due = self._due(step)
        await self.clock.sleep_until(due)
        if self._ended:
            return
        try:
            wire = self._render(step)
        except Unbound as missing:
            self._end(step, missing)
            return
        self.tally.sent += 1
        self._sent += 1
        if step.poll is not None:
            answer = await self._poll(step, step.poll, wire, due)
        else:
            answer = await self._send(step, wire, due, None)
        self._answers[step.index] = answer
        self._ends[step.index] = self.clock.now()

    def _due(self, step: Step) -> int:
        """max(recorded offset / speed, end of each dependency + recorded think time / speed)."""
        # A poll's pace is the client's own: at 5x it would ask five times as often for a job that is no faster.
        speed = 1.0 if step.paced else self.speed
        at = self.base + int(step.offset / self.speed)
        for earlier, think in step.after:
            if earlier in self._ends:
                at = max(at, self._ends[earlier] + int(think / speed))
        return at

    async def _send(self, step: Step, wire: bytes, due: int, attempt: int | None) -> Answer:
        until, timeout = None, self.timeout
        if step.is_stream:
            until = _until(step.stream)
            timeout = step.duration / 1e9 if until is None else max(_PATIENCE, 3 * step.duration / 1e9)
        went = self.clock.now()
        answer = await self.sender.send(
            Outgoing(
                wire=wire, timeout=timeout, is_head=step.is_head, until=until or (_never if step.is_stream else None)
            )
        )
        if step.is_stream and step.stream is None and answer.error == "timeout" and answer.first_byte is not None:
            # Without a last event to wait for, time ends the stream, as it did when it was recorded.
            answer.error = None
        outcome = judge(step, answer)
        self._book(step, answer, outcome, went - due)
        self.record(Sent(step=step, wire=wire, answer=answer, outcome=outcome, due=due, went=went, poll=attempt))
        return answer

    def _book(self, step: Step, answer: Answer, outcome: str, lateness: int) -> None:
        tally = self.tally
        tally.attempts += 1
        tally.reused += not answer.fresh
        tally.outcomes[outcome] += 1
        tally.lateness.append(lateness)
        if outcome != SAME:
            self._differing.add(step.index)

    async def _poll(self, step: Step, poll: Poll, wire: bytes, due: int) -> Answer:
        """Ask until the condition holds, at the recorded pace; gives up after three times the longest recorded wait."""
        give_up = due + max(int(_PATIENCE * 1e9), 3 * poll.longest)
        attempt = 0
        while True:
            answer = await self._send(step, wire, due, attempt)
            if answer.error is None and holds(poll.condition, answer):
                return answer
            due = self.clock.now() + poll.pause
            if due > give_up:
                self._differing.add(step.index)
                self.tally.outcomes[f"differs: {poll.condition} never held"] += 1
                return answer
            attempt += 1
            await self.clock.sleep_until(due)

    def _render(self, step: Step) -> bytes:
        return step.template.render([self._fill(hole, step) for hole in step.holes])

    def _fill(self, hole: Hole, step: Step) -> bytes:
        if hole.persons:
            return hole.personal_bytes(self.key)
        for source in hole.sources:
            answer = self._answers.get(source.step)
            value = None if answer is None else read(answer, source)
            if value is not None and not (hole.one_line and _BREAK.search(value)):
                return lens.encode(value, hole.coding)
        if hole.unbound:
            raise Unbound(
                f"{step.endpoint} {hole.slot}: nothing in the recording before it issued this value", by_target=False
            )
        blame = any(source.step in self._differing for source in hole.sources)
        best = hole.sources[0]
        raise Unbound(
            f"{step.endpoint} {hole.slot}: the answer to {self.program.steps[best.step].endpoint} has no {best.path}",
            by_target=blame,
        )

    def _end(self, step: Step, missing: Unbound) -> None:
        self._ended = True
        self._unbound += 1
        self.tally.reasons[fidelity.UNBOUND_TARGET if missing.by_target else fidelity.UNBOUND_OURS] += 1
        if len(self.tally.unbound) < 20:
            self.tally.unbound.append(f"session {self.program.session}, exchange {step.exchange}, {missing}")


def _until(last: Signature | None) -> Callable[[bytes], bool] | None:
    """A stream is read until the recorded last event comes."""
    if last is None:
        return None
    reader = StreamReader()
    return lambda data: last in reader.feed(data)


def _never(_data: bytes) -> bool:
    return False
