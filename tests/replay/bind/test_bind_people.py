"""Who registers does so as somebody of each copy's own, and is that somebody wherever the session says the name."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from replay.bind import Program
from replay.mint.cards import STRIPE, Outcome
from tests.replay.bind.test_bind_filling import kinds, ok, programs, sent, uses, uuid
from tests.traces.links.scene import Scene, token
from traces.model import Exchange, Response

PASSWORD = "s3cret-Winter9"


def registers(scene: Scene, at: float, on: str, *, user: str = "jane77", email: str = "", then: bool = True) -> None:
    """A session in which somebody registers, logs in with that and looks at their page."""
    body = {"username": user, "password": PASSWORD} | ({"email": email} if email else {})
    scene.ask(at, "POST /register", {"ok": True}, body=body, on=on)
    if then:
        scene.ask(at + 10, "POST /login", {"token": token(at)}, body={"username": user, "password": PASSWORD}, on=on)
        headers = ((b"authorization", f"Bearer {token(at)}".encode()),)
        scene.ask(at + 20, f"GET /users/{user}?like=open", {}, headers=headers, on=on)


def named(program: Program, key: bytes) -> list[str]:
    """The user's name as a copy says it: registering, logging in, in its page's address."""
    live = [ok({"ok": True}), ok({"token": "live"})]
    first, second = (json.loads(sent(program, n, *live, key=key)[2])["username"] for n in (0, 1))
    page = sent(program, 2, *live, key=key)[0].decode()
    return [first, second, page.removeprefix("/users/").removesuffix("?like=open")]


@pytest.mark.parametrize("user", ["jane77", "jane", "Jane_Miller", "4401722318", "shopper0001"])
def test_a_name_is_registered_once_by_each_copy_and_then_used(user: str) -> None:
    scene = Scene()
    registers(scene, 0, "c", user=user)
    (program,) = programs(scene)
    one, again, other = (named(program, key) for key in (b"1", b"1", b"2"))
    assert (len(set(one)), one == again, len({user, one[0], other[0]})) == (1, True, 3)


def test_ten_thousand_copies_of_a_short_name_are_ten_thousand_names() -> None:
    scene = Scene()
    registers(scene, 0, "c", user="ann")
    (program,) = programs(scene)
    made = {json.loads(sent(program, 0, key=b"%d" % n)[2])["username"] for n in range(10_000)}
    assert (len(made), {len(name) <= 15 and name.isalnum() for name in made}) == (10_000, {True})


def test_a_password_stays_and_so_does_what_only_happens_to_be_called_alike() -> None:
    scene = Scene()
    body = {"user": "open", "password": PASSWORD, "account": "business", "login": "Register"}
    scene.ask(0, "POST /register", {}, body=body, on="c")
    scene.ask(10, "POST /carts", {}, body={"status": "open!", "mode": "business", "user": "open"}, on="c")
    (program,) = programs(scene)
    made, cart = (json.loads(sent(program, n)[2]) for n in (0, 1))
    assert (made | {"user": ""}, cart | {"user": ""}, made["user"] == cart["user"] != "open") == (
        body | {"user": ""},
        {"status": "open!", "mode": "business", "user": ""},
        True,
    )


def test_the_name_is_the_same_in_basic_credentials_and_in_json_in_a_string() -> None:
    scene = Scene()
    registers(scene, 0, "c", then=False)
    basic = b"Basic " + base64.b64encode(f"jane77:{PASSWORD}".encode())
    scene.ask(
        10, "POST /me", {}, body={"of": json.dumps({"user": "jane77"})}, headers=((b"authorization", basic),), on="c"
    )
    (program,) = programs(scene)
    name = json.loads(sent(program, 0)[2])["username"]
    _, headers, body = sent(program, 1)
    credentials = base64.b64decode(headers[b"authorization"].removeprefix(b"Basic ")).decode()
    assert (credentials, json.loads(json.loads(body)["of"])) == (f"{name}:{PASSWORD}", {"user": name})


def test_who_comes_back_in_another_session_of_the_copy_has_the_name_they_registered() -> None:
    scene = Scene()
    registers(scene, 0, "a")
    scene.ask(9_000, "POST /login", {"token": token("b")}, body={"username": "JANE77", "password": PASSWORD}, on="b")
    scene.ask(9_010, "GET /me", {}, headers=((b"x-token", token("b").encode()),), on="b")
    first, later = programs(scene)
    name = json.loads(sent(first, 0)[2])["username"]
    assert (later.account, json.loads(sent(later, 0)[2])["username"], "jane77" in later.people) == ("", name, True)


def test_a_registration_that_was_refused_makes_nobody() -> None:
    scene = Scene()
    registers(scene, 0, "c", then=False)
    refused(scene, 0, 409)
    scene.ask(10, "POST /login", {"token": token(1)}, body={"username": "jane77", "password": PASSWORD}, on="c")
    (program,) = programs(scene)
    assert (program.account, [kinds(program, n) for n in (0, 1)]) == ("jane77", [{}, {}])


def test_a_password_that_was_typed_wrong_is_not_the_accounts() -> None:
    scene = Scene()
    scene.ask(0, "POST /login", {}, body={"username": "jane77", "password": "typo"}, on="c")
    refused(scene, 0, 401)
    scene.ask(10, "POST /login", {"token": token(1)}, body={"username": "jane77", "password": PASSWORD}, on="c")
    (program,) = programs(scene, accounts=True)
    assert [kinds(program, n) for n in (0, 1)] == [
        {"body.$.username": "Credential"},
        {"body.$.username": "Credential", "body.$.password": "Credential"},
    ]


def refused(scene: Scene, number: int, status: int) -> None:
    exchange = scene.exchanges[number]
    assert exchange.response is not None
    answer = Response(status=status, headers=exchange.response.headers, body=exchange.response.body)
    scene.exchanges[number] = Exchange(
        id=number, connection="c", clock=exchange.clock, request=exchange.request, response=answer
    )


# People as they were recorded.


def shown(program: Program, step: int) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(sent(program, step)[2])
    return made


def test_one_copy_of_recorded_people_registers_as_recorded() -> None:
    scene = Scene()
    registers(scene, 0, "c", email="jane@shop.example")
    (program,) = programs(scene, fresh_people=False)
    assert shown(program, 0) == {"username": "jane77", "password": PASSWORD, "email": "jane@shop.example"}


def test_of_recorded_people_only_those_who_register_are_replaced_for_copies() -> None:
    scene = Scene()
    registers(scene, 0, "c", email="jane@shop.example")
    scene.ask(30, "POST /mails", {}, body={"to": "Jane <jane@shop.example>", "cc": "bob@shop.example"}, on="c")
    (program,) = programs(scene, fresh_people=False, fresh_accounts=True)
    made, mail = shown(program, 0), shown(program, 3)
    assert (made["username"] != "jane77", made["email"] != "jane@shop.example", mail) == (
        True,
        True,
        {"to": f"Jane <{made['email']}>", "cc": "bob@shop.example"},
    )


def test_recorded_people_who_only_buy_or_log_in_stay_for_copies_too() -> None:
    scene = uses({"email": "ann@shop.example", "first_name": "Ann"})
    scene.ask(9_000, "POST /login", {"token": token("b")}, body={"username": "jane77", "password": PASSWORD}, on="b")
    assert [kinds(program) for program in programs(scene, fresh_people=False, fresh_accounts=True)] == [{}, {}]


# What else each copy has of its own.


@pytest.mark.parametrize("name", ["Session-Id", "X-Session-ID", "Idempotency-Key", "X-Request-Id", "Traceparent"])
def test_an_id_that_clients_make_up_is_each_copys_own(name: str) -> None:
    value = f"00-{uuid(1).replace('-', '')}-b7ad6b7169203331-01" if name == "Traceparent" else uuid(1)
    (program,) = programs(uses({"n": 1}, headers=((name.encode(), value.encode()),)))
    one, again, other = (sent(program, 1, key=key)[1][name.encode()] for key in (b"1", b"1", b"2"))
    assert (one == again, len({one, other, value.encode()})) == (True, 3)


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.SUCCEEDED])
def test_a_card_that_was_declined_becomes_one_that_is_declined_for_the_same_reason(outcome: Outcome) -> None:
    scene = Scene()
    answer = {"error": {"code": "card_declined", "decline_code": str(outcome)}}
    scene.ask(0, "POST /pay", answer, body={"card": "4916 3385 0608 2832", "n": 1}, on="c")
    refused(scene, 0, 402)
    (program,) = programs(scene)
    card = STRIPE[outcome].number
    assert json.loads(sent(program, 0)[2]) == {
        "card": " ".join(card[n : n + 4] for n in range(0, 16, 4)),
        "n": 1,
    }


def test_a_card_that_was_taken_becomes_one_that_is_taken() -> None:
    scene = Scene()
    scene.ask(0, "POST /pay", {"status": "paid"}, body={"card": "4916338506082832"}, on="c")
    (program,) = programs(scene)
    assert json.loads(sent(program, 0)[2]) == {"card": STRIPE[Outcome.SUCCEEDED].number}
