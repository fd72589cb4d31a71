"""A graph that was written, read and given back is the graph; what a person changed in it is what is done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
