"""Links are learned from values that only one answer could have issued; equal by accident is not enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traces.links.scene import Scene, calls, recording, token
from traces.analysis import Analysis, analyse

BASKET = "POST /api/basket/add-product/"


def arrows(analysis: Analysis) -> set[tuple[str, str, str]]:
    return {(str(link.producer), link.recipe, str(link.consumer)) for link in analysis.graph.links}


def learned(scene: Scene) -> set[tuple[str, str, str]]:
    return arrows(analyse(scene.exchanges))


def test_polars_links_are_the_client_secret_and_nothing_else() -> None:
    secret, path = "POST /v1/checkouts/client/ body.$.client_secret", "/v1/checkouts/client/{client_secret}"
    assert arrows(analyse(recording("polar-locust.mitm"))) == {
        (secret, "copy", f"PATCH {path} path[4]"),
        (secret, "copy", f"GET {path} path[4]"),
        (secret, "copy", f"POST {path}/confirm path[4]"),
    }


def test_a_shops_urls_baskets_and_csrf_cookie_are_linked() -> None:
    product = "GET /api/products/{product_id}/"
    assert arrows(analyse(recording("oscarapi.mitm"))) >= {
        ("GET /api/products/ body.$[*].url|url.target", "copy", f"{product} target"),
        (f"{product} body.$.price|url.target", "copy", f"{product}price/ target"),
        (f"{product} body.$.url", "copy", f"{BASKET} body.$.url"),
        (f"{BASKET} body.$.lines|url.target", "copy", "GET /api/baskets/{basket_id}/lines/ target"),
        ("GET /api/basket/ body.$.url", "copy", "POST /api/checkout/ body.$.basket"),
        ("GET /accounts/login/ cookie.csrftoken", "copy", f"{BASKET} header.x-csrftoken"),
    }


def test_every_basket_of_the_shop_is_bound_to_an_answer_of_its_own_session() -> None:
    analysis = analyse(recording("oscarapi.mitm"))
    bound = [binding.sources != () for session in analysis.sessions for binding in analysis.bindings(session)]
    assert (len(bound) > 500, all(bound)) == (True, True)


def test_one_sighting_links_a_token() -> None:
    scene, secret = Scene(), token(1)
    scene.ask(0, "POST /c", {"secret": secret})
    scene.ask(10, f"GET /c/{secret}")
    assert learned(scene) == {("POST /c body.$.secret", "copy", "GET /c/{secret} path[2]")}


def test_a_value_that_an_answer_only_repeats_has_no_producer() -> None:
    scene, key = Scene(), token("made by the client")
    scene.ask(0, "POST /c", {"key": key}, body={"key": key}, on="c")
    scene.ask(10, "POST /d", {"key": key}, body={"key": key}, on="c")
    assert learned(scene) == set()


def test_an_answer_that_was_not_complete_feeds_nothing() -> None:
    scene, value = Scene(), token(1)
    scene.ask(0, "GET /slow", {"a": value}, on="c", wait=100)
    scene.ask(10, f"GET /x/{value}", on="c")
    assert learned(scene) == set()


def test_a_number_links_only_with_overwhelming_support() -> None:
    def links(sessions: int, values: int) -> int:
        scene = Scene()
        for n in range(sessions):
            scene.ask(n * 100, "POST /carts", {"line": 100 + n % values}, body={}, on=f"c{n}")
            scene.ask(n * 100 + 10, "POST /lines", body={"line": 100 + n % values}, on=f"c{n}")
        return len(learned(scene))

    assert [links(8, 8), links(7, 7), links(8, 4)] == [1, 0, 0]


def test_a_number_that_is_equal_now_and_then_is_not_linked() -> None:
    scene = Scene()
    for n in range(40):
        scene.ask(n * 100, "POST /carts", {"line": n}, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /lines", body={"quantity": n if n % 10 else 1}, on=f"c{n}")
    assert learned(scene) == set()


def test_the_nearest_of_two_producers_ranks_first() -> None:
    scene = Scene()
    for n in range(3):
        secret = token(n)
        scene.ask(n * 100, "POST /c", {"secret": secret}, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, "GET /mine", [{"secret": secret}], on=f"c{n}")
        scene.ask(n * 100 + 20, f"GET /c/{secret}", on=f"c{n}")
    ranked = [str(link.producer) for link in analyse(scene.exchanges).graph.links]
    assert ranked == ["GET /mine body.$[*].secret", "POST /c body.$.secret"]


def test_a_list_item_is_found_by_the_word_beside_it_and_not_by_its_place() -> None:
    scene = Scene()
    for n in range(6):
        order = ["paid", "open"] if n % 2 else ["open", "paid"]
        items = [{"status": word, "id": token(f"{n}{word}")} for word in order]
        scene.ask(n * 100, "GET /orders", {"items": items}, on=f"c{n}")
        scene.ask(n * 100 + 10, f"GET /orders/{token(f'{n}open')}", on=f"c{n}")
    analysis = analyse(scene.exchanges)
    selectors = {
        (selector.depth, selector.key, selector.text)
        for session in analysis.sessions
        for binding in analysis.bindings(session)
        for source in binding.sources
        for selector in source.selectors
    }
    assert selectors == {(1, "status", "open")}


@pytest.mark.parametrize(("wanted", "index"), [(0, 0), (1, 1), (2, -1)])
def test_items_that_no_word_tells_apart_are_taken_by_their_place_the_last_from_the_end(wanted: int, index: int) -> None:
    scene = Scene()
    scene.ask(0, "GET /o", [{"s": "open", "id": token(n)} for n in range(3)], on="c")
    scene.ask(10, f"GET /o/{token(wanted)}", on="c")
    analysis = analyse(scene.exchanges)
    (binding,) = analysis.bindings(analysis.sessions[0])
    assert (binding.sources[0].address.keys, binding.sources[0].selectors) == ((index, "id"), ())


def test_a_secret_that_its_own_session_never_got_is_not_sent_as_recorded() -> None:
    scene = Scene()
    for n in range(20):
        scene.checkout(n, at=n * 1000)
    stale = scene.ask(50_000, f"GET /v1/checkouts/client/{token('from before the recording')}")
    analysis = analyse(scene.exchanges)
    orphan = next(s for s in analysis.sessions if analysis.exchange(s.numbers[0]).id == stale)
    assert [b.sources for b in analysis.bindings(orphan)] == [()]


def test_a_redirect_to_a_relative_place_is_followed_live() -> None:
    scene = Scene()
    for n in range(3):
        scene.ask(n * 100, "POST /buy", body={}, gives=((b"location", f"/orders/{70 + n}/thanks".encode()),))
        scene.ask(n * 100 + 10, f"GET /orders/{70 + n}/thanks")
    assert learned(scene) >= {("POST /buy header.location|url.target", "copy", "GET /orders/{order_id}/thanks target")}


def test_learning_a_long_session_takes_work_in_proportion_to_it() -> None:
    def work(count: int) -> int:
        scene = Scene()
        for n in range(count):
            scene.ask(n * 10, f"GET /p/{n}", {"flags": ["yes"] * 20, "n": n}, on="c")
        for n in range(count):
            scene.ask((count + n) * 10, "GET /q?again=yes", {"a": "yes"}, on="c")
        return calls(lambda: analyse(scene.exchanges))

    assert work(400) < 4.5 * work(100)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 3), st.integers(0, 3), st.integers(1, 30)), max_size=14))
def test_a_binding_reads_only_answers_that_were_complete_before(asked: list[tuple[int, int, int, int]]) -> None:
    scene = Scene()
    for at, carried, given_, wait in asked:
        scene.ask(at, f"GET /a/{token(carried)}", {"items": [{"id": token(given_)}]}, on="c", wait=wait)
    analysis = analyse(scene.exchanges)
    late = [
        binding
        for session in analysis.sessions
        for binding in analysis.bindings(session)
        for source in binding.sources
        if source.session is None
        and analysis.facts.end[session.numbers[source.step]] > analysis.facts.received[session.numbers[binding.step]]
    ]
    assert late == []
