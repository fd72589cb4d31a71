"""An engine's world without time or network: a loop whose time jumps, and a sender that answers by a script."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from replay.bind import Answer, Hole, Live, Program, Step
from replay.bind.template import compile_request
from replay.engine import Engine, Tally
from replay.plan import Start
from replay.wire import Outgoing
from traces.lens import Address, Leaf
from traces.links import Poll, Source
from traces.model import Exchange, Request
from traces.outcome import Make

MS = 1_000_000
SECRET = "recorded-secret-0123456789"

#: seconds, then the answer; told the request's path and how often that was asked before.
Script = Callable[[str, int], tuple[float, Answer]]


class _Jumping(selectors.SelectSelector):
    """Where a loop would wait for its next timer, its time jumps there."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everybody waits for everybody"
        self.seconds += max(timeout, 0.0)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.jumping = _Jumping()
        super().__init__(self.jumping)

    def time(self) -> float:
        return self.jumping.seconds


class VirtualClock:
    """The loop's own time; each sleep ends `oversleep` ns late, as a busy machine's does."""

    epoch = 77_000_000_000

    def __init__(self, oversleep: int = 0) -> None:
        self._oversleep = oversleep

    def now(self) -> int:
        return round(asyncio.get_running_loop().time() * 1e9)

    def wall(self) -> int:
        return 1_795_000_000 * 10**9 + self.now()

    async def sleep_until(self, instant: int) -> None:
        if instant > self.now():
            await asyncio.sleep((instant + self._oversleep - self.now()) / 1e9)


class ScriptedTransport:
    """Answers by script and notes every request: (ms after the start, path, client, bytes)."""

    def __init__(self, script: Script, clock: VirtualClock) -> None:
        self.asked: list[tuple[int, str, int, bytes]] = []
        self.clients = self.closed = 0
        self._script = script
        self._clock = clock

    def client(self) -> ScriptedSender:
        self.clients += 1
        return ScriptedSender(self, self.clients - 1)

    async def answer(self, request: Outgoing, client: int) -> Answer:
        path = request.wire.split(b" ", 2)[1].decode()
        before = sum(asked == path for _, asked, _, _ in self.asked)
        self.asked.append((round(self._clock.now() / MS), path, client, request.wire))
        sent = self._clock.epoch + self._clock.now()
        seconds, answer = self._script(path, before)
        try:
            async with asyncio.timeout(request.timeout):
                await asyncio.sleep(seconds)
        except TimeoutError:
            answer = Answer(error="timeout")
        answer.sent = sent
        if answer.status:
            answer.first_byte = answer.last_byte = self._clock.epoch + self._clock.now()
        return answer


class ScriptedSender:
    """One client of a scripted transport."""

    def __init__(self, transport: ScriptedTransport, number: int) -> None:
        self._transport = transport
        self._number = number

    async def send(self, request: Outgoing) -> Answer:
        return await self._transport.answer(request, self._number)

    async def aclose(self) -> None:
        self._transport.closed += 1


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run in a loop whose time jumps."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.run(main)


def ok(body: bytes = b"{}", status: int = 200) -> Answer:
    return Answer(status=status, headers=((b"content-type", b"application/json"),), body=body)


def always(seconds: float = 0.01, **answers: Answer) -> Script:
    """Every path takes `seconds`; a path's own answer is given by its name without the slash, prefixed by `p`."""

    def script(path: str, _before: int) -> tuple[float, Answer]:
        found = answers.get(f"p{path.split('/')[1]}")
        return seconds, ok() if found is None else Answer(
            status=found.status, headers=found.headers, body=found.body, error=found.error
        )

    return script


def live(*steps: int, key: str = "token", session: str | None = None, one_line: bool = False) -> Hole:
    """A hole for a value that one of these steps answers at `key`; no steps: nothing recorded issued it."""
    sources = tuple(
        Source(step=step, path=f"body.$.{key}", address=Address("json", "", (key,)), session=session) for step in steps
    )
    return Hole(slot="path[2]", fill=Live(sources, one_line=one_line))


def step(
    index: int,
    offset: int = 0,
    after: Sequence[tuple[int, int]] = (),
    *,
    holes: Sequence[Hole] = (),
    alone: bool = True,
    poll: Poll | None = None,
    paced: bool = False,
) -> Step:
    """A GET of /index; `offset` and the thinks of `after` in ms. Holes stand below it in its path."""
    path, shown = b"/%d" % index, []
    for _ in holes:
        shown.append(Leaf("target", "path", len(path) + 1, len(path) + 2, "?", "percent"))
        path += b"/?"
    request = Request(method=b"GET", scheme=b"http", authority=b"shop", target=path)
    return Step(
        index=index,
        exchange=100 + index,
        endpoint=f"GET /{index}",
        offset=offset * MS,
        after=tuple((earlier, think * MS) for earlier, think in after),
        template=compile_request(request, shown, authority=b"shop", move=lambda literal: literal),
        holes=tuple(holes),
        make=Make(status=200),
        alone=alone,
        poll=poll,
        paced=paced,
    )


def program(*steps: Step, name: str = "s", skipped: str | None = None, exports: Sequence[int] = ()) -> Program:
    return Program(
        session=name,
        start=0,
        steps=() if skipped else steps,
        size=len(steps),
        people={},
        exports=frozenset(exports),
        skipped=skipped,
    )


class Played:
    """A finished run: its tally, its exchanges, and what the transport was asked."""

    def __init__(
        self,
        programs: Sequence[Program],
        script: Script,
        *,
        starts: Sequence[Start] | None = None,
        speed: float = 1.0,
        oversleep: int = 0,
        cancel_at: float | None = None,
    ) -> None:
        clock = VirtualClock(oversleep)
        self.transport = ScriptedTransport(script, clock)
        self.exchanges: list[Exchange] = []
        self.tally = Tally()
        self.cancelled = cancel_at is not None

        async def main() -> None:
            engine = Engine(
                programs=programs,
                starts=starts or [Start(due=0, journey=n, clone=0) for n in range(len(programs))],
                transport=self.transport,
                speed=speed,
                key=b"k",
                scheme="http",
                authority=b"shop",
                sink=self.exchanges.append,
                timeout=5.0,
                clock=clock,
                tally=self.tally,
            )
            running = asyncio.create_task(engine.run())
            if cancel_at is not None:
                await asyncio.sleep(cancel_at)
                running.cancel()
            await asyncio.gather(running, return_exceptions=cancel_at is not None)
            self.ended = engine.ended

        run(main())

    @property
    def asked(self) -> list[tuple[int, str]]:
        """(ms, path) of every request."""
        return [(at, path) for at, path, _, _ in self.transport.asked]

    @property
    def reasons(self) -> Mapping[str, int]:
        return {reason: count for reason, count in self.tally.reasons.items() if count}
