"""The embedded API as its clients see it: what it answers, and everything it refuses."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from httpx import Client, Response  # noqa: TID251 - the fixture's one client a test

from replay.target import Target

TEST_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000002"


class Shop:
    """Says the requests of these tests in few words."""

    def __init__(self, http: Client, organization: dict[str, str], products: dict[str, str], provider: str) -> None:
        self.http = http
        self.organization = organization
        self.products = products
        self.provider = provider

    def create(self, product: str = "free", **fields: Any) -> str:
        """The path of a new checkout of a new customer."""
        body = {"product_id": self.products[product], "customer_email": new_email(), **fields}
        secret = self.http.post("/v1/checkouts/", json=body, headers=self.organization).json()["client_secret"]
        return f"/v1/checkouts/client/{secret}"

    def confirm(self, path: str, **fields: Any) -> Response:
        return self.http.post(f"{path}/confirm", json=fields)

    def card(self, number: str) -> str:
        answer = self.http.post(f"{self.provider}/v1/confirmation_tokens", json={"card": {"number": number}})
        return str(answer.json()["id"])

    def statuses(self, path: str, last: str) -> Iterator[str]:
        """What the event stream says, until it has said `last`."""
        with self.http.stream("GET", f"{path}/stream") as response:
            for line in response.iter_lines():
                if line.startswith("data:"):
                    status = json.loads(line[5:])["status"]
                    yield status
                    if status == last:
                        return

    def buy(self, path: str) -> str:
        """Confirm, wait for the order, and return the customer's token."""
        token = self.confirm(path).json()["customer_session_token"]
        assert list(self.statuses(path, "succeeded"))[-1] == "succeeded"
        return str(token)


@pytest.fixture
def shop(target: Target, http: Client, organization: dict[str, str], products: dict[str, str]) -> Shop:
    return Shop(http, organization, products, target.provider_url)


def new_email() -> str:
    return f"{uuid.uuid4().hex}@example.com"


def fields_of(response: Response) -> tuple[int, list[str]]:
    """The status, and the last place of every field error."""
    return response.status_code, [error["loc"][-1] for error in response.json()["detail"]]


def test_a_new_checkout_is_open_and_its_url_holds_its_secret(shop: Shop) -> None:
    body = {"product_id": shop.products["free"], "customer_email": "ann@example.com"}
    response = shop.http.post("/v1/checkouts/", json=body, headers=shop.organization)
    checkout = response.json()
    assert (response.status_code, checkout["status"], checkout["client_secret"] in checkout["url"]) == (
        201,
        "open",
        True,
    )


def test_a_checkout_shows_the_real_apis_nulls(shop: Shop) -> None:
    checkout = shop.http.get(shop.create()).json()
    assert {"modified_at": None, "discount_id": None, "customer_tax_id": None}.items() <= checkout.items()


def test_every_checkout_has_a_secret_of_its_own(shop: Shop) -> None:
    assert shop.create() != shop.create()


def test_there_is_a_free_product_and_a_paid_one(shop: Shop) -> None:
    items = shop.http.get("/v1/products/", headers=shop.organization).json()["items"]
    assert [item["prices"][0]["amount"] for item in items] == [0, 1900]


def test_an_update_changes_what_it_names_and_leaves_the_rest(shop: Shop) -> None:
    path = shop.create()
    shop.http.patch(path, json={"customer_name": "Bado Miri"})
    address = {"country": "DE", "line1": "1 Elm Row", "postal_code": "12345", "city": "Ardenholm"}
    updated = shop.http.patch(path, json={"customer_billing_address": address}).json()
    expected = ("Bado Miri", {**address, "line2": None, "state": None})
    assert (updated["customer_name"], updated["customer_billing_address"]) == expected


def test_the_confirm_that_creates_the_customer_gives_a_customer_token(shop: Shop) -> None:
    confirmed = shop.confirm(shop.create()).json()
    assert (confirmed["status"], confirmed["customer_session_token"][:10]) == ("confirmed", "polar_cst_")


def test_a_known_customer_gets_no_token(shop: Shop) -> None:
    email = new_email()
    shop.confirm(shop.create(customer_email=email))
    assert shop.confirm(shop.create(customer_email=email)).json()["customer_session_token"] is None


def test_the_worker_makes_one_order_for_a_confirmed_checkout(shop: Shop) -> None:
    path = shop.create()
    bearer = {"authorization": f"Bearer {shop.buy(path)}"}
    made = shop.http.get("/v1/customer-portal/orders/", headers=bearer).json()["items"]
    assert [order["checkout_id"] for order in made] == [shop.http.get(path).json()["id"]]


def test_the_stream_says_the_status_at_once_and_then_every_change(shop: Shop) -> None:
    path = shop.create()
    statuses = shop.statuses(path, "succeeded")
    seen = [next(statuses)]
    shop.confirm(path)
    assert seen + list(statuses) == ["open", "confirmed", "succeeded"]


def test_a_quiet_stream_is_kept_open_by_pings(shop: Shop) -> None:
    with shop.http.stream("GET", f"{shop.create()}/stream") as response:
        lines = (line for line in response.iter_lines() if line.startswith(":"))
        assert next(lines) == ": ping"


