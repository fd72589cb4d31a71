"""One visitor's session: takes the steps of its journey, one request after the other, as a shop's page would."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx
import orjson

from replay.target.browser import Browser
from replay.target.journeys import DriveConfig, Journey
from replay.target.people import Person
from replay.target.tally import Tally

_POLL: Final = 0.25  # seconds between two looks at a checkout that is not through yet
_UPDATES: Final = (("customer_email", "customer_name"), ("customer_billing_address",))
_CARDS: Final = ("4242424242424242", "5555555555554444", "378282246310005")  # published test cards that are approved


class FailedError(Exception):
    """A session that cannot go on; the text is the reason it is counted under."""


class Visitor:
    """One session. `confirmed_as` is its e-mail once its confirm was answered 200."""

    def __init__(
        self, http: Browser, *, config: DriveConfig, journey: Journey, person: Person, product: str, tally: Tally
    ) -> None:
        """product: the id to buy, unless the journey lists the products and takes its id from there."""
        self.confirmed_as: str | None = None
        self._http = http
        self._config = config
        self._journey = journey
        self._person = person
        self._product = product
        self._tally = tally
        self._checkout = ""
        self._updates = 0
        self._customer_token: str | None = None

    async def visit(self) -> None:
        """Take every step; raises FailedError at the first that goes wrong."""
        steps = {
            "products": self._list_products,
            "create": self._create,
            "update": self._update,
            "get": self._get,
            "confirm": self._confirm,
            "outcome": self._stream if self._journey.streams else self._poll,
            "portal": self._portal,
        }
        for step in self._journey.steps:
            await asyncio.sleep(step.think)
            try:
                async with asyncio.timeout(self._config.patience):
                    await steps[step.name]()
            except (FailedError, TimeoutError, httpx.HTTPError, KeyError, TypeError, ValueError) as error:
                raise FailedError(f"{step.name}: {self._reason(error)}") from error

    def _reason(self, error: Exception) -> str:
        """Short, and without values of this one session: failures are counted by it."""
        match error:
            case FailedError():
                return str(error)
            case TimeoutError():
                return f"not done within {self._config.patience:g} s"
            case httpx.HTTPError():
                return f"no answer ({type(error).__name__})"
            case _:
                return f"an answer that lacks what it should hold ({type(error).__name__})"

    async def _list_products(self) -> None:
        listing = await self._call("GET", "/v1/products/", bearer=self._config.token)
        self._product = choose(listing, paid=self._journey.paid)

    async def _create(self) -> None:
        body = {"product_id": self._product, "customer_email": self._person.email}
        checkout = await self._call("POST", "/v1/checkouts/", body, bearer=self._config.token, expect=201)
        self._checkout = f"/v1/checkouts/client/{checkout['client_secret']}"

    async def _update(self) -> None:
        names = _UPDATES[self._updates % len(_UPDATES)]
        self._updates += 1
        await self._call("PATCH", self._checkout, {name: self._field(name) for name in names})

    async def _get(self) -> None:
        await self._call("GET", self._checkout)

    async def _confirm(self) -> None:
        body = {name: self._field(name) for name in ("customer_name", "customer_email", "customer_billing_address")}
        if self._journey.paid:
            body["confirmation_token_id"] = await self._pay()
        checkout = await self._call("POST", f"{self._checkout}/confirm", body)
        self._tally.confirmed += 1
        self.confirmed_as = self._person.email
        self._customer_token = checkout["customer_session_token"]

    async def _poll(self) -> None:
        await self._repeat(self._checkout, lambda checkout: checkout["status"] == "succeeded")

    async def _stream(self) -> None:
        self._tally.requests += 1
        headers = {"accept": "text/event-stream"}
        async with self._http.stream("GET", f"{self._checkout}/stream", headers=headers) as response:
            self._tally.statuses[response.status_code] += 1
            if response.status_code != 200:
                raise FailedError(f"status {response.status_code}")
            async for line in response.aiter_lines():
                if line.startswith("data:") and orjson.loads(line[5:])["status"] == "succeeded":
                    return
        raise FailedError("the stream ended before the order")

    async def _portal(self) -> None:
        """Look at the new order; nothing to do for a returning customer, whose confirm gave no token."""
        if self._customer_token is None:
            return
        path = "/v1/customer-portal/orders/"
        listing = await self._repeat(path, lambda listing: listing["items"], bearer=self._customer_token)
        await self._call("GET", f"{path}{listing['items'][0]['id']}", bearer=self._customer_token)

    async def _pay(self) -> str:
        """A confirmation token from the provider, which is another service: it does not count as a request here."""
        card = {"card": {"number": random.Random(self._journey.seed).choice(_CARDS)}}
        response = await self._http.post(f"{self._config.provider}/v1/confirmation_tokens", json=card)
        if response.status_code != 200:
            raise FailedError(f"the payment provider answered {response.status_code}")
        return str(response.json()["id"])

    def _field(self, name: str) -> Any:
        person = self._person
        fields = {"customer_email": person.email, "customer_name": person.name}
        return person.address if name == "customer_billing_address" else fields[name]

    async def _repeat(self, path: str, done: Callable[[Any], Any], *, bearer: str = "") -> Any:
        """The first answer that is `done`; looks again and again, as long as the visitor's patience lasts."""
        while True:
            document = await self._call("GET", path, bearer=bearer)
            if done(document):
                return document
            await asyncio.sleep(_POLL)

    async def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, bearer: str = "", expect: int = 200
    ) -> Any:
        """The decoded answer; raises FailedError for any status but `expect`, httpx.HTTPError without an answer."""
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        self._tally.requests += 1
        start = time.perf_counter()
        response = await self._http.request(method, path, json=body, headers=headers)
        self._tally.latencies.append(time.perf_counter() - start)
        self._tally.statuses[response.status_code] += 1
        if response.status_code != expect:
            raise FailedError(f"status {response.status_code}")
        return orjson.loads(response.content)


def choose(listing: Any, *, paid: bool) -> str:
    """The id of the first paid or free product of a product list; raises ValueError when there is none."""
    for item in listing["items"]:
        if item["is_free"] is not paid:
            return str(item["id"])
    raise ValueError(f"no {'paid' if paid else 'free'} product")
