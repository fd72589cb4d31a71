"""What a run brings about: orders, other changes, mail to people."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.preflight.operations import mutates
from replay.preflight.orders import stage
from tests.replay.preflight.scenes import asking, findings, of
from tests.traces.links.scene import Scene, token


def said(kind: str, scene: Scene, **settings: Any) -> list[str]:
    return [finding.sentence for finding in findings(scene, **settings) if finding.kind == kind]


def checkouts(sessions: int = 3, declined: int = 0) -> Scene:
    """Sessions of four steps, some of whose confirms are declined."""
    scene = Scene()
    for n in range(sessions):
        *_, confirm = scene.checkout(n, n * 1000)
        if n < declined and (answer := scene.exchanges[confirm].response) is not None:
            scene.exchanges[confirm] = replace(scene.exchanges[confirm], response=replace(answer, status=402))
    return scene


CONFIRM = "POST /v1/checkouts/client/{client_secret}/confirm"


def test_the_last_steps_of_checkouts_are_orders_their_mails_and_webhooks() -> None:
    assert said("orders", checkouts(), multiply=100) == [
        f"300 {CONFIRM}, so about 300 orders, with their mails and webhooks"
    ]


def test_what_was_refused_when_recorded_makes_no_order() -> None:
    assert said("orders", checkouts(3, declined=1), multiply=10) == [
        f"30 {CONFIRM} (20 of them succeeded as recorded), so about 20 orders, with their mails and webhooks"
    ]


def test_all_else_that_may_change_something_is_counted_by_endpoint() -> None:
    (sentence,) = said("changes", checkouts(), multiply=2)
    assert sentence == (
        "12 other requests that may change something: 6 PATCH /v1/checkouts/client/{client_secret}, "
        "6 POST /v1/checkouts/"
    )


def test_a_checkout_that_no_step_is_known_to_end_may_order() -> None:
    (sentence,) = said("orders", asking("POST /api/checkout/", body={}))
    assert sentence.startswith("4 POST /api/checkout/, with which 4 sessions ended: if that orders, about 4 orders,")


def test_a_step_that_is_sent_several_times_may_order_once_a_session() -> None:
    scene = Scene()
    for n in range(30):
        for step, line in enumerate(("POST /checkout/", "POST /checkout/preview/", "POST /checkout/preview/")):
            # One of the visitors gives up at the first.
            if n or not step:
                scene.ask(n * 100 + step, line, {}, body={}, on=f"c{n}")
    order, other = said("orders", scene), said("changes", scene)
    assert [text.partition(":")[0] for text in order] == ["58 POST /checkout/preview/, with which 29 sessions ended"]
    assert other == ["30 other requests that may change something: 30 POST /checkout/"]


def test_what_only_asks_changes_nothing() -> None:
    assert findings(asking("GET /orders")) == []


def test_a_session_that_ends_early_causes_nothing_after_that() -> None:
    scene = Scene()
    for n in range(4):
        scene.ask(n * 100, "POST /carts", {}, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /pay", {}, body={"confirmation_token_id": f"ctoken_{token(n)}"}, on=f"c{n}")
        scene.ask(n * 100 + 20, "POST /complete", {}, body={}, on=f"c{n}")
    assert (said("orders", scene), len(said("unbound", scene))) == ([], 1)


def test_mutations_are_told_by_name_and_queries_are_not_told() -> None:
    scene = Scene()
    for n in range(4):
        query = {"query": "query Shop { shop { name } }"}
        buy = {
            "query": "mutation CompleteIt($a: ID!) { checkoutComplete(id: $a) { id } }",
            "operationName": "CompleteIt",
        }
        scene.ask(n * 100, "POST /graphql", {}, body=query, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /graphql", {}, body=buy, on=f"c{n}")
    found = findings(scene)
    assert [(finding.kind, finding.sentence.partition(",")[0]) for finding in found] == [
        ("orders", "4 POST /graphql#CompleteIt")
    ]


@pytest.mark.parametrize(
    ("endpoint", "near"),
    [
        (CONFIRM, 2),
        ("POST /store/carts/{cart_id}/complete", 2),
        ("POST /graphql#placeOrder", 2),
        ("POST /graphql#addPaymentToOrder", 1),
        ("POST /wp-json/wc/store/v1/checkout", 1),
        ("POST /en-gb/checkout/preview/", 1),
        ("POST /v1/orders", 1),
        ("POST /graphql#addItemToOrder", 0),
        ("POST /checkout/shipping-address/", 0),
        ("POST /account/email/confirm", 0),
        ("GET /v1/orders/{order_id}/confirm", 0),
        ("POST /v1/orders/{order_id}/cancel", 0),
        ("POST /basket/items", 0),
        ("POST /", 0),
        ("", 0),
    ],
)
def test_how_near_a_request_comes_to_an_order(endpoint: str, near: int) -> None:
    assert stage(endpoint) == near


@pytest.mark.parametrize(
    ("document", "name", "changes"),
    [
        ("mutation Pay { pay }", "", True),
        ("query Shop { shop }", "", False),
        ("{ shop }", "", False),
        ('query Q { a(text: "mutation M {") } # mutation', "", False),
        ("fragment F on P { id } mutation M { pay { ...F } }", "", True),
        ("query A { a } mutation B { b }", "B", True),
        ("query A { a } mutation B { b }", "A", False),
        ("mutation ($in: In = {a: [1]}) @live { pay(in: $in) { id } }", "", True),
        ("shoes", "", None),
        ("{ not closed", "", False),
        ('{"json": 1}', "", None),
    ],
)
def test_a_document_says_what_it_does(document: str, name: str, *, changes: bool | None) -> None:
    assert mutates(document, name) is changes


@given(st.text(alphabet='{}()[]"\\#$:@.,! \n' + "mutationqueryfragment", max_size=200), st.text(max_size=5))
def test_no_text_upsets_the_reading_of_documents(document: str, name: str) -> None:
    assert mutates(document, name) in {True, False, None}


# Mail.


def buying(address: str, **more: Any) -> Scene:
    scene = Scene()
    for n in range(4):
        body = {"email": address.replace("@", f"{n}@"), **more}
        scene.ask(n * 100, "POST /api/basket", {}, body=body, on=f"c{n}")
    return scene


def test_people_who_are_sent_as_recorded_may_get_mail() -> None:
    scene = buying("ann@people.net")
    found = of("mail", findings(scene, identities="recorded", multiply=2))
    assert [(sessions, sentence.partition(";")[0]) for sessions, sentence in found] == [
        (8, "the target is given 4 e-mail addresses as recorded (1 domain) and may write there")
    ]


@pytest.mark.parametrize("address", ["ann@example.com", "ann@shop.test", "ann@mail.example.org", "ann@x.invalid"])
def test_nobody_reads_mail_at_a_reserved_domain(address: str) -> None:
    assert of("mail", findings(buying(address), identities="recorded")) == []


def test_stand_ins_get_no_mail_and_are_refused_where_that_is_checked() -> None:
    found = findings(buying("ann@people.net"))
    assert (of("mail", found), [sessions for sessions, _ in of("stand_in", found)]) == ([], [4])


def test_who_logs_in_goes_by_the_recorded_address_and_may_get_mail() -> None:
    scene = asking("POST /login", body={"email": "ann@people.net", "password": "pass-word-1"})
    found = findings(scene)
    assert ([sessions for sessions, _ in of("mail", found)], of("stand_in", found)) == ([4], [])
