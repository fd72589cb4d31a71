"""Sends a session's requests: once, until a poll's condition holds, or until what a write set off has come about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from replay.bind import Answer, Jar, Program, Step, holds
from replay.engine.clock import Clock
from replay.engine.fidelity import EXAMPLES, Tally
from replay.engine.judging import Judging
from replay.engine.outcome import SAME, judge
from replay.engine.patience import NS, PATIENCE, Patience, pause
from replay.wire import Outgoing, Sender
from traces.links import Poll
from traces.links.streams import Signature, StreamReader

#: Of a read after a write: accepted, empty so far, not there yet.
_NOT_YET: Final = frozenset({202, 204, 404})
_ERRORS: Final = 400


@dataclass(slots=True, kw_only=True)
class Sent:
    """One request that went out, for the run's trace. `due` and `went` in ns after the run's start."""

    step: Step
    wire: bytes
    answer: Answer
    due: int
    went: int
    poll: int | None
    outcome: str = ""


@dataclass(slots=True, kw_only=True)
class Asker:
    """One session's requests going out, and its account of what came back.

    timeout: seconds an ordinary request may take.
    record:  gets each request with its answer once that is judged.
    given:   told of the answer to an attempt that may not be the last.
    differing: steps that were not answered as recorded, as far as judged.
    """

    program: Program
    sender: Sender
    clock: Clock
    tally: Tally
    timeout: float
    record: Callable[[Sent], None]
    given: Callable[[Step, Answer], None]
    judging: Judging
    patience: Patience
    jar: Jar = field(default_factory=Jar)
    differing: set[int] = field(default_factory=set)

    async def ask(self, step: Step, wire: bytes, due: int) -> Answer:
        """Send the step's request as often as it takes; returns the last answer. The first is due at `due`."""
        if step.poll is not None:
            return await self._poll(step, step.poll, wire, due)
        if step.is_eventual:
            return await self._patiently(step, wire, due)
        sent = await self._send(step, wire, due, None)
        self.judging.put(partial(self._judge, sent))
        return sent.answer

    async def _send(self, step: Step, wire: bytes, due: int, attempt: int | None) -> Sent:
        until, timeout = None, self.timeout
        if step.is_stream:
            until = _until(step.stream)
            timeout = step.duration / NS if until is None else max(PATIENCE, 3 * step.duration / NS)
        went = self.clock.now()
        answer = await self.sender.send(
            Outgoing(
                wire=wire, timeout=timeout, is_head=step.is_head, until=until or (_never if step.is_stream else None)
            )
        )
        if self.program.keeps_cookies:
            self.jar.take(answer.headers, wire.split(b" ", 2)[1], self.clock.wall())
        if step.is_stream and step.stream is None and answer.error == "timeout" and answer.first_byte is not None:
            # Without a last event to wait for, time ends the stream, as it did when it was recorded.
            answer.error = None
        self.tally.attempts += 1
        self.tally.reused += not answer.fresh
        self.tally.lateness.append(went - due)
        return Sent(step=step, wire=wire, answer=answer, due=due, went=went, poll=attempt)

    async def _poll(self, step: Step, poll: Poll, wire: bytes, due: int) -> Answer:
        """Ask until the condition holds, at the recorded pace; gives up after three times the longest recorded wait,
        and at an error, as the client would that was recorded.
        """
        give_up = due + max(int(PATIENCE * NS), 3 * poll.longest)
        expected = {step.make.status, *(make.status for make in step.attempts)}
        attempt = 0
        while True:
            sent = await self._send(step, wire, due, attempt)
            answer = sent.answer
            self.given(step, answer)
            is_met = answer.error is None and holds(poll.condition, answer)
            has_failed = answer.error is not None or (answer.status >= _ERRORS and answer.status not in expected)
            due = self.clock.now() + poll.pause
            if is_met or has_failed or due > give_up:
                is_in_vain = not is_met and not has_failed
                never = f"differs: {poll.condition} never held" if is_in_vain else ""
                self.judging.put(partial(self._judge, sent, never))
                return answer
            self.judging.put(partial(self._judge, sent, is_last=False))
            attempt += 1
            await self.clock.sleep_until(due)

    async def _patiently(self, step: Step, wire: bytes, due: int) -> Answer:
        """Ask again while the answer is not what it was when recorded: a slower job has not done its work yet."""
        give_up = due + int(PATIENCE * NS)
        attempt = 0
        while True:
            sent = await self._send(step, wire, due, attempt)
            self.given(step, sent.answer)
            self.judging.put(partial(self._outcome, sent))
            await self.judging.settle()
            due = self.clock.now() + pause(attempt)
            came = sent.outcome == SAME
            if came or due > give_up or not _may_come(sent) or not self.patience.has(step.endpoint):
                if attempt:
                    self.patience.learn(step.endpoint, came=came)
                self._book(sent)
                return sent.answer
            sent.outcome = sent.outcome.replace("differs", "waits", 1)
            self.record(sent)
            attempt += 1
            await self.clock.sleep_until(due)

    def _judge(self, sent: Sent, instead: str = "", *, is_last: bool = True) -> None:
        """Judge and book; `instead`: what is known already."""
        sent.outcome = instead or judge(sent.step, sent.answer)
        self._book(sent, is_last=is_last)

    def _outcome(self, sent: Sent) -> None:
        sent.outcome = judge(sent.step, sent.answer)

    def _book(self, sent: Sent, *, is_last: bool = True) -> None:
        step, tally = sent.step, self.tally
        tally.outcomes[sent.outcome] += 1
        if sent.outcome != SAME:
            if not self.differing and len(tally.left) < EXAMPLES:
                tally.left.append(
                    f"session {self.program.session}, exchange {step.exchange}, {step.endpoint} {sent.outcome}"
                )
            self.differing.add(step.index)
        if is_last and step.index not in self.differing:
            tally.as_recorded[step.endpoint] += 1
        self.record(sent)


def _may_come(sent: Sent) -> bool:
    """Is the answer one that time may mend? An error or a refusal is not."""
    answer, recorded = sent.answer, sent.step.make.status
    return answer.error is None and recorded < _ERRORS and answer.status in {recorded, *_NOT_YET}


def _until(last: Signature | None) -> Callable[[bytes], bool] | None:
    """A stream is read until the recorded last event comes."""
    if last is None:
        return None
    reader = StreamReader()
    return lambda data: last in reader.feed(data)


def _never(_data: bytes) -> bool:
    return False