def test_the_portal_lists_the_order_and_shows_it(shop: Shop) -> None:
    bearer = {"authorization": f"Bearer {shop.buy(shop.create())}"}
    listed = shop.http.get("/v1/customer-portal/orders/", headers=bearer).json()["items"]
    shown = shop.http.get(f"/v1/customer-portal/orders/{listed[0]['id']}", headers=bearer).json()
    assert listed == [shown]


def test_the_portal_does_not_show_the_order_of_another_customer(shop: Shop) -> None:
    mine, theirs = (
        {"authorization": f"Bearer {token}"} for token in (shop.buy(shop.create()), shop.buy(shop.create()))
    )
    listed = shop.http.get("/v1/customer-portal/orders/", headers=theirs).json()["items"]
    assert shop.http.get(f"/v1/customer-portal/orders/{listed[0]['id']}", headers=mine).status_code == 404


def test_a_path_without_its_slash_is_redirected_to_an_absolute_address(shop: Shop, target: Target) -> None:
    response = shop.http.get("/v1/products")
    assert (response.status_code, response.headers["location"]) == (307, f"{target.url}/v1/products/")


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic polar_oat_test"}])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/products/"), ("POST", "/v1/checkouts/"), ("GET", "/v1/customer-portal/orders/")],
)
def test_without_a_valid_token_it_is_401(shop: Shop, headers: dict[str, str], method: str, path: str) -> None:
    assert shop.http.request(method, path, headers=headers).status_code == 401


@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("PATCH", ""), ("POST", "/confirm"), ("GET", "/stream")])
def test_an_unknown_secret_is_404(shop: Shop, method: str, rest: str) -> None:
    assert shop.http.request(method, f"/v1/checkouts/client/polar_c_none{rest}").status_code == 404


@pytest.mark.parametrize(("method", "rest"), [("POST", "/confirm"), ("PATCH", "")])
def test_after_its_confirm_a_checkout_is_403(shop: Shop, method: str, rest: str) -> None:
    path = shop.create()
    shop.confirm(path)
    response = shop.http.request(method, path + rest, json={})
    assert (response.status_code, response.json()["error"]) == (403, "NotOpenCheckout")


def test_every_wrong_field_of_a_create_is_named(shop: Shop) -> None:
    body = {"product_id": "none", "customer_email": "not an address"}
    response = shop.http.post("/v1/checkouts/", json=body, headers=shop.organization)
    assert fields_of(response) == (422, ["customer_email", "product_id"])


@pytest.mark.parametrize("body", [{}, {"product_id": None}, {"product_id": 7}])
def test_a_create_without_a_product_is_one_field_error(shop: Shop, body: dict[str, Any]) -> None:
    response = shop.http.post("/v1/checkouts/", json=body, headers=shop.organization)
    assert fields_of(response) == (422, ["product_id"])


def test_every_wrong_field_of_an_update_is_named(shop: Shop) -> None:
    body = {"customer_name": 7, "customer_billing_address": {"country": "Germany", "city": []}}
    assert fields_of(shop.http.patch(shop.create(), json=body)) == (422, ["customer_name", "country", "city"])


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff"])
def test_a_body_that_is_no_json_object_is_422(shop: Shop, body: bytes) -> None:
    assert shop.http.patch(shop.create(), content=body).status_code == 422


def test_a_confirm_without_any_email_is_422(shop: Shop) -> None:
    assert fields_of(shop.confirm(shop.create(customer_email=None))) == (422, ["customer_email"])


def test_a_paid_confirm_without_a_confirmation_token_is_422(shop: Shop) -> None:
    assert fields_of(shop.confirm(shop.create("paid"))) == (422, ["confirmation_token_id"])


def test_a_paid_confirm_redeems_its_token(shop: Shop) -> None:
    response = shop.confirm(shop.create("paid"), confirmation_token_id=shop.card(TEST_CARD))
    assert (response.status_code, response.json()["amount"]) == (200, 1900)


def test_a_declined_card_is_400_as_in_the_real_api(shop: Shop) -> None:
    response = shop.confirm(shop.create("paid"), confirmation_token_id=shop.card(DECLINED_CARD))
    assert (response.status_code, response.json()["error"]) == (400, "PaymentError")


def test_after_a_declined_card_another_one_can_pay(shop: Shop) -> None:
    path = shop.create("paid")
    shop.confirm(path, confirmation_token_id=shop.card(DECLINED_CARD))
    assert shop.confirm(path, confirmation_token_id=shop.card(TEST_CARD)).status_code == 200


def test_a_confirmation_token_pays_once(shop: Shop) -> None:
    token = shop.card(TEST_CARD)
    shop.confirm(shop.create("paid"), confirmation_token_id=token)
    assert shop.confirm(shop.create("paid"), confirmation_token_id=token).status_code == 400


def test_of_two_confirms_at_once_one_pays_and_the_other_is_403(shop: Shop) -> None:
    path = shop.create("paid")
    tokens = [shop.card(TEST_CARD), shop.card(TEST_CARD)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda token: shop.confirm(path, confirmation_token_id=token), tokens))
    assert sorted(answer.status_code for answer in answers) == [200, 403]


def test_an_unknown_confirmation_token_is_400(shop: Shop) -> None:
    assert shop.confirm(shop.create("paid"), confirmation_token_id="ctoken/../none?x#y").status_code == 400
