"""Of a trace's values only those are kept that could flow from an answer into a request."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.traces.links.scene import Scene, token
from traces.facts import ISSUED, TARGET, Facts
from traces.gather import gather


def rows(facts: Facts, number: int) -> list[tuple[str, int, int]]:
    return [(facts.slots[row.slot], row.value, row.bits) for row in facts.given.of(number)]


def test_an_answers_value_is_kept_when_some_request_carries_it_and_else_not() -> None:
    scene = Scene()
    scene.ask(0, "GET /a", {"id": token(1), "other": token(2), "null": None, "flag": True})
    scene.ask(10, f"GET /b/{token(1)}?flag=true&none=null")
    assert rows(gather(scene.exchanges), 0) == [("body.$.id", hash(token(1)), ISSUED)]


def test_the_path_of_an_answers_url_is_kept_beside_the_url() -> None:
    scene, url = Scene(), f"http://shop/b/{token(1)}?x=1"
    scene.ask(0, "GET /a", {"url": url})
    scene.ask(10, f"GET /b/{token(1)}?x=1", body={"came_from": url})
    kept = {(slot, value) for slot, value, _ in rows(gather(scene.exchanges), 0)}
    assert kept >= {("body.$.url", hash(url)), ("body.$.url|url.target", hash(f"/b/{token(1)}?x=1"))}


def test_a_list_read_a_thousand_times_over_is_one_row_a_value() -> None:
    scene = Scene()
    scene.ask(0, "GET /a", {"items": [{"id": token(1)}] * 1000})
    scene.ask(10, f"GET /b/{token(1)}")
    assert len(rows(gather(scene.exchanges), 0)) == 1


def test_what_an_answer_is_made_of_is_known_though_nobody_asked_for_it() -> None:
    scene = Scene()
    scene.ask(0, "POST /a", {"secret": token(1), "items": [{"id": token(2)}], "word": "open"}, body={})
    facts = gather(scene.exchanges)
    assert {facts.slots[slot] for slot in facts.shapes[facts.makes[0]]} == {"body.$.secret", "body.$.items[*].id"}


@given(st.permutations(list(range(8))))
def test_exchanges_are_numbered_by_arrival_however_the_file_orders_them(order: list[int]) -> None:
    scene = Scene()
    for n in range(8):
        scene.ask(n * 10, f"GET /a/{token(n)}", {"next": token(n + 1)}, on=f"c{n % 3}")
    facts = gather([scene.exchanges[n] for n in order])
    assert list(facts.ids) == list(range(8))
    assert [order[place] for place in facts.member] == list(range(8))
    assert [facts.target(n) for n in range(8)] == [hash(f"/a/{token(n)}") for n in range(8)]
    assert [len(rows(facts, n)) for n in range(8)] == [1] * 7 + [0]
    assert all(sum(bool(row.bits & TARGET) for row in facts.asked.of(n)) == 1 for n in range(8))
