"""Plays a whole schedule: starts every session when it is due and turns what happened into exchanges."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from replay.bind import Answer, Program
from replay.bind.accounts import Login
from replay.engine import fidelity
from replay.engine.asking import Sent
from replay.engine.clock import Clock as RunClock
from replay.engine.clock import MonotonicClock
from replay.engine.fidelity import Tally
from replay.engine.judging import Judging
from replay.engine.minting import Minting
from replay.engine.patience import Patience
from replay.engine.session import Visit
from replay.engine.shared import Shared
from replay.mint import Minter
from replay.plan import Start
from replay.wire import Transport, parse
from traces.anonymize import subkey
from traces.model import Clock, Event, Exchange, Origin, Request, Response


@dataclass(slots=True, kw_only=True)
class Engine:
    """One run.

    starts:  in the order they are due.
    key:     the run's identity key; each clone acts under a sub-key of its own.
    sink:    gets every exchange as it ends.
    timeout: seconds an ordinary request may take.
    accounts: logins, by the numbers that starts speak of.
    minters:  what makes values of third parties; `recorded` gives them an exchange by its place in the trace.
    ended:   sessions over so far.
    """

    programs: Sequence[Program]
    starts: Sequence[Start]
    transport: Transport
    speed: float
    key: bytes
    scheme: str
    authority: bytes
    sink: Callable[[Exchange], None]
    timeout: float = 60.0
    accounts: Sequence[Login] = ()
    minters: Sequence[Minter] = ()
    recorded: Callable[[int], Exchange] | None = None
    clock: RunClock = field(default_factory=MonotonicClock)
    tally: Tally = field(default_factory=Tally)
    ended: int = 0
    _number: int = 0
    _shared: dict[int, Shared] = field(default_factory=dict)
    _minting: Minting | None = None
    _judging: Judging = field(default_factory=Judging)
    _patience: Patience = field(default_factory=Patience)
    _played: set[int] = field(default_factory=set)
    _over: list[asyncio.Event] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> Tally:
        """Play every start; cancelling it ends all sessions, and what was measured until then is kept."""
        self._count()
        if self.minters and self.recorded is not None:
            self._minting = Minting(self.minters, self.recorded)
            self._minting.expect(self.programs[start.journey] for start in self.starts)
        try:
            for number, start in enumerate(self.starts):
                await self.clock.sleep_until(start.due)
                if self.programs[start.journey].skipped is None:
                    task = asyncio.create_task(self._visit(number, start))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
                else:
                    self._over[number].set()
            while self._tasks:
                # Not `gather`: being cancelled it would cancel the visits, and `_cancel` would do so a second time.
                over, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
                for task in over:
                    task.result()
        finally:
            await self._cancel()
            self._judging.finish()
            if self._minting is not None:
                await self._minting.aclose()
            for number, start in enumerate(self.starts):
                if number not in self._played and self.programs[start.journey].skipped is None:
                    self.tally.reasons[fidelity.INTERRUPTED] += self.programs[start.journey].size
        return self.tally

    def _count(self) -> None:
        """Note what is planned, and who may wait for whom."""
        self._over = [asyncio.Event() for _ in self.starts]
        for journey, copies in Counter(start.journey for start in self.starts).items():
            for step in self.programs[journey].steps:
                self.tally.wanted[step.endpoint] += copies
        playing: defaultdict[int, list[Program]] = defaultdict(list)
        for start in self.starts:
            program = self.programs[start.journey]
            self.tally.sessions += 1
            self.tally.planned += program.size
            if program.skipped is not None:
                self.tally.reasons[f"skipped ({program.skipped})"] += program.size
            else:
                playing[start.clone].append(program)
        self._shared = {clone: Shared(programs) for clone, programs in playing.items()}

    async def _cancel(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _visit(self, number: int, start: Start) -> None:
        program = self.programs[start.journey]
        sender = self.transport.client()
        try:
            if start.after is not None:
                await self._over[start.after].wait()
            base = max(start.due, self.clock.now() if start.after is not None else 0)
            if self.tally.first_start is None:
                self.tally.first_start = base
            self.tally.last_start = max(self.tally.last_start, self.clock.now())
            # From here on the visit itself accounts for its requests, however it ends.
            self._played.add(number)
            await Visit(
                program=program,
                base=base,
                key=subkey(self.key, "lap", 0, "clone", start.clone),
                shared=self._shared[start.clone],
                speed=self.speed,
                timeout=self.timeout,
                sender=sender,
                clock=self.clock,
                tally=self.tally,
                account=None if start.account is None else self.accounts[start.account],
                minting=self._minting,
                judging=self._judging,
                patience=self._patience,
                record=lambda sent: self._record(program, start.clone, sent),
            ).play()
        finally:
            self.ended += 1
            self._over[number].set()
            await sender.aclose()

    def _record(self, program: Program, clone: int, sent: Sent) -> None:
        method, target, headers, body = parse(sent.wire)
        answer, step = sent.answer, sent.step
        self.sink(
            Exchange(
                id=self._number,
                clock=self._instants(answer, sent),
                request=Request(
                    method=method,
                    scheme=self.scheme.encode(),
                    authority=self.authority,
                    target=target,
                    headers=tuple(headers),
                    body=body,
                ),
                response=None if not answer.status else _response(answer),
                connection=f"{program.session}/{clone}",
                error=answer.error,
                events=tuple(Event(at=e.at - self.clock.epoch, data=e.data) for e in answer.events),
                session=program.session,
                endpoint=step.endpoint,
                outcome=sent.outcome,
                origin=Origin(
                    of=step.exchange, clone=clone, poll=sent.poll, due=sent.due, lateness=sent.went - sent.due
                ),
            )
        )
        self._number += 1

    def _instants(self, answer: Answer, sent: Sent) -> Clock:
        def since(instant: int | None) -> int | None:
            return None if instant is None else instant - self.clock.epoch

        return Clock(
            received=sent.due,
            sent=since(answer.sent),
            connect_start=since(answer.connect_start),
            connected=since(answer.connected),
            tls_done=since(answer.tls_done),
            first_byte=since(answer.first_byte),
            last_byte=since(answer.last_byte),
        )


def _response(answer: Answer) -> Response:
    return Response(
        status=answer.status, reason=answer.reason, version=answer.version, headers=answer.headers, body=answer.body
    )
