"""The checkout API: its routes, and what each of them does with the store.

Every route is paced: it does its work when the request arrives and answers when the drawn latency, counted from
that arrival, is over. What a handler costs in CPU lies inside the latency, not on top of it.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from replay.target import refusals, views
from replay.target.clock import now, sleep_until
from replay.target.forms import Form
from replay.target.front import ARRIVED, Front
from replay.target.hub import Hub
from replay.target.latency import Latency, worker_delay
from replay.target.payments import Payments
from replay.target.settings import Settings
from replay.target.store import Checkout, Store

_Handler = Callable[[Request], Awaitable[Response]]
_CLIENT: Final = "/v1/checkouts/client/{client_secret}"


def build(settings: Settings, *, store: Store, hub: Hub, payments: Payments) -> Front:
    """The whole API as one ASGI app; time 0 of its latencies is this call."""
    api = _Api(settings, store, hub, payments)
    paced = _Pace(Latency(seed=settings.seed, slow=settings.slow))
    routes = [
        Route("/healthz", _healthz),
        Route("/v1/products/", paced("products", api.products)),
        Route("/v1/checkouts/", paced("create", api.create), methods=["POST"]),
        Route(_CLIENT, paced("get", api.get)),
        Route(_CLIENT, paced("update", api.update), methods=["PATCH"]),
        Route(f"{_CLIENT}/confirm", paced("confirm", api.confirm), methods=["POST"]),
        Route(f"{_CLIENT}/stream", paced("stream", api.stream)),
        Route("/v1/customer-portal/orders/", paced("orders", api.orders)),
        Route("/v1/customer-portal/orders/{id}", paced("order", api.order)),
    ]
    return Front(Starlette(routes=routes), settings.rate_limit)


class _Pace:
    """Makes a handler answer when its latency is over, and turns a refusal into its answer."""

    def __init__(self, latency: Latency) -> None:
        self._latency = latency
        self._start = time.perf_counter()
        self._count: dict[str, int] = {}

    def __call__(self, endpoint: str, handler: _Handler) -> _Handler:
        async def paced(request: Request) -> Response:
            arrived: float = request.scope[ARRIVED]
            n = self._count[endpoint] = self._count.get(endpoint, -1) + 1
            try:
                response = await handler(request)
            except refusals.RefusedError as refused:
                response = refused.response()
            await sleep_until(arrived + self._latency.seconds(endpoint, n, arrived - self._start))
            return response

        return paced


class _Api:
    """The endpoints. Each raises RefusedError for everything that is not a success."""

    def __init__(self, settings: Settings, store: Store, hub: Hub, payments: Payments) -> None:
        self._settings = settings
        self._store = store
        self._hub = hub
        self._payments = payments
        self._products = {product.id: product for product in store.products}
        self._confirms = 0
        self._confirming: set[str] = set()

    async def products(self, request: Request) -> Response:
        self._authorize(request)
        return refusals.answer(views.page([views.product(product) for product in self._store.products]))

    async def create(self, request: Request) -> Response:
        self._authorize(request)
        form = Form(await request.body())
        email = form.email("customer_email")
        form.require("product_id")
        product_id = form.text("product_id")
        if product_id is not None and product_id not in self._products:
            form.wrong("product_id", "Product does not exist.", "value_error")
        form.close()
        product = self._products[str(product_id)]
        checkout = self._store.create_checkout(
            product, email=email, ip=_address(request), now=now(), ttl=self._settings.ttl
        )
        return self._show(request, checkout, status=201)

    async def get(self, request: Request) -> Response:
        return self._show(request, self._find(request))

    async def update(self, request: Request) -> Response:
        body = await request.body()
        return self._show(request, self._fill_in(self._find_open(request), Form(body)))

    async def confirm(self, request: Request) -> Response:
        """Takes the fields of an update too, and for a paid product a `confirmation_token_id`."""
        body = await request.body()
        checkout = self._find_open(request)
        # The real API locks the row. Only a payment is awaited, so only then can a second confirm come in between.
        if checkout.secret in self._confirming:
            raise refusals.not_open(checkout.id, "confirmed")
        self._confirming.add(checkout.secret)
        try:
            token = await self._confirm(checkout, Form(body))
        finally:
            self._confirming.discard(checkout.secret)
        return self._show(request, self._find(request), customer_session_token=token)

    async def stream(self, request: Request) -> Response:
        secret = self._find(request).secret
        events = self._hub.stream(secret, lambda: self._reread(secret).status)
        return StreamingResponse(events, headers={"cache-control": "no-store"}, media_type="text/event-stream")

    async def orders(self, request: Request) -> Response:
        orders = self._store.orders_of(self._customer(request))
        return refusals.answer(views.page([views.order(row, self._products[row.product_id]) for row in orders]))

    async def order(self, request: Request) -> Response:
        for row in self._store.orders_of(self._customer(request)):
            if row.id == request.path_params["id"]:
                return refusals.answer(views.order(row, self._products[row.product_id]))
        raise refusals.not_found()

    async def _confirm(self, checkout: Checkout, form: Form) -> str | None:
        is_paid = not self._products[checkout.product_id].is_free
        token_id = form.text("confirmation_token_id")
        if is_paid:
            form.require("confirmation_token_id")
        if checkout.email is None:
            form.require("customer_email")
        checkout = self._fill_in(checkout, form)
        if is_paid and token_id is not None:
            await self._payments.redeem(token_id)
        assert checkout.email is not None  # noqa: S101 - it was required just above; this tells mypy
        delay = worker_delay(self._settings.seed, self._confirms, self._settings.worker_delay)
        self._confirms += 1
        token = self._store.confirm(checkout.secret, checkout.email, now=now(), due=now() + delay)
        self._hub.publish(checkout.secret, "confirmed")
        return token

    def _fill_in(self, checkout: Checkout, form: Form) -> Checkout:
        """Write down the customer's fields of `form`; returns the checkout as it is then."""
        email = form.email("customer_email")
        name = form.text("customer_name")
        address = form.address("customer_billing_address")
        form.close()
        self._store.update(checkout.secret, email=email, name=name, address=address, now=now())
        return self._reread(checkout.secret)

    def _reread(self, secret: str) -> Checkout:
        checkout = self._store.checkout(secret)
        assert checkout is not None  # noqa: S101 - nothing deletes a checkout; this tells mypy
        return checkout

    def _find(self, request: Request) -> Checkout:
        """The checkout of the path's client secret: 404 when there is none, 410 when it expired while open."""
        checkout = self._store.checkout(request.path_params["client_secret"])
        if checkout is None:
            raise refusals.not_found()
        if checkout.status == "open" and checkout.expires <= now():
            raise refusals.expired()
        return checkout

    def _find_open(self, request: Request) -> Checkout:
        checkout = self._find(request)
        if checkout.status != "open":
            raise refusals.not_open(checkout.id, checkout.status)
        return checkout

    def _show(self, request: Request, checkout: Checkout, status: int = 200, **more: str | None) -> Response:
        document = views.checkout(checkout, self._products[checkout.product_id], str(request.base_url).rstrip("/"))
        return refusals.answer({**document, **more}, status)

    def _authorize(self, request: Request) -> None:
        if _bearer(request) != self._settings.token:
            raise refusals.unauthorized()

    def _customer(self, request: Request) -> str:
        customer = self._store.customer_of(_bearer(request))
        if customer is None:
            raise refusals.unauthorized()
        return customer


async def _healthz(_: Request) -> Response:
    return PlainTextResponse("ok")


def _bearer(request: Request) -> str:
    """The bearer token, or "" when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _address(request: Request) -> str | None:
    return None if request.client is None else request.client.host
