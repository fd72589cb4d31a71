"""The embedded checkout's refusals against its successes: every one is noticed, even where the status hides it."""

from __future__ import annotations

import ssl
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import httpx
import pytest

from replay.target import Settings, Target
from replay.target.limits import Limit
from traces.model import Response
from traces.outcome import Learner, Make, differs

TOKEN: Final = "polar_oat_test"
CONFIRM: Final = "POST /v1/checkouts/client/{client_secret}/confirm"
UPDATE: Final = "PATCH /v1/checkouts/client/{client_secret}"
GET: Final = "GET /v1/checkouts/client/{client_secret}"
CREATE: Final = "POST /v1/checkouts/"
PORTAL: Final = "GET /v1/customer-portal/orders/{id}"


class Shop:
    """A client of one target that keeps what it was answered."""

    def __init__(self, target: Target) -> None:
        self._url, self._provider = target.url, target.provider_url
        # Loopback speaks plain HTTP; an empty context spares 60 ms of loading certificates.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._http = httpx.Client(trust_env=False, verify=context)  # noqa: TID251 - one for all of these tests
        products = self.ask("GET", "/v1/products/", token=TOKEN)[1]["items"]
        self.products = {"free" if item["is_free"] else "paid": item["id"] for item in products}

    def close(self) -> None:
        self._http.close()

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> tuple[Response, Any]:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = self._http.request(method, self._url + path, json=body, headers=headers)
        response = Response(status=answer.status_code, headers=tuple(answer.headers.raw), body=answer.content)
        return response, answer.json()

    def create(self, product: str = "free", **fields: Any) -> tuple[Response, str]:
        body = {"product_id": self.products[product], "customer_email": f"{uuid.uuid4().hex}@example.com", **fields}
        response, document = self.ask("POST", "/v1/checkouts/", body, TOKEN)
        return response, f"/v1/checkouts/client/{document.get('client_secret')}"

    def confirm(self, path: str, card: str = "") -> tuple[Response, Any]:
        body: dict[str, Any] = {}
        if card:
            answer = self._http.post(f"{self._provider}/v1/confirmation_tokens", json={"card": {"number": card}})
            body["confirmation_token_id"] = answer.json()["id"]
        return self.ask("POST", f"{path}/confirm", body)

    def successes(self, learner: Learner) -> dict[str, Make]:
        """The makes of a session in which all went well, the free product and the paid one."""
        makes = {}
        for product, card in (("free", ""), ("paid", "4242424242424242")):
            response, path = self.create(product)
            makes[CREATE] = learner.make(CREATE, response)
            makes[GET] = learner.make(GET, self.ask("GET", path)[0])
            makes[UPDATE] = learner.make(UPDATE, self.ask("PATCH", path, {"customer_name": "Bado Miri"})[0])
            response, document = self.confirm(path, card)
            makes[CONFIRM] = learner.make(CONFIRM, response)
            token = document["customer_session_token"]
            orders: list[Any] = []
            while not orders:
                orders = self.ask("GET", "/v1/customer-portal/orders/", token=token)[1]["items"]
                time.sleep(0.02)
            makes[PORTAL] = learner.make(
                PORTAL, self.ask("GET", f"/v1/customer-portal/orders/{orders[0]['id']}", None, token)[0]
            )
        return makes

    def refusals(self) -> Iterator[tuple[str, Response]]:
        """Every way to be refused that a test can come by, with the endpoint that refuses."""
        _, done = self.create()
        token = self.confirm(done)[1]["customer_session_token"]
        yield CONFIRM, self.confirm(done)[0]
        yield UPDATE, self.ask("PATCH", done, {})[0]
        yield CONFIRM, self.confirm(self.create("paid")[1], "4000000000000002")[0]
        yield CONFIRM, self.confirm(self.create("paid")[1])[0]
        yield CONFIRM, self.confirm(self.create(customer_email=None)[1])[0]
        yield CREATE, self.create(customer_email="nobody")[0]
        yield CREATE, self.ask("POST", "/v1/checkouts/", {}, TOKEN)[0]
        yield CREATE, self.ask("POST", "/v1/checkouts/", {"product_id": self.products["free"]}, "wrong")[0]
        yield UPDATE, self.ask("PATCH", self.create()[1], {"customer_billing_address": {"country": "Germany"}})[0]
        yield GET, self.ask("GET", "/v1/checkouts/client/polar_c_none")[0]
        yield PORTAL, self.ask("GET", f"/v1/customer-portal/orders/{uuid.uuid4()}", None, token)[0]
        yield PORTAL, self.ask("GET", f"/v1/customer-portal/orders/{uuid.uuid4()}")[0]


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with Target(Settings(worker_delay=0.05, token=TOKEN)) as target:
        shop = Shop(target)
        yield shop
        shop.close()


