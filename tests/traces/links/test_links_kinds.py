"""What no answer feeds: shared state, what the client makes up, what others minted; what people typed is none of it."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traces.links.scene import Scene, token
from traces.analysis import Analysis, analyse
from traces.links.kinds import Owners, kind_of, parameter_name
from traces.links.model import Slot
from traces.model import HeaderPairs

PAY = "POST /c/{secret}/pay"


def uuid(seed: object) -> str:
    """A random UUID, the same for the same seed."""
    return str(UUID(int=random.Random(str(seed)).getrandbits(128), version=4))


def packed(document: Any) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


def sessions(
    count: int, body: Callable[[int], Any] = lambda _n: None, headers: Callable[[int], HeaderPairs] = lambda _n: ()
) -> Analysis:
    """Sessions that make a checkout and pay it, with what `body` and `headers` say for each."""
    scene = Scene()
    for n in range(count):
        scene.ask(n * 100, "POST /c", {"secret": token(n)}, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, f"POST /c/{token(n)}/pay", body=body(n), headers=headers(n), on=f"c{n}")
    return analyse(scene.exchanges)


def unfed(analysis: Analysis) -> dict[str, tuple[str, str]]:
    """Of every slot that is unfed its kind and name, by its path; all of one endpoint."""
    return {own.slot.path: (own.kind, own.name) for own in analysis.graph.unfed if own.slot.endpoint == PAY}


def kinds(count: int, body: Callable[[int], Any]) -> dict[str, str]:
    return {path.removeprefix("body.$."): kind for path, (kind, _) in unfed(sessions(count, body)).items()}


# Shared state.


@pytest.mark.parametrize(("count", "found"), [(1, {}), (2, {}), (3, {"product": "parameter"})])
def test_what_three_sessions_have_alike_is_a_parameter(count: int, found: dict[str, str]) -> None:
    assert kinds(count, lambda _n: {"product": token("product")}) == found


def test_what_is_called_an_id_is_a_parameter_though_it_is_a_small_number_or_a_word() -> None:
    body = {"store_id": 7, "sku": "mug", "quantity": 1, "currency": "EUR", "note": "ring twice"}
    assert kinds(5, lambda _n: body) == {"store_id": "parameter", "sku": "parameter"}


def test_a_key_of_the_api_in_a_header_is_a_parameter_and_a_bearer_is_the_api_token() -> None:
    headers = ((b"x-api-key", token("key").encode()), (b"authorization", b"Bearer " + token("org").encode()))
    assert unfed(sessions(3, headers=lambda _n: headers)) == {
        "header.x-api-key": ("parameter", "x_api_key"),
        "auth.bearer": ("parameter", "api_token"),
    }


def test_a_path_that_is_always_the_same_is_no_parameter_unless_it_names_one_thing() -> None:
    scene = Scene()
    for n in range(4):
        scene.ask(n * 100, f"GET /stores/{token('store')}/opening", {}, on=f"c{n}")
    assert {(own.slot.path, own.kind, own.name) for own in analyse(scene.exchanges).graph.unfed} == {
        ("path[2]", "parameter", "store_id")
    }


def test_a_countrys_code_is_the_same_everywhere_and_nobodys_to_set() -> None:
    codes = {"countryCode": "AT", "postal_code": "8010", "code": "standard"}
    assert kinds(5, lambda _n: codes) == {"code": "parameter"}


# Made by the client.


def test_idempotency_keys_are_generated_whether_in_a_header_or_a_body() -> None:
    analysis = sessions(
        3, lambda n: {"request_id": uuid(n)}, lambda n: ((b"idempotency-key", uuid(f"key {n}").encode()),)
    )
    assert unfed(analysis) == {
        "header.idempotency-key": ("generated", "idempotency_key"),
        "body.$.request_id": ("generated", "request_id"),
    }


def test_what_is_named_as_client_made_is_generated_in_a_single_session_and_nothing_else_is() -> None:
    assert kinds(1, lambda n: {"idempotency_key": uuid(n), "reference": uuid(f"ref {n}")}) == {
        "idempotency_key": "generated"
    }


def test_a_uuid_that_is_another_in_each_session_is_generated_whatever_its_name() -> None:
    assert kinds(3, lambda n: {"reference": uuid(n)}) == {"reference": "generated"}


def test_a_value_that_a_second_session_carries_too_is_not_generated() -> None:
    assert kinds(6, lambda n: {"reference": uuid(max(n, 1))}) == {}


def test_a_thing_that_the_client_names_is_generated_at_every_place_it_is_named() -> None:
    scene = Scene()
    for n in range(3):
        scene.ask(n * 100, f"PUT /orders/{uuid(n)}", {"id": uuid(n)}, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /pay", body={"order_id": uuid(n)}, on=f"c{n}")
    analysis = analyse(scene.exchanges)
    assert ({(own.slot.path, own.kind) for own in analysis.graph.unfed}, analysis.graph.links) == (
        {("path[2]", "generated"), ("body.$.order_id", "generated")},
        (),
    )


def test_a_generated_uuid_inside_packed_json_is_found_there() -> None:
    def body(n: int) -> Any:
        return {"payload": packed({"nonce": uuid(n), "n": 1}), "said": json.dumps({"id": uuid(-n - 1)})}

    assert kinds(4, body) == {"payload|base64.$.nonce": "generated", "said|json.$.id": "generated"}


def test_what_stands_around_a_link_is_not_generated() -> None:
    assert kinds(4, lambda n: {"packed": packed({"secret": token(n)})}) == {}


# Minted by others.


@pytest.mark.parametrize(
    "name", ["payment_token", "source", "confirmation_secret", "payment_method", "setup_intent", "captchaToken"]
)
def test_what_a_payment_provider_issued_is_minted(name: str) -> None:
    assert kinds(3, lambda n: {name: token(f"tok {n}")}) == {name: "minted"}


def test_a_token_with_the_providers_prefix_is_minted_once() -> None:
    found = unfed(sessions(3, lambda n: {"confirmation_token_id": f"ctoken_{token(n + 50)}"}))
    assert set(found.values()) == {("minted", "confirmation_token_id")}


def test_a_tracing_token_is_the_clients_own() -> None:
    assert kinds(3, lambda n: {"client_session_id": uuid(n), "nonce_token": token(n + 50)}) == {
        "client_session_id": "generated",
        "nonce_token": "generated",
    }


# None of these.


@pytest.mark.parametrize(
    "name",
    "password new_password confirmPassword passphrase pin otp coupon coupon_code promoCode voucher voucherCode".split(),
)
def test_what_a_person_typed_is_sent_as_it_was_though_it_looks_issued(name: str) -> None:
    assert kinds(5, lambda n: {name: f"Winter2024x{n}"}) == {}


@pytest.mark.parametrize("name", "password_confirmation passwordRepeat password2 gift_card giftCardCode".split())
def test_what_a_person_typed_again_is_sent_as_it_was_too(name: str) -> None:
    assert kinds(5, lambda n: {name: f"Winter2024x{n}"}) == {}


@pytest.mark.parametrize("name", ["iban", "vat_id", "tax_id", "bic"])
def test_what_an_office_gave_a_person_is_sent_as_it_was(name: str) -> None:
    assert kinds(5, lambda n: {name: f"DE8937040044{n:010d}"}) == {}


@pytest.mark.parametrize("text", ["ab{}", "2026-11-2{}", "someone{}@shop.example", "{}00000001", "a few words {}"])
def test_what_does_not_look_issued_is_sent_as_it_was(text: str) -> None:
    assert kinds(6, lambda n: {"reference": text.format(n)}) == {}


def test_a_cookie_that_answers_set_is_not_the_clients_though_it_was_set_before_the_recording_began() -> None:
    scene = Scene()
    for n in range(6):
        if n % 2:
            scene.ask(n * 100, "GET /", {}, gives=((b"set-cookie", b"sid=" + token(n).encode()),), on=f"c{n}")
        cookie = f"sid={token(n)}; device={uuid(n)}".encode()
        scene.ask(n * 100 + 10, "GET /a", {}, headers=((b"cookie", cookie),), on=f"c{n}")
    assert {(own.slot.path, own.kind) for own in analyse(scene.exchanges).graph.unfed} == {
        ("cookie.device", "generated")
    }


def test_a_bearer_of_each_session_its_own_is_neither_generated_nor_minted() -> None:
    def bearer(n: int) -> HeaderPairs:
        return ((b"authorization", b"Bearer " + token(f"me {n}").encode()),)

    assert unfed(sessions(5, headers=bearer)) == {}


def test_what_an_answer_feeds_is_not_listed_as_unfed() -> None:
    assert kinds(5, lambda n: {"client_secret": token(n)}) == {}


def test_what_the_claims_of_a_recorded_token_have_alike_is_no_token_of_the_api() -> None:
    def headers(n: int) -> HeaderPairs:
        segments = {"alg": "HS256", "typ": "JWT"}, {"iss": "shop", "jti": uuid(n)}
        packed_ = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in segments)
        return ((b"authorization", f"Bearer {'.'.join(packed_)}.{token(f'signed {n}', 43)}".encode()),)

    assert "api_token" not in {name for _, name in unfed(sessions(4, headers=headers)).values()}


# Names.


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("auth.bearer", "api_token"),
        ("auth.bearer|parts[1]", "api_token"),
        ("auth.bearer|jwt.payload.$.iss", "iss"),
        ("auth.basic|basic.user", "user"),
        ("header.x-api-key", "x_api_key"),
        ("body.$.items[*].product_id", "product_id"),
        ("body.$.a|base64.$.b|parts[1]", "b"),
        ("body.$.token|parts[1]", "token"),
        ("query.q", "q"),
        ("path[2]", "order_id"),
        ("path[9]", "value"),
        ("body.$[0]", "value"),
    ],
)
def test_a_parameter_is_called_by_its_last_field(path: str, name: str) -> None:
    assert parameter_name(Slot("GET /orders/{order_id}", path)) == name


sightings = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=30).map(sorted)


@given(sightings)
def test_owners_know_how_many_sessions_there_were_and_which_values_two_of_them_had(seen: list[tuple[int, int]]) -> None:
    owners = Owners()
    for session, value in seen:
        owners.add(value, session)
    of = {value: {session for session, other in seen if other == value} for _, value in seen}
    assert (owners.sessions, set(owners.first), owners.shared) == (
        len({session for session, _ in seen}),
        set(of),
        {value for value, own in of.items() if len(own) > 1},
    )


@given(sightings, st.floats(0, 1), st.booleans(), st.sampled_from(["body.$.note", "cookie.sid", "body.$.password"]))
def test_only_what_looks_issued_and_is_nobody_elses_is_generated(
    seen: list[tuple[int, int]], issued: float, set_by_server: bool, path: str
) -> None:
    owners = Owners()
    for session, value in seen:
        owners.add(value, session)
    kind = kind_of(Slot("POST /a", path), owners, issued=issued, set_by_server=set_by_server)
    own = issued >= 0.9 and not owners.shared and not set_by_server and not path.endswith("password")
    assert (kind == "generated") <= (own and owners.sessions > 1)
