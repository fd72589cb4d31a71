"""Plays one session: each request when it is due, filled with what the answers before it gave.

Rule 1: a request waits for the answers it depends on and for its due instant, for nothing else.
Rule 2: a value that should be live and is not ends the session, loudly; a recorded secret is never sent in its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from replay.bind import Answer, Context, Hole, Jar, Program, Step, Unbound, holds, read
from replay.bind.accounts import Login
from replay.bind.holes import Minted
from replay.engine import fidelity
from replay.engine.clock import Clock
from replay.engine.fidelity import Tally
from replay.engine.minting import Minting
from replay.engine.outcome import SAME, judge
from replay.engine.shared import Shared
from replay.sign import SignError
from replay.wire import Outgoing, Sender
from traces.links import Poll, Source
from traces.links.streams import Signature, StreamReader

#: A condition is waited for at least this long, however quick the recorded job was (s).
_PATIENCE: Final = 30.0


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
    shared: the answers that sessions of this clone give each other.
    account: the login handed to it.
    minting: where values come from that third parties make.
    """

    program: Program
    base: int
    key: bytes
    shared: Shared
    speed: float
    timeout: float
    sender: Sender
    clock: Clock
    tally: Tally
    record: Callable[[Sent], None]
    account: Login | None = None
    minting: Minting | None = None
    _answers: dict[int, Answer] = field(default_factory=dict)
    _ends: dict[int, int] = field(default_factory=dict)
    _open: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _jar: Jar = field(default_factory=Jar)
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
            self.shared.end(self.program.session, self._differing)
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
        others = await self._others(step)
        try:
            # Before it is due: asking a provider takes as long as a request.
            minted = {} if self.minting is None else await self.minting.take(step)
            due = self._due(step, others)
            await self.clock.sleep_until(due)
            if self._ended:
                return
            wire = self._render(step, others, minted)
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
        self.shared.give(self.program.session, step.index, answer, self._ends[step.index], last=True)

    async def _others(self, step: Step) -> dict[tuple[str, int], tuple[Answer, int]]:
        """The answers to other sessions that this request is filled from, waited for, and when each came."""
        found: dict[tuple[str, int], tuple[Answer, int]] = {}
        for hole in step.holes:
            for source in hole.sources:
                if source.session is not None:
                    # Recorded, it had come before this request was due.
                    patience = (self._due(step, {}) - self.clock.now()) / 1e9 + _PATIENCE
                    given = await self.shared.take(
                        source.session, source.step, partial(_holds, source), patience=patience
                    )
                    if given is not None:
                        found[source.session, source.step] = given
        return found

    def _due(self, step: Step, others: Mapping[tuple[str, int], tuple[Answer, int]]) -> int:
        """max(recorded offset / speed, end of each dependency + recorded think time / speed)."""
        # A poll's pace is the client's own: at 5x it would ask five times as often for a job that is no faster.
        speed = 1.0 if step.paced else self.speed
        at = self.base + int(step.offset / self.speed)
        for earlier, think in step.after:
            if earlier in self._ends:
                at = max(at, self._ends[earlier] + int(think / speed))
        # What another session gives may come later than it did: its server is slower, or its copy started later.
        return max([at, *(instant for _, instant in others.values())])

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
        if self.program.keeps_cookies:
            self._jar.take(answer.headers, wire.split(b" ", 2)[1], self.clock.wall())
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
            answer = self._answers[step.index] = await self._send(step, wire, due, attempt)
            self.shared.give(self.program.session, step.index, answer, self.clock.now(), last=False)
            if answer.error is None and holds(poll.condition, answer):
                return answer
            due = self.clock.now() + poll.pause
            if due > give_up:
                self._differing.add(step.index)
                self.tally.outcomes[f"differs: {poll.condition} never held"] += 1
                return answer
            attempt += 1
            await self.clock.sleep_until(due)

    def _render(
        self, step: Step, others: Mapping[tuple[str, int], tuple[Answer, int]], minted: Mapping[Minted, str]
    ) -> bytes:
        now, jar = self.clock.wall(), self._jar
        context = Context(
            key=self.key,
            now=now,
            answers=self._answers,
            others={place: answer for place, (answer, _) in others.items()},
            cookies=jar.all() if self.program.keeps_cookies else {},
            account=self.account,
            minted=minted,
        )
        values: list[str] = []
        for hole in step.holes:
            try:
                values.append(hole.text(context))
            except Unbound as missing:
                raise self._named(missing, hole, step) from None
        if step.unsigned:
            raise Unbound(f"{step.endpoint}: {step.unsigned[0]}")
        head, body = step.template.parts(values, lambda target: jar.matching(target, now))
        if step.signing is not None:
            try:
                head = step.signing.sign(head, body, at=now // 10**9)
            except SignError as error:
                raise Unbound(f"{step.endpoint}: {error}") from error
        return step.template.joined(head, body)

    def _named(self, missing: Unbound, hole: Hole, step: Step) -> Unbound:
        """Say at which request and slot, and the answer to which request should have held the value."""
        if not missing.sources:
            return Unbound(f"{step.endpoint} {hole.slot}: {missing}")
        best = missing.sources[0]
        steps = self.program.steps
        giver = steps[best.step].endpoint if best.session is None else f"session {best.session}"
        return Unbound(f"{step.endpoint} {hole.slot}: the answer to {giver} has {missing}", missing.sources)

    def _end(self, step: Step, missing: Unbound) -> None:
        self._ended = True
        self._unbound += 1
        # An answer that differs from the recorded one is the target's doing, and so is what it lacks.
        by_target = any(
            source.step in self._differing
            if source.session is None
            else self.shared.differs(source.session, source.step)
            for source in missing.sources
        )
        self.tally.reasons[fidelity.UNBOUND_TARGET if by_target else fidelity.UNBOUND_OURS] += 1
        if len(self.tally.unbound) < 20:
            self.tally.unbound.append(f"session {self.program.session}, exchange {step.exchange}, {missing}")


def _holds(source: Source, answer: Answer) -> bool:
    return read(answer, source) is not None


def _until(last: Signature | None) -> Callable[[bytes], bool] | None:
    """A stream is read until the recorded last event comes."""
    if last is None:
        return None
    reader = StreamReader()
    return lambda data: last in reader.feed(data)


def _never(_data: bytes) -> bool:
    return False
