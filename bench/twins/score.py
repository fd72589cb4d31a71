"""How good what was learned is: a recording replayed against its twin, stretch by stretch.

recall:    live stretches that came out as the twin's, of all live stretches.
precision: bound stretches that changed nothing but what is live, or came out right all the same, of all bound ones.
exact:     requests right in every live stretch, of all requests.

A poll loop counts once. A hole that nothing could fill ends the session: where nothing live stands it counts as bound
wrongly, though it sends nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bench.twins import wire
from bench.twins.align import align, reads
from bench.twins.saying import Piece
from bench.twins.simulate import Asked
from bench.twins.text import Origin
from bench.twins.through import Bound, Rendered, render_all
from bench.twins.twin import Twins, twins
from bench.twins.world import World

#: Kind of fault, world, label, slot: what faults are gathered by.
Place = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A stretch that came out wrong. `sent` None: nothing could fill it, or the request was not sent.

    kind: "missed" for a live stretch, "wrong" for one bound that should not be.
    """

    kind: str
    world: str
    label: str
    slot: str
    recorded: str
    true: str
    sent: str | None
    source: str

    @property
    def place(self) -> Place:
        return self.kind, self.world, self.label, self.slot


@dataclass(slots=True, kw_only=True)
class Score:
    """Counts; `faults` in the order of the exchanges.

    needless: bound, not live, and right all the same.
    sessions: visitors, and an opening; found: the journeys the project made of their exchanges.
    places:   how often there was a live stretch ("missed") or a bound one ("wrong") at a label's slot.
    """

    world: str
    live: int = 0
    right: int = 0
    bound: int = 0
    wrong: int = 0
    needless: int = 0
    requests: int = 0
    whole: int = 0
    sessions: int = 0
    found: int = 0
    faults: list[Fault] = field(default_factory=list)
    places: Counter[Place] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        return self.right / self.live if self.live else 1.0

    @property
    def precision(self) -> float:
        return 1 - self.wrong / self.bound if self.bound else 1.0

    @property
    def exact(self) -> float:
        return self.whole / self.requests if self.requests else 1.0

    def add(self, other: Score) -> None:
        """Count another's in."""
        for name in ("live", "right", "bound", "wrong", "needless", "requests", "whole", "sessions", "found"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.faults += other.faults
        self.places += other.places


def score(world: type[World], sessions: int, seed: int = 0) -> Score:
    """Learn from `sessions` visitors of a world, replay them against its twin, and compare."""
    pair = twins(world, sessions=sessions, seed=seed)
    return compare(pair, render_all(pair.recorded.exchanges, pair.answer), world=world.name)


def compare(pair: Twins, rendered: Iterable[Rendered], *, world: str) -> Score:
    """Count what of the twin's true requests came out; `world` names the score."""
    by_exchange = {request.exchange: request for request in rendered}
    result = Score(
        world=world,
        sessions=len({asked.session for asked in pair.recorded.asked}),
        found=len({request.session for request in by_exchange.values()}),
    )
    for attempts in pair.steps():
        # Which attempt a loop is said to begin with is the project's to choose.
        sent = next((by_exchange[a.exchange] for a in attempts if a.exchange in by_exchange), None)
        _judge(attempts[0], pair, sent, result)
    return result


@dataclass(frozen=True, slots=True)
class _Sent:
    """A true piece, what stood there in the recording, and what would be sent (None: nothing); the span in the wire."""

    true: Piece
    recorded: Piece
    sent: bytes | None
    start: int = -1
    end: int = -1

    @property
    def right(self) -> bool:
        return self.sent is not None and reads(self.true, self.sent)


def _judge(asked: Asked, pair: Twins, rendered: Rendered | None, result: Score) -> None:
    sent = list(_sent(asked, pair.true(asked), rendered))
    bound = rendered.bound if rendered is not None else ()
    stale = {piece for hole in bound if hole.value is None for piece in _under(hole, sent)}
    live = [piece for piece in sent if piece.true.origin is Origin.LIVE]
    missed = [piece for piece in live if not piece.right or piece in stale]
    result.requests += 1
    result.whole += not missed
    result.live += len(live)
    result.right += len(live) - len(missed)
    label = asked.said.label
    result.places.update(("missed", result.world, label, piece.true.slot) for piece in live)
    for piece in missed:
        came = None if piece in stale else piece.sent
        result.faults.append(_fault("missed", asked, piece, pair, world=result.world, sent=came))
    for hole in bound:
        under = _under(hole, sent)
        changed = [piece for piece in under if piece.true.origin is not Origin.LIVE]
        if hole.value is None and len(changed) < len(under):
            continue  # counted as missed
        result.bound += 1
        result.places.update({("wrong", result.world, label, piece.true.slot) for piece in under})
        bad = [piece for piece in changed if hole.value is None or not piece.right]
        if bad:
            result.wrong += 1
            came = None if hole.value is None else bad[0].sent
            result.faults.append(_fault("wrong", asked, bad[0], pair, world=result.world, sent=came))
        elif len(changed) == len(under):
            result.needless += 1


def _sent(asked: Asked, true: Asked, rendered: Rendered | None) -> Iterator[_Sent]:
    """Every piece of the true request with what would be sent in its place."""
    found = {} if rendered is None else wire.parts(rendered.wire)
    for (name, pieces), (_, recorded) in zip(wire.pieces(true.said), wire.pieces(asked.said), strict=True):
        part = found.get(name)
        spans = None if part is None else align(pieces, recorded, part.data)
        for n, piece in enumerate(pieces):
            if not piece.slot:
                continue
            if part is None or spans is None:
                # Where nothing can be told apart, all of it was sent in place of each.
                whole = None if part is None else part.data
                at = (-1, -1) if part is None else (part.start, part.start + len(part.data))
                yield _Sent(piece, recorded[min(n, len(recorded) - 1)], whole, *at)
            else:
                start, end = spans[n]
                yield _Sent(piece, recorded[n], part.data[start:end], part.start + start, part.start + end)


def _under(hole: Bound, sent: Iterable[_Sent]) -> list[_Sent]:
    """The pieces a hole stands over."""
    return [piece for piece in sent if piece.start < max(hole.end, hole.start + 1) and hole.start < piece.end]


def _fault(kind: str, asked: Asked, piece: _Sent, pair: Twins, *, world: str, sent: bytes | None) -> Fault:
    places = (f"{pair.recorded.asked[s.exchange].said.label} {s.slot}" for s in piece.recorded.sources)
    return Fault(
        kind=kind,
        world=world,
        label=asked.said.label,
        slot=piece.true.slot,
        recorded=piece.recorded.text,
        true=piece.true.text,
        sent=None if sent is None else sent.decode("utf-8", "replace"),
        source=" + ".join(places) or piece.true.origin.value,
    )
