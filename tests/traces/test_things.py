"""Things called by running numbers tie a journey together: the cart 24 that one answer made is everybody's cart 24."""

from __future__ import annotations

import random

import pytest

from tests.traces.links.scene import Scene, calls
from traces import endpoints, sessions
from traces.gather import gather
from traces.model import Exchange
from traces.things import Thing, things

GOODS = ("mug", "lamp", "rug")


def found(exchanges: list[Exchange]) -> set[frozenset[int]]:
    """The exchanges of each session, by id."""
    seen = gather(exchanges)
    ends = endpoints.number(seen, endpoints.infer(seen))
    return {frozenset(seen.ids[n] for n in session.numbers) for session in sessions.find(seen, ends)}


def of(scene: Scene) -> list[Thing]:
    seen = gather(scene.exchanges)
    return things(seen, endpoints.number(seen, endpoints.infer(seen)))


def shop(scene: Scene, n: int, at: float, pool: int, *, lists: bool = False) -> frozenset[int]:
    """One visitor of a shop whose ids are small: the exchanges' numbers. Its requests go over any connection."""
    chance = random.Random(n)
    cart, line = 2 + n, 4 + n

    def on() -> str:
        return f"pool{chance.randrange(pool)}"

    goods = [{"id": 3 + k, "name": name, "stock": chance.randint(1, 9)} for k, name in enumerate(GOODS)]
    own = [scene.ask(at, "GET /products?page=1", {"data": goods}, on=on())] if lists else []
    item = {"product_id": 3 + n % 3, "quantity": chance.randint(1, 9)}
    own += [
        scene.ask(at + 20, "POST /carts", {"data": {"id": cart, "count": chance.randint(1, 9)}}, body={}, on=on()),
        scene.ask(at + 40, f"POST /carts/{cart}/lines", {"line": {"id": line}}, body=item, on=on()),
        scene.ask(at + 60, f"PATCH /carts/{cart}/lines/{line}", {}, body={"quantity": chance.randint(1, 9)}, on=on()),
        scene.ask(at + 80, "POST /orders", {"id": 5 + n}, body={"cart": cart, "stars": chance.randint(1, 5)}, on=on()),
        scene.ask(at + 99, "POST /payments", {"ok": 1}, body={"order_id": 5 + n, "tip": chance.randint(1, 9)}, on=on()),
    ]
    return frozenset(own)


@pytest.mark.parametrize("visitors", [2, 12])
def test_journeys_of_small_numbers_on_a_shared_pool_are_told_apart(visitors: int) -> None:
    scene = Scene()
    groups = {shop(scene, n, n * 37.0, 3) for n in range(visitors)}
    assert found(scene.exchanges) == groups


def test_each_journey_has_one_of_the_listings_that_came_before_it_named_a_product() -> None:
    scene = Scene()
    truth = [shop(scene, n, n * 37.0, 3, lists=True) for n in range(12)]
    by_id = {exchange.id: exchange for exchange in scene.exchanges}
    listings = [[by_id[n] for n in group if by_id[n].request.method == b"GET"] for group in found(scene.exchanges)]
    assert (len(listings), [len(own) for own in listings]) == (len(truth), [1] * len(truth))


def test_a_thing_is_made_by_an_answer_that_wrote_and_nobody_named_it_before() -> None:
    scene = Scene()
    scene.ask(0, "GET /carts/7", {"id": 7}, on="a")
    scene.ask(20, "POST /carts", {"id": 7}, body={}, on="b")
    scene.ask(40, "POST /carts", {"id": 8}, body={}, on="c")
    scene.ask(60, "GET /carts/8", {"id": 8}, on="d")
    assert {(tuple(thing.issuers), tuple(thing.carriers), thing.made) for thing in of(scene)} == {
        ((1,), (0,), False),
        ((2,), (3,), True),
    }


def test_the_same_number_of_another_thing_ties_nothing() -> None:
    scene = Scene()
    scene.ask(0, "POST /carts", {"id": 7, "quantity": 8}, body={}, on="a")
    scene.ask(20, "POST /orders", {"id": 8}, body={"quantity": 7, "order_id": 7}, on="b")
    scene.ask(40, "GET /products/7?page=8", {}, on="c")
    assert of(scene) == []


def test_what_several_journeys_of_their_own_name_joins_none_of_them() -> None:
    scene = Scene()
    made = scene.ask(0, "POST /products", {"id": 7}, body={}, on="admin")
    journeys = []
    for n in range(3):
        at, on = 50.0 + n * 9, f"c{n}"
        first = scene.ask(at, "POST /carts", {"id": 20 + n}, body={}, on=on)
        journeys.append({first, scene.ask(at + 100, f"POST /carts/{20 + n}/lines", {}, body={"product_id": 7}, on=on)})
    assert found(scene.exchanges) == {frozenset({made}), *map(frozenset, journeys)}


def test_the_work_grows_with_the_trace_and_no_faster() -> None:
    def work(visitors: int) -> int:
        scene = Scene()
        for n in range(visitors):
            shop(scene, n, n * 37.0, 3, lists=True)
        return calls(lambda: found(scene.exchanges))

    small, large = work(60), work(240)
    assert large < 6 * small
