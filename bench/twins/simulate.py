"""Run a world: its visitors interleave in time over its connections, and what they say is written down with its truth.

Rule 1: time, pauses and waiting come from the users' seed, so that a twin's exchanges follow one another as the
        recording's do; only a poll loop may take longer or shorter there.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from bench.twins.answer import Answer, Reply
from bench.twins.ballast import ballast
from bench.twins.issuer import Issuer
from bench.twins.saying import Said
from bench.twins.users import User
from bench.twins.world import Ask, Connections, Script, World
from traces.model import Clock, Exchange

_MS: Final = 1_000_000
#: Mean gap between visitors, ms: a session takes about ten times as long, so that about ten are always under way.
_GAP: Final = 600
_POOL: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One exchange's truth.

    session: the visitor, -1 for the world's opening; step: 0-based in its script; lane: among requests sent together;
    attempt: 0-based in a poll loop, 0 otherwise.
    """

    exchange: int
    session: int
    step: int
    lane: int
    attempt: int
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A run of a world: exchanges by the instant they were received, the truth of each, and all that was issued."""

    exchanges: list[Exchange]
    asked: list[Asked]
    issued: list[str]


def record(world: type[World], *, sessions: int, users: int, server: int) -> Recording:
    """Let `sessions` visitors of seed `users` meet a server of seed `server`; the same seeds give the same bytes.

    Server seeds that follow one another make twins: the same users and actions, every issued value another.
    """
    issuer = Issuer(world.name, server)
    run = _Run(world(issuer), issuer)
    first = User(users, -1)
    opening = run.world.opening(first)
    start = run.play([_Visitor(first, opening, users, 0)]) if opening is not None else 0
    arrivals = random.Random(f"arrivals {users}")
    visitors = []
    for number in range(sessions):
        start += int(arrivals.expovariate(1 / _GAP) * _MS)
        user = User(users, number)
        visitors.append(_Visitor(user, run.world.visit(user), users, start))
    run.play(visitors)
    return Recording(exchanges=run.exchanges, asked=run.asked, issued=issuer.issued)


class _Visitor:
    def __init__(self, user: User, script: Script, users: int, start: int) -> None:
        self.user = user
        self.start = start
        self._script = script
        self._pace = random.Random(f"pace {users} {user.number}")
        self._step, self._attempt, self._poll = -1, 0, ""

    def next(self, at: int, answers: Any) -> Ask | tuple[Ask, ...] | None:
        """What it asks at this instant; None when it leaves."""
        self.user.now = at
        try:
            return self._script.send(answers)
        except StopIteration:
            return None

    def place(self, asks: tuple[Ask, ...]) -> tuple[int, int]:
        """(step, attempt) of what it asks now."""
        if asks[0].poll and asks[0].poll == self._poll:
            self._attempt += 1
        else:
            self._step, self._attempt = self._step + 1, 0
        self._poll = asks[0].poll
        return self._step, self._attempt

    def waits(self) -> int:
        """How long its next answer takes, ns."""
        return int(self._pace.lognormvariate(2.5, 0.5) * _MS)

    def pauses(self) -> int:
        """How long it then thinks, ns."""
        drawn = self._pace.lognormvariate(5.5, 0.7)
        pause, self.user.pause = self.user.pause, None
        return int((drawn if pause is None else pause) * _MS)


@dataclass(slots=True)
class _Run:
    world: World
    issuer: Issuer
    exchanges: list[Exchange] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    _lines: dict[str, int] = field(default_factory=dict)

    def play(self, visitors: list[_Visitor]) -> int:
        """Until the last of them has left; returns when that was, ns."""
        queue: list[tuple[int, int, Any]] = [(v.start, n, None) for n, v in enumerate(visitors)]
        heapq.heapify(queue)
        at = 0
        while queue:
            at, n, answers = heapq.heappop(queue)
            visitor = visitors[n]
            asks = visitor.next(at, answers)
            if asks is None:
                continue
            together = asks if isinstance(asks, tuple) else (asks,)
            said = list(self._serve(visitor, together, at))
            given = tuple(answer for _, answer in said)
            end = max(end for end, _ in said)
            heapq.heappush(queue, (end + visitor.pauses(), n, given if isinstance(asks, tuple) else given[0]))
        return at

    def _serve(self, visitor: _Visitor, asks: tuple[Ask, ...], at: int) -> Iterator[tuple[int, Answer]]:
        step, attempt = visitor.place(asks)
        for lane, ask in enumerate(asks):
            received = at + lane * 1_000
            self.issuer.now = received
            reply = self._laden(ask.reply())
            end = received + visitor.waits()
            exchange = self._exchange(visitor.user.number, ask, reply, received=received, end=end)
            self.exchanges.append(exchange)
            self.asked.append(
                Asked(
                    exchange=exchange.id,
                    session=visitor.user.number,
                    step=step,
                    lane=lane,
                    attempt=attempt,
                    said=ask.said,
                )
            )
            yield end, Answer(exchange.id, reply)

    def _laden(self, reply: Reply) -> Reply:
        name = self.world.ballast
        if not name or not isinstance(reply.json, dict):
            return reply
        return replace(reply, json=reply.json | {name: ballast(self.issuer)})

    def _exchange(self, visitor: int, ask: Ask, reply: Reply, *, received: int, end: int) -> Exchange:
        usual = (
            ("date", self.issuer.http_date()),
            ("server", "uvicorn"),
            ("x-request-id", self.issuer.uuid()),
        )
        return Exchange(
            id=len(self.exchanges),
            connection=_line(self.world.connections, self._lines, visitor, received, end),
            clock=Clock(received=received, sent=received + _MS // 5, first_byte=end - _MS // 10, last_byte=end),
            request=ask.said.request(self.world.host),
            response=reply.response(usual),
        )


def _line(kind: Connections, lines: dict[str, int], visitor: int, at: int, end: int) -> str:
    """The connection a request goes over; `lines` holds until when each is busy."""
    if kind == "one":
        return "c0"
    if kind == "own":
        # A browser opens a second one for what it asks at the same time.
        name = f"v{visitor}"
        while lines.get(name, 0) > at:
            name += "+"
    else:
        # The one used last of those that are idle, as pools hand them out.
        idle = [name for name, until in lines.items() if until <= at]
        if idle:
            name = max(idle, key=lambda n: lines[n])
        elif kind == "pool" and len(lines) >= _POOL:
            name = min(lines, key=lambda n: lines[n])
        else:
            name = f"c{len(lines)}"
    lines[name] = end
    return name
