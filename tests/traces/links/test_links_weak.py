"""Small numbers and words: equal by accident all the time, so they link by their names or by overwhelming support."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.traces.links.scene import Scene
from traces.analysis import analyse

#: Asks what one session asks, given its number, when it begins and its connection.
Session = Callable[[Scene, int, float, str], None]


def learned(session: Session, sessions: int) -> set[tuple[str, str]]:
    scene = Scene()
    for n in range(sessions):
        session(scene, n, n * 100.0, f"c{n}")
    return {(str(link.producer), str(link.consumer)) for link in analyse(scene.exchanges).graph.links}


def fed(session: Session, sessions: int) -> set[str]:
    """The consumers of what was learned."""
    return {consumer for _, consumer in learned(session, sessions)}


# Traps: equal, and not fed.


def buys_one(scene: Scene, _n: int, at: float, on: str) -> None:
    scene.ask(at, "GET /basket", {"count": 1, "lines": [{"quantity": 1, "price": 500}], "page": 2}, on=on)
    scene.ask(at + 10, "POST /basket/lines", body={"quantity": 1, "price": 500}, on=on)
    scene.ask(at + 20, "GET /products?page=2&limit=1", {}, on=on)


@pytest.mark.parametrize("sessions", [1, 3, 40])
def test_a_quantity_of_one_a_page_two_and_a_price_are_not_fed(sessions: int) -> None:
    assert fed(buys_one, sessions) == set()


def test_stars_that_one_gives_are_not_fed_by_a_catalogue_that_has_every_rank() -> None:
    def rates(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "GET /catalogue", [{"rank": rank} for rank in range(1, 9)], on=on)
        scene.ask(at + 10, "POST /reviews", body={"stars": 1 + n % 8}, on=on)

    assert fed(rates, 40) == set()


def test_words_of_the_api_that_answers_also_hold_are_not_fed() -> None:
    def ships(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "GET /cart", {"status": "open", "currency": "EUR", "country": ["DE", "FR"][n % 2]}, on=on)
        scene.ask(at + 10, "POST /pay", body={"from": "open", "currency": "EUR", "to": ["DE", "FR"][n % 2]}, on=on)

    assert fed(ships, 40) == set()


def test_a_quantity_that_another_answer_says_again_is_an_echo() -> None:
    def adds(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "POST /lines", {"ok": "yes"}, body={"quantity": 2 + n}, on=on)
        scene.ask(at + 10, "GET /basket", {"amount": 2 + n}, on=on)
        scene.ask(at + 20, "POST /gift", body={"boxes": 2 + n}, on=on)

    assert fed(adds, 40) == set()


def test_an_id_that_a_word_equals_does_not_feed_what_is_called_otherwise() -> None:
    def chooses(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "GET /methods", [{"id": "express"}, {"id": "standard"}], on=on)
        scene.ask(at + 10, "POST /parcels", body={"speed": ["express", "standard"][n % 2]}, on=on)

    assert fed(chooses, 40) == set()


def test_the_number_of_another_thing_is_not_fed_by_an_equal_id() -> None:
    def orders(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "POST /customers", {"id": 7 + n % 3}, body={}, on=on)
        scene.ask(at + 10, "POST /orders", body={"product_id": 7 + n % 3}, on=on)

    assert fed(orders, 40) == set()


def test_an_answer_that_mostly_holds_another_number_feeds_nothing_though_the_names_agree() -> None:
    def reads(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "POST /orders", {"id": n}, body={}, on=on)
        scene.ask(at + 10, f"GET /orders/{n if n % 2 else 5000 + n}", {}, on=on)

    assert fed(reads, 40) == set()


# Fed: by name at one sighting.


@pytest.mark.parametrize("sessions", [1, 3, 40])
def test_a_small_id_feeds_the_path_of_its_thing_at_the_first_sighting(sessions: int) -> None:
    def visits(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "POST /orders", {"id": 7 + n}, body={}, on=on)
        scene.ask(at + 10, f"GET /orders/{7 + n}/lines", [{"id": 3 + 2 * n, "quantity": 1}], on=on)
        scene.ask(at + 20, f"DELETE /orders/{7 + n}/lines/{3 + 2 * n}", on=on)

    lines = "/orders/{order_id}/lines"
    assert learned(visits, sessions) == {
        ("POST /orders body.$.id", f"GET {lines} path[2]"),
        ("POST /orders body.$.id", f"DELETE {lines}/{{line_id}} path[2]"),
        (f"GET {lines} body.$[*].id", f"DELETE {lines}/{{line_id}} path[4]"),
    }


def test_a_version_that_was_read_is_sent_back() -> None:
    def edits(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "GET /profile", {"version": 3 + n}, on=on)
        scene.ask(at + 10, "PUT /profile", {"version": 4 + n}, body={"version": 3 + n}, on=on)

    assert learned(edits, 3) == {("GET /profile body.$.version", "PUT /profile body.$.version")}


def test_a_version_counts_though_the_first_request_carried_the_same_number_for_another_reason() -> None:
    def edits(scene: Scene, _n: int, at: float, on: str) -> None:
        scene.ask(at, "POST /lines", {"ok": "yes"}, body={"quantity": 1}, on=on)
        scene.ask(at + 10, "GET /cart", {"version": 1}, on=on)
        scene.ask(at + 20, "PUT /cart", {}, body={"version": 1}, on=on)

    assert learned(edits, 3) == {("GET /cart body.$.version", "PUT /cart body.$.version")}


def test_a_version_that_every_edit_raises_is_fed_by_the_read_and_by_the_edits() -> None:
    def edits(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "GET /profile", {"version": 10 * n}, on=on)
        for k in range(2):
            body = {"version": 10 * n + k}
            scene.ask(at + 10 + k, "PUT /profile", {"version": 10 * n + k + 1}, body=body, on=on, wait=0.5)

    assert learned(edits, 12) == {
        (f"{giver} body.$.version", "PUT /profile body.$.version") for giver in ("GET /profile", "PUT /profile")
    }


def test_a_small_id_that_one_of_two_answers_gives_is_fed_by_both() -> None:
    def shops(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "POST /baskets" if n % 2 else "GET /baskets", {"id": 7 + n}, body={} if n % 2 else None, on=on)
        scene.ask(at + 10, f"POST /baskets/{7 + n}/lines", body={"quantity": 1}, on=on)

    consumer = "POST /baskets/{basket_id}/lines path[2]"
    assert learned(shops, 12) == {(f"{method} /baskets body.$.id", consumer) for method in ("POST", "GET")}


@pytest.mark.parametrize("sessions", [3, 20])
def test_a_created_things_location_feeds_the_paths_below_it(sessions: int) -> None:
    def creates(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "POST /orders", body={}, gives=((b"location", b"/orders/%d" % (17 + n)),), on=on)
        scene.ask(at + 10, f"POST /orders/{17 + n}/pay", body={}, on=on)

    assert fed(creates, sessions) == {"POST /orders/{order_id}/pay path[2]"}


def test_the_one_basket_of_a_session_is_sent_as_the_basket() -> None:
    def pays(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "POST /baskets/", {"id": 4 + n}, body={}, on=on)
        scene.ask(at + 10, "POST /checkout/", body={"basket": 4 + n, "quantity": 4 + n}, on=on)

    assert learned(pays, 5) == {("POST /baskets/ body.$.id", "POST /checkout/ body.$.basket")}


# Fed: by support.


def hands_on(values: int, other: Callable[[int], int] = lambda n: n) -> Session:
    """An answer's number is sent on under a name that says nothing; `other` makes what is sent of it."""

    def session(scene: Scene, n: int, at: float, on: str) -> None:
        own = 10 + n % values
        scene.ask(at, "GET /desk", {"window": own}, on=on)
        scene.ask(at + 10, "POST /call", body={"place": other(own)}, on=on)

    return session


