"""Which item of a list a client took: known by a word, by its place, or by what the client had put there."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traces.links.scene import Scene, token
from traces.analysis import Analysis, analyse
from traces.lens import Reading
from traces.links import Source
from traces.links.choices import choices
from traces.links.selectors import AT, COUNT, FLAG, LAST, TOKEN, WORD, Item, Label

JSON = ((b"content-type", b"application/json"),)
GOODS = ("mug", "lamp", "rug", "jug")


def item(index: int, count: int, **labels: tuple[int, str]) -> Item:
    """An item with labels (kind, text); its list reads the same words everywhere."""
    return Item(
        0, index, count, {key: Label(kind, text, frozenset({"a", "b"})) for key, (kind, text) in labels.items()}
    )


def chosen(*sightings: Item) -> tuple[tuple[str, ...], int]:
    found = choices([[sighting] for sighting in sightings])
    return found.items, found.doubt


def test_a_word_beside_it_names_an_item() -> None:
    assert chosen(*(item(n % 3, 3, name=(WORD, f"n{n}")) for n in range(6))) == (("name",), 0)


def test_a_word_that_is_always_the_same_is_what_was_looked_for() -> None:
    found = [item(n % 3, 3, name=(WORD, f"n{n}"), status=(WORD, "open")) for n in range(6)]
    assert chosen(*found) == (("status",), 0)


@pytest.mark.parametrize(("index", "how"), [(0, AT), (1, AT), (3, LAST)])
def test_a_place_that_chance_would_not_choose_so_often_counts_more_than_names_that_differ(index: int, how: str) -> None:
    assert chosen(*(item(index, 4, name=(WORD, f"n{n}")) for n in range(8))) == ((how,), 0)


def test_the_last_of_lists_of_any_length_is_the_last() -> None:
    assert chosen(*(item(n + 1, n + 2) for n in range(5))) == ((LAST,), 0)


def test_a_few_sightings_of_a_place_leave_doubt_and_none_of_anything_leave_more() -> None:
    assert (chosen(item(0, 3), item(0, 3))[1], chosen(item(0, 3), item(1, 3)), chosen(item(1, 3))[1]) == (1, ((), 2), 2)


def test_a_list_of_one_needs_no_choice() -> None:
    assert chosen(item(0, 1, name=(WORD, "x")), item(0, 1)) == ((), 0)


def test_a_number_names_items_only_where_every_answer_has_the_same_numbers() -> None:
    same = [item(n % 3, 3, size=(COUNT, str(38 + n % 3))) for n in range(6)]
    other = [Item(0, n % 3, 3, {"stock": Label(COUNT, str(n), frozenset({str(n)}))}) for n in range(6)]
    assert (chosen(*same), chosen(*other)) == ((("size",), 0), ((), 2))


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([WORD, TOKEN, FLAG])), min_size=1, max_size=8))
def test_a_key_that_names_every_item_is_never_in_doubt(found: list[tuple[int, int]]) -> None:
    assert chosen(*(item(index, 5, key=(kind, "same")) for index, kind in found)) == (("key",), 0)


# Learned from a recording, and read of an answer in another order.


def shops(pick: Any, sessions: int = 8, **more: Any) -> Analysis:
    """Sessions that list goods in some order and ask for the one that `pick` says, of the list and the session."""
    scene = Scene()
    for n in range(sessions):
        rng = random.Random(n)
        goods = [{"id": token(f"{n} {name}"), "node": {"name": name}, **more} for name in GOODS[: rng.randint(3, 4)]]
        rng.shuffle(goods)
        scene.ask(n * 100, "GET /goods", {"items": goods}, on=f"c{n}")
        scene.ask(n * 100 + 10, f"GET /goods/{pick(goods, n)['id']}", on=f"c{n}")
    return analyse(scene.exchanges)


def source(analysis: Analysis, session: int = 0) -> Source:
    (binding,) = analysis.bindings(analysis.sessions[session])
    return binding.sources[0]


def live(found: Source, *names: str) -> str | None:
    document = b'{"items":[%s]}' % b",".join(
        b'{"id":"%s","node":{"name":"%s"}}' % (x, x) for x in map(str.encode, names)
    )
    return Reading(JSON, document).text(found.address, found.selectors)


def test_the_last_of_a_list_is_read_from_its_end() -> None:
    found = source(shops(lambda goods, _: goods[-1]))
    assert [live(found, *names) for names in (("a",), ("a", "b"), ("a", "b", "c", "d", "e"), ())] == [
        "a",
        "b",
        "e",
        None,
    ]


def test_a_label_may_stand_below_the_item() -> None:
    analysis = shops(lambda goods, n: next(g for g in goods if g["node"]["name"] == GOODS[n % 3]))
    assert [live(source(analysis, n), "jug", "rug", "lamp", "mug") for n in range(3)] == ["mug", "lamp", "rug"]


def test_what_is_known_says_the_graph() -> None:
    (link,) = shops(lambda goods, n: next(g for g in goods if g["node"]["name"] == GOODS[n % 3])).graph.links
    assert link.items == ("node.name",)


def test_of_two_lists_that_hold_the_value_the_one_with_words_counts() -> None:
    scene = Scene()
    for n in range(8):
        rng = random.Random(n)
        goods = [{"key": token(f"{n} {name}"), "name": name} for name in GOODS]
        keys = [good["key"] for good in goods]
        rng.shuffle(keys)
        scene.ask(n * 100, "GET /goods", {"a": keys, "goods": rng.sample(goods, 4)}, on=f"c{n}")
        scene.ask(n * 100 + 10, f"GET /goods/{token(f'{n} lamp')}", on=f"c{n}")
    assert source(analyse(scene.exchanges)).path.startswith("body.$.goods")


def test_a_line_is_known_by_the_product_that_the_client_put_there() -> None:
    scene = Scene()
    for n in range(4):
        goods = [{"id": token(f"{n} {name}"), "name": name} for name in GOODS]
        mine = random.Random(n).sample(goods, 3)
        scene.ask(n * 100, "GET /goods", {"goods": goods, "basket": token(n)}, on=f"c{n}")
        for k, good in enumerate(mine):
            body = {"product": good["id"], "basket": token(n)}
            scene.ask(n * 100 + 10 + k, "POST /lines", {}, body=body, on=f"c{n}", wait=0.5)
        lines = [{"id": token(f"line {n} {good['id']}"), "product": good["id"]} for good in mine]
        random.Random(n).shuffle(lines)
        scene.ask(n * 100 + 20, f"GET /lines?basket={token(n)}", {"lines": lines}, on=f"c{n}")
        wanted = next(line["id"] for line in lines if line["product"] == mine[1]["id"])
        scene.ask(n * 100 + 30, f"DELETE /lines/{wanted}", on=f"c{n}")
    analysis = analyse(scene.exchanges)
    for session in analysis.sessions:
        (selector,) = analysis.bindings(session)[-1].sources[0].selectors
        assert (selector.key, selector.same is not None and selector.same.step) == ("product", 0)


def test_what_an_object_calls_its_items_by_is_found_by_what_they_say() -> None:
    scene = Scene()
    for n in range(4):
        goods = {token(f"{n} {name}", 12): {"name": name} for name in random.Random(n).sample(GOODS, 4)}
        wanted = token(f"{n} rug", 12)
        scene.ask(n * 100, "GET /goods", {"goods": goods}, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /basket", {}, body={"items": {wanted: {"n": 1}}}, on=f"c{n}")
    analysis = analyse(scene.exchanges)
    (link,) = analysis.graph.links
    found = source(analysis)
    document = b'{"goods":{"k1":{"name":"mug"},"k2":{"name":"rug"},"k3":{}}}'
    assert (str(link.producer), str(link.consumer), Reading(JSON, document).text(found.address, found.selectors)) == (
        "GET /goods body.$.goods[*]{name}",
        "POST /basket body.$.items[*]{name}",
        "k2",
    )
