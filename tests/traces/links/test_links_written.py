"""A graph that was written, read and given back is the graph; what a person changed in it is what is done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.twins.simulate import record
from bench.twins.world import World
from bench.twins.worlds import WORLDS
from tests.traces.links.digests import hashed
from tests.traces.links.scene import Scene, token
from traces.analysis import Analysis, analyse
from traces.links import Condition, Graph, Link, Poll, Slot, Unfed, written
from traces.links.model import Recipe

endpoints = st.builds("{} /{}".format, st.sampled_from(["GET", "POST"]), st.text("abc/{}_", min_size=1, max_size=12))
slots = st.builds(Slot, endpoints, st.text(min_size=1, max_size=20).map(lambda text: "body.$." + text))
links = st.builds(
    Link,
    consumer=slots,
    producer=slots,
    recipe=st.sampled_from([recipe for recipe in get_args(Recipe) if recipe != "sum"]),
    items=st.lists(st.sampled_from(["[n]", "[last]", "status", "node.title"]), max_size=2).map(tuple),
    across=st.booleans(),
    sightings=st.integers(0, 10**9),
    coverage=st.floats(0, 1).map(lambda share: round(share, 4)),
)
sums = st.builds(
    lambda link, plus: replace(link, recipe="sum", plus=tuple(plus)), links, st.lists(slots, min_size=1, max_size=2)
)
paired = st.builds(
    lambda link, plus, joint: replace(link, recipe="md5 hex", plus=(plus,), joint=joint),
    links,
    slots,
    st.sampled_from(["", ":", "\n"]),
)
conditions = st.builds(
    Condition,
    keys=st.lists(st.text(max_size=8) | st.integers(0, 99), max_size=4).map(tuple),
    test=st.just("equals"),
    text=st.text(max_size=9),
) | st.builds(Condition, keys=st.lists(st.text(max_size=8), max_size=4).map(tuple), test=st.just("exists"))
polls = st.builds(
    Poll,
    endpoint=endpoints,
    condition=conditions,
    pause=st.integers(0, 10**6).map(lambda n: n * 1_000_000),
    longest=st.integers(0, 10**6).map(lambda n: n * 1_000_000),
    sightings=st.integers(0, 99),
)
unfed = st.builds(
    Unfed,
    slot=slots,
    kind=st.sampled_from(["parameter", "generated", "minted"]),
    name=st.text(max_size=9),
    sightings=st.integers(0, 99),
)


@given(
    st.builds(
        Graph,
        links=st.lists(links | sums | paired, max_size=4).map(tuple),
        polls=st.lists(polls, max_size=2).map(tuple),
        unfed=st.lists(unfed, max_size=2).map(tuple),
    )
)
def test_what_was_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, graph: Graph) -> None:
    path = tmp_path_factory.mktemp("links") / "links.toml"
    written.write(graph, path)
    assert written.read(path) == graph


# What people and servers say, wherever it can stand; none of it may be in a file of links.
CANARIES = {
    "email": "canary.mail@example.com",
    "password": "canary-horse-staple",
    "token": token("canary token"),
    "product": "Canary yellow kettle",
    "note": "canary sings at dawn",
    "card": "4242424242424242",
    "code": "C4NRY7",
    "name": "Canary Finch",
}


def canaries(sessions: int) -> Analysis:
    """Sessions whose messages hold them as values, keys, labels, parts, digests, in paths, queries and cookies."""
    known, scene = CANARIES, Scene()
    for n in range(sessions):
        at, on, own = n * 1000.0, f"c{n}", token(n)
        goods = [{"id": token(f"{n} {k}"), "title": known["product"] if k else f"other {k}"} for k in range(2)]
        login = {"email": known["email"], "password": known["password"], "device": own}
        given = {
            "token": own,
            known["email"]: {"role": "admin", "id": token(f"r{n}")},
            "goods": goods,
            "pin": known["code"],
        }
        cookies = ((b"cookie", f"sid={known['token']}; who={known['code']}".encode()),)
        scene.ask(at, "POST /login", given, body=login, on=on, headers=cookies)
        scene.ask(at + 20, f"GET /goods/{goods[1]['id']}?q={known['note'].replace(' ', '+')}", {"n": n}, on=on)
        bearer = (b"authorization", f"Bearer {known['token']}".encode())
        people = {known["email"]: {"n": 1}, "card": known["card"], "name": known["name"], "pin": known["code"]}
        digest = (b"x-digest", hashed(own, "sha256 hex").encode())
        scene.ask(at + 40, f"POST /users/{known['email']}/pay", {}, body=people, on=on, headers=(bearer, digest))
        scene.ask(at + 60, f"GET /roles/{token(f'r{n}')}?code={known['code']}", {"state": "done"}, on=on)
    return analyse(scene.exchanges)


@pytest.mark.parametrize("sessions", [1, 2, 12])
def test_a_file_of_links_holds_no_value_of_anybodys(tmp_path: Path, sessions: int) -> None:
    graph = canaries(sessions).graph
    written.write(graph, tmp_path / "links.toml")
    text = (tmp_path / "links.toml").read_text().casefold()
    told = {
        name for name, value in CANARIES.items() for part in {value, value.partition("@")[0]} if part.casefold() in text
    }
    assert (len(graph.links) >= 3, told, token(0).casefold() in text) == (True, set(), False)


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_a_graph_that_was_written_and_read_binds_the_same(tmp_path: Path, world: type[World]) -> None:
    exchanges = record(world, sessions=4, users=3, server=31).exchanges
    learned = analyse(exchanges)
    written.write(learned.graph, tmp_path / "links.toml")
    again = analyse(exchanges, stated=written.read(tmp_path / "links.toml"))
    assert [again.bindings(s) for s in again.sessions] == [learned.bindings(s) for s in learned.sessions]


def orders() -> Scene:
    scene = Scene()
    for n in range(4):
        scene.ask(n * 100, "POST /orders", {"id": token(n), "note": f"n{n}"}, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, f"GET /orders/{token(n)}?about=n{n}", on=f"c{n}")
    return scene


def bound(analysis: Analysis) -> set[str]:
    return {
        source.path
        for session in analysis.sessions
        for binding in analysis.bindings(session)
        for source in binding.sources
    }


def test_a_link_that_was_taken_out_is_not_made() -> None:
    scene = orders()
    learned = analyse(scene.exchanges)
    stated = replace(learned.graph, links=())
    assert (bound(learned), bound(analyse(scene.exchanges, None, stated))) == ({"body.$.id"}, set())


def test_a_link_that_was_put_in_is_made_though_it_was_never_seen() -> None:
    scene = orders()
    by_hand = Link(
        consumer=Slot("GET /orders/{order_id}", "query.about"),
        producer=Slot("POST /orders", "body.$.note"),
        coverage=1.0,
    )
    assert bound(analyse(scene.exchanges, None, Graph(links=(by_hand,)))) == {"body.$.note"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "version = 1"),
        ("version = 2", "version = 1"),
        ("version = 1\nlink = 3", r"\[\[link\]\]"),
        ("version = 1\n[[lnik]]", "lnik"),
        ("version = 1\n[[link]]\nto = 'GET /a path[1]'", "number 1: from is missing"),
        ("version = 1\n[[link]]\nto = 'GET /a'\nfrom = 'GET /b body.$.x'", "no slot"),
        ("version = 1\n[[link]]\nto = 'GET /a path[1]'\nfrom = 'GET /b body.$.x'\nrecipe = 'magic'", "magic"),
        ("version = 1\n[[link]]\nto = 'GET /a path[1]'\nfrom = 'GET /b body.$.x'\nrecipe = 'sum'", "plus"),
        ("version = 1\n[[link]]\nto = 'GET /a path[1]'\nfrom = 'GET /b body.$.x'\nplus = ['GET /b body.$.y']", "plus"),
        ("version = 1\n[[link]]\nto = 'GET /a path[1]'\nfrom = 'GET /b body.$.x'\nitems = 'name'", "list of texts"),
        ("version = 1\n[[poll]]\nendpoint = 'GET /a'\nuntil = {keys = 'x'}\npause_ms = 1", "keys"),
        ("version = 1\n[[unfed]]\nslot = 'GET /a path[1]'\nkind = 'odd'\nname = 'x'", "odd"),
        ("version = 1\n[[link]\n", "line 2"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_place(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "links.toml"
    path.write_text(text)
    with pytest.raises(written.BadLinks, match=why):
        written.read(path)
