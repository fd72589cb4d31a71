"""The synthetic twins tell the truth: what they call live is live, and nothing else differs between them."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import pairwise

import pytest

from bench.twins.align import align
from bench.twins.saying import Piece, Stretch
from bench.twins.score import Score, compare
from bench.twins.simulate import Asked, record
from bench.twins.text import Origin
from bench.twins.through import Bound, Rendered
from bench.twins.twin import Twins, twins
from bench.twins.world import World
from bench.twins.worlds import WORLDS
from traces.lens import request_leaves
from traces.model import Request

SESSIONS = 6
Given = type[World]

every_world = pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)


@cache
def pair(world: Given) -> Twins:
    return twins(world, sessions=SESSIONS, seed=3)


def stretches(pair: Twins) -> list[tuple[Asked, Stretch]]:
    return [(asked, stretch) for asked in pair.recorded.asked for stretch in asked.said.stretches()]


def beside(pair: Twins) -> list[tuple[Stretch, Stretch]]:
    """Every stretch of the recording with the twin's, a poll loop's once."""
    return [
        both
        for attempts in pair.steps()
        for both in zip(attempts[0].said.stretches(), pair.true(attempts[0]).said.stretches(), strict=True)
    ]


def part(request: Request, stretch: Stretch) -> bytes:
    if stretch.part == "header":
        return request.headers[stretch.header][1]
    return request.target if stretch.part == "target" else request.body or b""


@every_world
def test_the_same_seeds_give_the_same_bytes(world: Given) -> None:
    assert record(world, sessions=3, users=5, server=7) == record(world, sessions=3, users=5, server=7)


@every_world
def test_twins_have_the_same_visitors_doing_the_same(world: Given) -> None:
    differ = [
        (a.piece, b.piece)
        for a, b in beside(pair(world))
        if (a.piece.origin, a.piece.slot) != (b.piece.origin, b.piece.slot)
        or (a.piece.origin in {Origin.USER, Origin.SHARED} and a.piece.wire != b.piece.wire)
    ]
    assert differ == []


@every_world
def test_every_live_stretch_reads_otherwise_in_the_twin(world: Given) -> None:
    live = [(a.piece, b.piece) for a, b in beside(pair(world)) if a.piece.origin is Origin.LIVE]
    assert (len(live) >= 7 * SESSIONS, [a for a, b in live if a.text == b.text]) == (True, [])


@every_world
def test_twins_share_no_value_that_a_server_issued(world: Given) -> None:
    def issued(values: list[str]) -> set[str]:
        return {value for value in values if not value.isdecimal()}

    both = pair(world)
    assert issued(both.recorded.issued) & issued(both.twin.issued) == set()


@every_world
def test_each_stretch_stands_where_it_is_said_to_stand(world: Given) -> None:
    both = pair(world)
    elsewhere = [
        stretch
        for asked, stretch in stretches(both)
        if part(both.recorded.exchanges[asked.exchange].request, stretch)[stretch.start : stretch.end]
        != stretch.piece.wire
    ]
    assert elsewhere == []


@every_world
def test_slots_are_named_as_the_lens_names_them(world: Given) -> None:
    both = pair(world)
    unknown = []
    for asked, stretch in stretches(both):
        slot = stretch.piece.slot.partition("|")[0]
        if stretch.piece.origin is not Origin.LIVE or slot == "target":
            continue
        leaves = request_leaves(both.recorded.exchanges[asked.exchange].request)
        over = {leaf.path.partition("|")[0] for leaf in leaves if leaf.start < stretch.end and stretch.start < leaf.end}
        if slot not in over:
            unknown.append((slot, over))
    assert unknown == []


@every_world
def test_what_is_live_was_read_from_answers_that_were_complete(world: Given) -> None:
    both = pair(world)
    exchanges = both.recorded.exchanges
    for asked, stretch in stretches(both):
        sources = stretch.piece.sources
        late = [s for s in sources if exchanges[s.exchange].end > exchanges[asked.exchange].clock.received]
        assert (bool(sources), late) == (stretch.piece.origin is Origin.LIVE, [])


@every_world
def test_what_is_not_live_and_reads_otherwise_in_the_twin_was_made_by_the_client(world: Given) -> None:
    other = {a.piece.origin for a, b in beside(pair(world)) if a.piece.wire != b.piece.wire}
    assert other <= {Origin.LIVE, Origin.CLIENT}


@every_world
def test_visitors_interleave(world: Given) -> None:
    order = [asked.session for asked in record(world, sessions=12, users=5, server=1).asked]
    turns = sum(a != b for a, b in pairwise(order))
    assert turns > 2 * 12


def test_a_poll_loop_takes_its_own_time_in_the_twin() -> None:
    (polar,) = [world for world in WORLDS if world.name == "polar"]
    both = pair(polar)

    def attempts(asked: list[Asked]) -> dict[tuple[int, int], int]:
        return {(a.session, a.step): a.attempt + 1 for a in asked if a.attempt}

    recorded, twin = attempts(both.recorded.asked), attempts(both.twin.asked)
    assert (recorded != twin, max(recorded.values()) > 2) == (True, True)


def test_connections_are_of_four_kinds() -> None:
    users: dict[str, list[set[int]]] = {}
    for world in WORLDS:
        recording = record(world, sessions=20, users=1, server=1)
        by_line: defaultdict[str, set[int]] = defaultdict(set)
        for exchange, asked in zip(recording.exchanges, recording.asked, strict=True):
            by_line[exchange.connection].add(asked.session)
        users.setdefault(world.connections, []).extend(by_line.values())
    shared = {kind: max(map(len, lines)) for kind, lines in users.items()}
    assert (shared["own"], shared["one"], min(shared["pool"], shared["kept"]) > 2) == (1, 20, True)


def sent(world: Given, *, perfect: bool) -> list[Rendered]:
    """Every request of the twin as it is, each live stretch bound; or as it was recorded, nothing bound."""
    both = pair(world)
    rendered = []
    for attempts in both.steps():
        said = (both.true(attempts[0]) if perfect else attempts[0]).said
        request = said.request("x")
        head = b"%s %s HTTP/1.1\r\n" % (request.method, request.target)
        offsets = {("target", -1): len(request.method) + 1}
        for index, (name, value) in enumerate(request.headers):
            offsets["header", index] = len(head) + len(name) + 2
            head += b"%s: %s\r\n" % (name, value)
        offsets["body", -1] = len(head) + 2
        bound = tuple(
            Bound(
                slot=s.piece.slot,
                start=offsets[s.part, s.header] + s.start,
                end=offsets[s.part, s.header] + s.end,
                recorded="",
                value=s.piece.text,
            )
            for s in said.stretches()
            if perfect and s.piece.origin is Origin.LIVE
        )
        wire = head + b"\r\n" + (request.body or b"")
        rendered.append(Rendered(exchange=attempts[0].exchange, session="s", wire=wire, bound=bound))
    return rendered


def shares(score: Score) -> tuple[float, float, float]:
    return score.recall, score.precision, score.exact


@every_world
def test_a_perfect_replay_scores_in_full(world: Given) -> None:
    result = compare(pair(world), sent(world, perfect=True), world="")
    assert (shares(result), result.bound == result.live, result.faults) == ((1.0, 1.0, 1.0), True, [])


@every_world
def test_what_is_sent_as_recorded_recalls_nothing(world: Given) -> None:
    result = compare(pair(world), sent(world, perfect=False), world="")
    assert (result.recall, result.bound, result.live) == (0.0, 0, len(result.faults))


@every_world
def test_what_is_not_sent_at_all_recalls_nothing(world: Given) -> None:
    result = compare(pair(world), [], world="")
    assert (result.recall, {fault.sent for fault in result.faults}) == (0.0, {None})


def test_a_quantity_bound_to_an_answer_costs_precision_and_no_recall() -> None:
    (cart,) = [world for world in WORLDS if world.name == "cart"]
    rendered = sent(cart, perfect=True)
    at, wire = next((n, r.wire) for n, r in enumerate(rendered) if b'"quantity":' in r.wire)
    start = wire.index(b'"quantity":') + len(b'"quantity":')
    wrong = Bound(slot="body.$.quantity", start=start, end=start + 2, recorded="3", value="77")
    rendered[at] = Rendered(
        exchange=rendered[at].exchange,
        session="s",
        wire=wire[:start] + b"77" + wire[start + 1 :],
        bound=(*rendered[at].bound, wrong),
    )
    result = compare(pair(cart), rendered, world="")
    (fault,) = result.faults
    assert (result.recall, result.wrong, fault.kind, fault.sent) == (1.0, 1, "wrong", "77")


def piece(text: str, origin: Origin) -> Piece:
    return Piece(text.encode(), text, origin, "" if origin is Origin.FRAME else "slot")


def test_a_value_of_any_length_is_found_between_its_neighbours() -> None:
    true = [piece("/a/", Origin.FRAME), piece("new", Origin.LIVE), piece("?q=", Origin.FRAME), piece("1", Origin.USER)]
    recorded = [true[0], piece("old", Origin.LIVE), *true[2:]]
    spans = align(true, recorded, b"/a/something else?q=1")
    assert spans == [(0, 3), (3, 17), (17, 20), (20, 21)]


def test_punctuation_that_is_not_there_aligns_with_nothing() -> None:
    true = [piece("/a/", Origin.FRAME), piece("new", Origin.LIVE)]
    assert align(true, true, b"/b/new") is None