@pytest.mark.parametrize(
    ("sessions", "values", "links"), [(8, 8, 1), (8, 5, 1), (7, 7, 0), (8, 4, 0), (40, 4, 0), (40, 40, 1), (1, 1, 0)]
)
def test_without_a_name_eight_sightings_of_five_values_are_needed(sessions: int, values: int, links: int) -> None:
    assert len(learned(hands_on(values), sessions)) == links


@pytest.mark.parametrize(("misses", "links"), [(0, 1), (1, 1), (2, 0), (5, 0)])
def test_without_a_name_98_of_100_sightings_must_agree(misses: int, links: int) -> None:
    assert len(learned(hands_on(100, lambda own: 999 if own < 10 + misses else own), 60)) == links


def test_a_number_of_five_digits_that_names_a_thing_needs_no_count() -> None:
    def ships(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "POST /parcels", {"tracking_number": 48_211 + 37 * n}, body={}, on=on)
        scene.ask(at + 10, f"GET /where/{48_211 + 37 * n}", {}, on=on)

    assert len(learned(ships, 2)) == 1


def test_a_round_number_of_five_digits_is_an_amount_and_needs_one() -> None:
    def pays(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "POST /carts", {"reference": 10_000 * (n + 1)}, body={}, on=on)
        scene.ask(at + 10, "POST /pay", body={"code": 10_000 * (n + 1)}, on=on)

    assert fed(pays, 3) == set()


def test_a_number_that_every_sessions_answer_holds_was_not_handed_on() -> None:
    def picks(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "GET /seats", [{"row": row} for row in range(40)], on=on)
        scene.ask(at + 10, "POST /choice", body={"place": random.Random(n).randrange(40)}, on=on)

    assert fed(picks, 60) == set()


def test_a_number_that_only_its_own_sessions_answer_holds_was() -> None:
    def picks(scene: Scene, n: int, at: float, on: str) -> None:
        scene.ask(at, "GET /seats", [{"row": 40 * n + row} for row in range(40)], on=on)
        scene.ask(at + 10, "POST /choice", body={"place": 40 * n + random.Random(n).randrange(40)}, on=on)

    assert fed(picks, 60) == {"POST /choice body.$.place"}


@pytest.mark.parametrize("seed", range(12))
def test_quantities_that_people_choose_are_not_fed(seed: int) -> None:
    chance = random.Random(seed)

    def shops(scene: Scene, _n: int, at: float, on: str) -> None:
        shelf = [{"id": k, "stock": chance.randint(1, 9), "price": chance.randint(1, 9)} for k in range(9)]
        scene.ask(at, "GET /products", shelf, on=on)
        scene.ask(
            at + 10, "POST /lines", {"total": chance.randint(1, 30)}, body={"quantity": chance.randint(1, 9)}, on=on
        )
        scene.ask(at + 20, f"GET /products?page={chance.randint(1, 3)}", shelf, on=on)

    assert fed(shops, 30) == set()
