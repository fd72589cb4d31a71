"""GraphQL: one address for everything, so operations tell requests apart and arguments tell variables apart."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.traces.links.scene import Scene, token
from traces.analysis import Analysis, analyse
from traces.links.arguments import meant
from traces.links.model import Slot

ADD = "mutation Add($id: ID!) { addItem(variantId: $id) { lines { id } } }"
DROP = "mutation Drop($id: ID!) { removeLine(lineId: $id) { id } }"
SHIP = "mutation Ship($ids: [ID!]!) { setShipping(shippingMethodId: $ids) { id } }"
ASKED = "{ shippingMethods { id } paymentMethods { id } }"


def ask(scene: Scene, at: float, answer: Any, query: str, on: str, **variables: Any) -> None:
    scene.ask(at, "POST /graphql", {"data": answer}, body={"query": query, "variables": variables}, on=on)


def visits(count: int) -> Analysis:
    """Carts whose lines are numbered on and on, and two lists whose numbers are small and the same for all."""
    scene = Scene()
    for n in range(count):
        at, on, line = n * 1000.0, f"c{n}", str(7 + n)
        methods = {"shippingMethods": [{"id": "1"}, {"id": "2"}], "paymentMethods": [{"id": "1"}]}
        ask(scene, at, {"product": {"variants": [{"id": "1"}, {"id": "3"}]}}, "{ product { variants { id } } }", on)
        ask(scene, at + 10, {"addItem": {"lines": [{"id": line}]}}, ADD, on, id="3")
        ask(scene, at + 20, {"removeLine": {"id": "5"}}, DROP, on, id=line)
        ask(scene, at + 30, methods, ASKED, on)
        ask(scene, at + 40, {"setShipping": {"id": "5"}}, SHIP, on, ids=["1"])
    return analyse(scene.exchanges)


@pytest.mark.parametrize("count", [1, 4])
def test_an_alias_is_read_as_the_field_that_it_stands_for(count: int) -> None:
    found = "{ hits: search { of: product { id: productId no: variantId } } }"
    scene = Scene()
    for n in range(count):
        ask(scene, n * 1000.0, {"hits": {"of": {"id": "4", "no": "9"}}}, found, f"c{n}")
        ask(scene, n * 1000.0 + 10, {}, ADD, f"c{n}", id="9")
    (link,) = analyse(scene.exchanges).graph.links
    assert (link.producer.path, link.consumer.path) == ("body.$.data.hits.of.no", "body.$.variables.id")


def test_an_operation_is_an_endpoint() -> None:
    analysis = visits(1)
    assert [analysis.endpoint(number).partition("#")[2] for number in range(5)] == [
        "product",
        "Add",
        "Drop",
        "shippingMethods+paymentMethods",
        "Ship",
    ]


@pytest.mark.parametrize("count", [1, 4])
def test_a_variable_is_fed_what_the_argument_it_is_given_to_is_called_by(count: int) -> None:
    links = visits(count).graph.links
    assert {(str(link.producer).partition("#")[2], str(link.consumer).partition("#")[2]) for link in links} == {
        ("Add body.$.data.addItem.lines[*].id", "Drop body.$.variables.id"),
        ("product body.$.data.product.variants[*].id", "Add body.$.variables.id"),
        ("shippingMethods+paymentMethods body.$.data.shippingMethods[*].id", "Ship body.$.variables.ids[*]"),
    }


def test_a_name_that_says_it_best_but_seldom_gave_the_value_leaves_the_next_best_to_do() -> None:
    scene, again = Scene(), {"cart": {"lines": [{"productVariant": {"id": "4"}}]}}
    for n in range(4):
        product = {"id": "4" if n == 2 else "9", "variants": [{"id": str(3 + n)}, {"id": "4"}]}
        ask(scene, n * 1000.0, {"product": product}, "{ product { id variants { id } } }", f"c{n}")
        if n == 1:
            ask(scene, n * 1000.0 + 5, again, "{ cart { lines { productVariant { id } } } }", f"c{n}")
        add = "mutation Add($v: ID!) { addItem(productVariantId: $v) { code } }"
        ask(scene, n * 1000.0 + 10, {}, add, f"c{n}", v="4")
    assert [str(link.producer).partition("#")[2] for link in analyse(scene.exchanges).graph.links] == [
        "product body.$.data.product.variants[*].id",
        "cart body.$.data.cart.lines[*].productVariant.id",
    ]


@pytest.mark.parametrize(
    ("path", "called"),
    [
        ("body.$.variables.ids[*]", "body.$.query|graphql.ship.methodId[*]"),
        ("query.variables|json.$.ids[*]", "body.$.query|graphql.ship.methodId[*]"),
        ("body.$[*].variables.ids[*]", "body.$.query|graphql.ship.methodId[*]"),
        ("body.$.variables.other", "body.$.variables.other"),
        ("body.$.data.ids[*]", "body.$.data.ids[*]"),
        ("body.$.data.cart.lines[*].no", "body.$.data.activeOrder.lines[*].id"),
        ("body.$[*].data.cart.no", "body.$[*].data.activeOrder.no"),
    ],
)
def test_a_slot_is_read_by_the_names_that_the_api_has(path: str, called: str) -> None:
    slot, names = Slot("POST /graphql#Ship", path), {"data.cart": "activeOrder", "data.cart.lines.no": "id"}
    arguments = {("Ship", own): api for own, api in {"ids": "ship.methodId", **names}.items()}
    assert meant(slot, arguments) == Slot(slot.endpoint, called)


def test_what_an_operation_is_called_is_nobodys_to_set_however_long() -> None:
    scene = Scene()
    for n in range(4):
        body = {"operationName": "TransitionToArrangingPayment", "query": "mutation TransitionToArrangingPayment { a }"}
        scene.ask(n * 100.0, "POST /graphql", {}, body=body, on=f"c{n}")
    assert analyse(scene.exchanges).graph.unfed == ()


def registering(scene: Scene, at: float, query: str, on: str) -> None:
    said = {"persistedQuery": {"sha256Hash": hashlib.sha256(query.encode()).hexdigest()}}
    scene.ask(at, "POST /graphql", {"data": {"a": 1}}, body={"query": query, "extensions": said}, on=on)


def test_the_hash_of_a_query_beside_it_is_not_made_up() -> None:
    scene = Scene()
    for n in range(4):
        registering(scene, n * 100.0, f"query Q {{ a{n} }}", f"c{n}")
    assert analyse(scene.exchanges).graph.unfed == ()


def test_what_another_session_carried_too_is_not_made_up_by_either() -> None:
    scene, shared = Scene(), [token(n) for n in range(4)]
    for n in range(4):
        scene.ask(n * 100.0, "POST /first", {}, body={"nonce": shared[n]}, on=f"c{n}")
        scene.ask(n * 100.0 + 10, "POST /second", {}, body={"key": shared[n - 1]}, on=f"c{n}")
    assert {unfed.kind for unfed in analyse(scene.exchanges).graph.unfed} == set()


def test_what_a_posted_query_lists_was_not_made_by_it() -> None:
    detail = "query Detail($slug: String!) { product(slug: $slug) { variants { id } } }"
    scene = Scene()
    for n, (on, query) in enumerate([("a", detail), ("b", "{ shop { name } }"), ("c", "{ shop { name } }")]):
        at, line = n * 1000.0, str(51 + n)
        ask(scene, at, {"product": {"variants": [{"id": "83"}]}} if query == detail else {}, query, on, slug=f"mug{n}")
        ask(scene, at + 10, {"addItem": {"lines": [{"id": line}]}}, ADD, on, id="83")
        ask(scene, at + 20, {"removeLine": {"id": line}}, DROP, on, id=line)
    assert [session.numbers for session in analyse(scene.exchanges).sessions] == [(0, 1, 2), (3, 4, 5), (6, 7, 8)]


def test_a_posted_query_is_polled_until_its_condition_holds() -> None:
    scene, status = Scene(), "query Status($id: ID!) { order(id: $id) { state } }"
    for n in range(3):
        on = f"c{n}"
        ask(scene, n * 5000.0, {"pay": {"id": token(n)}}, "mutation { pay { id } }", on)
        for attempt, state in enumerate(["PENDING", "PENDING", "PAID"][n:]):
            ask(scene, n * 5000.0 + 500 * (attempt + 1), {"order": {"state": state}}, status, on, id=token(n))
    analysis = analyse(scene.exchanges)
    assert [(poll.endpoint, str(poll.condition)) for poll in analysis.graph.polls] == [
        ("POST /graphql#Status", '$.data.order.state == "PAID"')
    ]
    assert [len(numbers) for _, numbers in analysis.loops] == [3, 2, 1]


def test_a_query_posted_for_another_thing_is_no_attempt_of_a_poll() -> None:
    scene = Scene()
    for n in range(3):
        for attempt, state in enumerate(["PENDING", "PAID"]):
            ask(
                scene,
                n * 5000.0 + 500 * attempt,
                {"a": {"state": state}},
                "query($i: ID) { a(i: $i) }",
                f"c{n}",
                i=attempt,
            )
    assert analyse(scene.exchanges).graph.polls == ()
