"""Who did what: sessions are found by the values that flow, then by identity, then by connection."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.traces.links.scene import Scene, calls, recording, token
from traces import endpoints, sessions
from traces.gather import gather
from traces.model import Exchange


class Found(NamedTuple):
    """A session with its exchanges."""

    start: int
    why: str
    exchanges: tuple[Exchange, ...]


def find(exchanges: list[Exchange]) -> list[Found]:
    seen = gather(exchanges)
    found = sessions.find(seen, endpoints.number(seen, endpoints.infer(seen)))
    return [Found(s.start, s.why, tuple(exchanges[seen.member[n]] for n in s.numbers)) for s in found]


def ids(found: list[Found]) -> set[frozenset[int]]:
    return {frozenset(e.id for e in session.exchanges) for session in found}


def truth(groups: list[list[int]]) -> set[frozenset[int]]:
    return {frozenset(group) for group in groups}


def test_polars_load_test_is_ten_checkouts_one_left_open_and_the_creates_it_abandons() -> None:
    exchanges = recording("polar-locust.mitm")
    templates = endpoints.infer(gather(exchanges))

    def step(exchange: Exchange) -> str:
        name = templates.of(exchange.request.method, exchange.request.target)
        return "confirm" if name.endswith("confirm") else name.split()[0].replace("POST", "create")

    found = Counter(tuple(step(e) for e in session.exchanges) for session in find(exchanges))
    assert found == {
        ("create", "PATCH", "PATCH", "GET", "confirm"): 10,
        ("create", "PATCH"): 1,
        ("create",): 38,
    }


def test_the_thirty_shop_visits_are_found_though_nobody_is_told_their_connections_are_theirs() -> None:
    exchanges = recording("oscarapi.mitm")
    own: defaultdict[str, list[int]] = defaultdict(list)
    for exchange in exchanges:
        own[exchange.connection].append(exchange.id)
    assert (len(own), ids(find(exchanges))) == (30, truth(list(own.values())))


def test_journeys_interleaved_on_one_connection_are_told_apart() -> None:
    scene = Scene()
    groups = [scene.checkout(n, at=n * 30, connections=["c"]) for n in range(12)]
    assert ids(find(scene.exchanges)) == truth(groups)


def test_a_journey_over_many_connections_is_one() -> None:
    scene = Scene()
    groups = [scene.checkout(n, at=n * 30, connections=[f"{n}-{k}" for k in range(4)]) for n in range(3)]
    assert ids(find(scene.exchanges)) == truth(groups)


def test_a_pool_that_many_users_share_does_not_merge_them() -> None:
    scene = Scene()
    groups = [scene.checkout(n, at=n * 37, connections=[f"pool{(n + k) % 5}" for k in range(4)]) for n in range(40)]
    assert ids(find(scene.exchanges)) == truth(groups)


def test_journeys_without_any_connection_are_told_apart() -> None:
    scene = Scene()
    groups = [scene.checkout(n, at=n * 30) for n in range(8)]
    assert ids(find(scene.exchanges)) == truth(groups)


def test_products_that_everyone_is_shown_tie_nobody_together() -> None:
    scene, groups = Scene(), []
    products = [{"id": token(f"product {n}")} for n in range(4)]
    for n in range(20):
        secret, on = token(n), f"c{n}"
        chosen = {"product": products[n % 4]["id"]}
        groups.append(
            [
                scene.ask(n * 40, "GET /products", products, on=on),
                scene.ask(n * 40 + 100, "POST /checkouts", {"secret": secret}, body=chosen, on=on),
                scene.ask(n * 40 + 200, f"GET /checkouts/{secret}", {}, on=on),
            ]
        )
    assert ids(find(scene.exchanges)) == truth(groups)


def test_interleaved_visitors_of_one_connection_are_not_merged_by_a_shared_product() -> None:
    scene, products = Scene(), [{"id": token("product")}]
    for n in range(20):
        secret = token(n)
        scene.ask(n * 10, "GET /products", products, on="c")
        scene.ask(n * 10 + 50, "POST /checkouts", {"secret": secret}, body={"product": products[0]["id"]}, on="c")
        scene.ask(n * 10 + 90, f"GET /checkouts/{secret}", {}, on="c")
    assert max(sum(e.request.method == b"POST" for e in s.exchanges) for s in find(scene.exchanges)) == 1


def test_one_token_of_the_organization_ties_nobody_together() -> None:
    scene, bearer = Scene(), ((b"authorization", b"Bearer " + token("org").encode()),)
    groups = [[scene.ask(n, "POST /checkouts", {}, body={}, headers=bearer, on=f"c{n}")] for n in range(9)]
    assert ids(find(scene.exchanges)) == truth(groups)


@pytest.mark.parametrize("header", ["x-session-id: ", "cookie: sid="])
def test_an_identity_that_the_client_chose_makes_a_session(header: str) -> None:
    scene, (name, prefix) = Scene(), header.split(": ")
    groups = [
        [
            scene.ask(at + n, f"GET /{at}", {}, on=f"{n}{at}", headers=((name.encode(), (prefix + token(n)).encode()),))
            for at in (0, 100, 200)
        ]
        for n in range(4)
    ]
    found = find(scene.exchanges)
    assert (ids(found), {s.why for s in found}) == (truth(groups), {"cookie"})


def test_a_header_of_every_request_its_own_ties_nothing() -> None:
    scene = Scene()
    groups = [[scene.ask(n, "GET /a", {}, headers=((b"x-trace", token(n).encode()),))] for n in range(4)]
    assert ids(find(scene.exchanges)) == truth(groups)


def test_a_visit_goes_on_behind_a_stream_that_closed_its_connection() -> None:
    scene, groups = Scene(), []
    for n in range(8):
        secret, at = token(n), n * 50
        path = f"/checkouts/{secret}"
        groups.append(
            [
                scene.ask(at, "POST /checkouts", {"secret": secret}, body={}, on=f"{n}a"),
                scene.ask(at + 20, f"GET {path}/stream", on=f"{n}a", wait=400, events=[(300, b"data: done\n\n")]),
                scene.ask(at + 40, f"POST {path}/confirm", {}, body={}, on=f"{n}b"),
                scene.ask(at + 500, f"GET {path}", {}, on=f"{n}c"),
            ]
        )
    assert ids(find(scene.exchanges)) == truth(groups)


def test_what_no_value_ties_down_goes_with_its_connection() -> None:
    scene = Scene()
    first = scene.ask(0, "GET /config", {"a": 1}, on="c")
    rest = scene.checkout(1, at=50, connections=["c"])
    assert ids(find(scene.exchanges)) == truth([[first, *rest]])


def test_a_path_that_every_page_names_ties_nobody_together() -> None:
    scene = Scene()
    groups = [[scene.ask(0, "GET /config", {"checkout_url": "https://shop/v1/checkouts"})]]
    groups += [[scene.ask(n * 10, "POST /v1/checkouts", {}, body={})] for n in range(1, 4)]
    assert ids(find(scene.exchanges)) == truth(groups)


def test_a_relative_link_ties_the_page_it_leads_to() -> None:
    scene = Scene()
    groups = [
        [
            scene.ask(n * 10, "POST /buy", gives=((b"location", f"/orders/{700 + n}".encode()),), body={}),
            scene.ask(n * 10 + 500, f"GET /orders/{700 + n}", {}),
        ]
        for n in range(4)
    ]
    assert ids(find(scene.exchanges)) == truth(groups)


def reads_again(scene: Scene, n: int, at: float) -> list[int]:
    """Make an order, find it by each of its two values in turn (the answer says both again), and pay it."""
    number, secret = token(f"number {n}"), token(f"secret {n}")
    both = {"number": number, "secret": secret}
    return [
        scene.ask(at, "POST /orders", both, body={}, on=f"{n}a"),
        scene.ask(at + 10, f"GET /orders/{number}", both, on=f"{n}b"),
        scene.ask(at + 20, f"GET /find?secret={secret}", both, on=f"{n}c"),
        scene.ask(at + 30, f"POST /orders/{number}/pay", {}, body={"secret": secret}, on=f"{n}d"),
    ]


@pytest.mark.parametrize("count", [1, 3, 12])
def test_a_thing_that_is_read_again_by_its_values_stays_with_its_maker(count: int) -> None:
    scene = Scene()
    groups = [reads_again(scene, n, at=n * 7) for n in range(count)]
    assert ids(find(scene.exchanges)) == truth(groups)


def test_a_secret_that_only_the_second_reading_gives_belongs_to_the_thing_that_was_read() -> None:
    scene, groups = Scene(), []
    for n in range(8):
        number, secret, at = token(f"number {n}"), token(f"secret {n}"), n * 7
        whole = {"number": number, "secret": secret}
        groups.append(
            [
                scene.ask(at, "POST /orders", {"number": number}, body={}, on=f"{n}a"),
                scene.ask(at + 10, f"GET /orders/{number}", whole, on=f"{n}b"),
                scene.ask(at + 20, f"GET /orders/{number}", whole, on=f"{n}c"),
                scene.ask(at + 30, "POST /pay", {}, body={"secret": secret}, on=f"{n}d"),
            ]
        )
    assert ids(find(scene.exchanges)) == truth(groups)


def test_a_listing_that_gives_everybody_the_same_product_ties_nobody() -> None:
    scene, groups = Scene(), []
    product = {"number": token("product"), "variant": token("variant")}
    for n in range(20):
        secret, at, on = token(n), n * 37, f"c{n}"
        groups.append(
            [
                scene.ask(at, "GET /products", [product], on=on),
                scene.ask(at + 10, f"GET /products/{product['number']}", product, on=on),
                scene.ask(at + 20, f"GET /variants/{product['variant']}", product, on=on),
                scene.ask(at + 30, "POST /checkouts", {"secret": secret}, body=product, on=on),
                scene.ask(at + 40, f"GET /checkouts/{secret}", product, on=on),
            ]
        )
    assert ids(find(scene.exchanges)) == truth(groups)


def test_a_product_that_one_listed_and_all_others_only_read_ties_nobody() -> None:
    scene, product = Scene(), {"number": token("product"), "variant": token("variant")}
    first = scene.ask(0, "GET /products", [product])
    groups = [[first]]
    for n in range(20):
        secret, at = token(n), 50 + n * 37
        groups.append(
            [
                scene.ask(at, "POST /checkouts", {"secret": secret}, body={}),
                scene.ask(at + 10, f"GET /products/{product['number']}?checkout={secret}", product),
                scene.ask(at + 20, f"POST /checkouts/{secret}", {}, body=product),
            ]
        )
    assert ids(find(scene.exchanges)) == truth(groups)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 3), st.integers(0, 3)), max_size=25))
def test_every_exchange_is_in_exactly_one_session_and_sessions_are_in_order(
    asked: list[tuple[int, int, int]],
) -> None:
    scene = Scene()
    for at, which, on in asked:
        scene.ask(at, f"GET /a/{token(which)}", {"next": token((which + at) % 4)}, on="abc "[on].strip())
    found = find(scene.exchanges)
    members = sorted(e.id for s in found for e in s.exchanges)
    starts = [s.start for s in found]
    inside = all(list(s.exchanges) == sorted(s.exchanges, key=lambda e: (e.clock.received, e.id)) for s in found)
    assert (members, starts, inside) == (list(range(len(asked))), sorted(starts), True)


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_the_order_of_a_file_does_not_matter(rng: object) -> None:
    scene = Scene()
    groups = [scene.checkout(n, at=n * 30, connections=["c"]) for n in range(6)]
    shuffled = list(scene.exchanges)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
    assert ids(find(shuffled)) == truth(groups)


@pytest.mark.parametrize("connection", ["", "c", "{n}"])
def test_the_work_grows_with_the_trace_and_not_with_its_square(connection: str) -> None:
    def work(journeys: int) -> int:
        scene, product = Scene(), {"id": token("product"), "url": "/p/7"}
        for n in range(journeys):
            on = connection.format(n=n)
            scene.ask(n * 100, "GET /p", product, on=on)
            scene.ask(n * 100 + 1, "GET /p/7", body={"product": product["id"]}, on=on)
            scene.checkout(n, at=n * 100 + 2, connections=[on], step=5)
        seen = gather(scene.exchanges)
        numbered = endpoints.number(seen, endpoints.infer(seen))
        return calls(lambda: sessions.find(seen, numbered))

    assert work(400) < 4.5 * work(100)
