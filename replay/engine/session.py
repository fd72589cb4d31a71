"""Plays one session: each request when it is due, filled with what the answers before it gave.

Rule 1: a request waits for the answers it depends on and for its due instant, for nothing else.
Rule 2: a value that should be live and is not ends the session, loudly; a recorded secret is never sent in its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from replay.bind import Answer, Context, Program, Step, Unbound, fill_ahead, read, render
from replay.bind.accounts import Login
from replay.bind.holes import Minted
from replay.engine import fidelity
from replay.engine.asking import Asker, Sent
from replay.engine.clock import Clock
from replay.engine.fidelity import Tally
from replay.engine.judging import Judging
from replay.engine.minting import Minting
from replay.engine.patience import PATIENCE, Patience
from replay.engine.shared import Shared
from replay.wire import Sender
from traces.links import Source


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
    judging: Judging
    patience: Patience
    account: Login | None = None
    minting: Minting | None = None
    _answers: dict[int, Answer] = field(default_factory=dict)
    _ends: dict[int, int] = field(default_factory=dict)
    _open: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _asker: Asker = field(init=False)
    _ended: bool = False
    _sent: int = 0
    _unbound: int = 0

    def __post_init__(self) -> None:
        self._asker = Asker(
            program=self.program,
            sender=self.sender,
            clock=self.clock,
            tally=self.tally,
            timeout=self.timeout,
            record=self.record,
            given=self._given,
            judging=self.judging,
            patience=self.patience,
        )

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
            await self.judging.settle()
        finally:
            self.shared.end(self.program.session, self._asker.differing)
            left = len(self.program.steps) - self._sent - self._unbound
            if left:
                self.tally.reasons[fidelity.SESSION_ENDED if self._ended else fidelity.INTERRUPTED] += left
            # Nothing is sent by a cancelled task, so the count above stands.
            for task in self._open.values():
                task.cancel()
            await asyncio.gather(*self._open.values(), return_exceptions=True)
        if not self._ended and not self._asker.differing:
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
            ahead = fill_ahead(step, self._context(others, minted))
            await self.clock.sleep_until(due)
            if self._ended:
                return
            context, jar = self._context(others, minted), self._asker.jar
            wire = render(self.program, step, context, lambda target: jar.matching(target, context.now), ahead)
        except Unbound as missing:
            await self._end(step, missing)
            return
        self.tally.sent += 1
        self._sent += 1
        answer = self._answers[step.index] = await self._asker.ask(step, wire, due)
        self._ends[step.index] = self._end_of(answer)
        self.shared.give(self.program.session, step.index, answer, self._ends[step.index], last=True)

    def _given(self, step: Step, answer: Answer) -> None:
        """An attempt was answered; there may be another."""
        self._answers[step.index] = answer
        self.shared.give(self.program.session, step.index, answer, self._end_of(answer), last=False)

    def _end_of(self, answer: Answer) -> int:
        """When it was there, ns after the run's start: what we did with it since is our lateness, not its."""
        return self.clock.now() if answer.last_byte is None else answer.last_byte - self.clock.epoch

    async def _others(self, step: Step) -> dict[tuple[str, int], tuple[Answer, int]]:
        """The answers to other sessions that this request is filled from, waited for, and when each came."""
        found: dict[tuple[str, int], tuple[Answer, int]] = {}
        for hole in step.holes:
            for source in hole.sources:
                if source.session is not None:
                    # Recorded, it had come before this request was due.
                    patience = (self._due(step, {}) - self.clock.now()) / 1e9 + PATIENCE
                    given = await self.shared.take(
                        source.session, source.step, partial(_holds, source), patience=patience
                    )
                    if given is not None:
                        found[source.session, source.step] = given
        for session, number in step.follows:
            patience = (self._due(step, found) - self.clock.now()) / 1e9 + PATIENCE
            given = await self.shared.take(session, number, _any, patience=patience)
            if given is not None:
                found[session, number] = given
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

    def _context(self, others: Mapping[tuple[str, int], tuple[Answer, int]], minted: Mapping[Minted, str]) -> Context:
        return Context(
            key=self.key,
            now=self.clock.wall(),
            answers=self._answers,
            others={place: answer for place, (answer, _) in others.items()},
            cookies=self._asker.jar.all() if self.program.keeps_cookies else {},
            account=self.account,
            minted=minted,
        )

    async def _end(self, step: Step, missing: Unbound) -> None:
        self._ended = True
        self._unbound += 1
        await self.judging.settle()
        # An answer that differs from the recorded one is the target's doing, and so is what it lacks.
        by_target = any(
            source.step in self._asker.differing
            if source.session is None
            else self.shared.differs(source.session, source.step)
            for source in missing.sources
        )
        self.tally.reasons[fidelity.UNBOUND_TARGET if by_target else fidelity.UNBOUND_OURS] += 1
        if len(self.tally.unbound) < fidelity.EXAMPLES:
            self.tally.unbound.append(f"session {self.program.session}, exchange {step.exchange}, {missing}")


def _any(_answer: Answer) -> bool:
    return True


def _holds(source: Source, answer: Answer) -> bool:
    return read(answer, source) is not None