@pytest.fixture(scope="module")
def makes(shop: Shop) -> dict[str, Make]:
    return shop.successes(Learner())


def test_every_refusal_is_noticed(shop: Shop, makes: dict[str, Make]) -> None:
    said = [differs(makes[endpoint], refused) for endpoint, refused in shop.refusals()]
    assert said == [
        "status 403, recorded 200",
        "status 403, recorded 200",
        "status 400, recorded 200",
        "status 422, recorded 200",
        "status 422, recorded 200",
        "status 422, recorded 201",
        "status 422, recorded 201",
        "status 401, recorded 201",
        "status 422, recorded 200",
        "status 404, recorded 200",
        "status 404, recorded 200",
        "status 401, recorded 200",
    ]


def test_every_refusal_is_noticed_where_the_status_says_success(shop: Shop, makes: dict[str, Make]) -> None:
    said = {differs(makes[endpoint], replace(refused, status=200)) for endpoint, refused in shop.refusals()}
    names = "NotOpenCheckout PaymentError RequestValidationError Unauthorized ResourceNotFound".split()
    assert said == {f"error {name}, recorded none" for name in names}


def test_every_refusal_is_noticed_by_its_shape_alone(shop: Shop, makes: dict[str, Make]) -> None:
    hidden = [
        (end, replace(no, status=200, body=(no.body or b"").replace(b'"error"', b'"name"')))
        for end, no in shop.refusals()
    ]
    assert [end for end, refused in hidden if "missing" not in (differs(makes[end], refused) or "")] == []


def test_another_session_that_went_well_is_the_same(shop: Shop, makes: dict[str, Make]) -> None:
    for product, card in (("paid", "5555555555554444"), ("free", "")):
        response, path = shop.create(product)
        said = [
            differs(makes[CREATE], response),
            differs(makes[UPDATE], shop.ask("PATCH", path, {"customer_name": "Ann Other"})[0]),
            differs(makes[CONFIRM], shop.confirm(path, card)[0]),
            differs(makes[GET], shop.ask("GET", path)[0]),
        ]
        assert said == [None] * 4


def test_a_customer_who_was_known_already_gets_no_token_and_that_is_noticed(shop: Shop, makes: dict[str, Make]) -> None:
    email = f"{uuid.uuid4().hex}@example.com"
    shop.confirm(shop.create(customer_email=email)[1])
    _, path = shop.create(customer_email=email)
    shop.ask("PATCH", path, {"customer_name": "Ann Other"})
    said = differs(makes[CONFIRM], shop.confirm(path)[0])
    assert said == "$.customer_session_token is null, never so when it was recorded"


def test_an_expired_checkout_and_a_client_too_fast_are_noticed(makes: dict[str, Make]) -> None:
    with Target(Settings(ttl=0.01, token=TOKEN, rate_limit=Limit(count=3, window=60))) as target:
        hasty = Shop(target)
        _, path = hasty.create()
        time.sleep(0.05)
        said = [differs(makes[CONFIRM], hasty.ask("POST", f"{path}/confirm", {})[0]) for _ in range(5)]
        hasty.close()
    assert {why for why in said if why} == {"status 410, recorded 200", "status 429, recorded 200"}
