"""A checkout API as Polar's: secrets in paths, a token that comes late, jobs that are polled for."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from bench.twins.answer import Answer, Reply
from bench.twins.text import Text, plain, text
from bench.twins.users import User
from bench.twins.world import Script, World, ask

_KEY: Final = ("Bearer", text("polar_oat_8Zc1uTq0WbXn5yRkLm3Pv7Hs2DfGj9Ae"))
_PRODUCTS: Final = {
    "3f0c2a54-6f0e-4c1b-9a56-0d2f5c7be001": "Supporter",
    "3f0c2a54-6f0e-4c1b-9a56-0d2f5c7be002": "Sponsor",
    "3f0c2a54-6f0e-4c1b-9a56-0d2f5c7be003": "Patron",
}
_FLAGS: Final = (
    "allow_discount_codes require_billing_address is_discount_applicable is_free_product_price is_payment_required "
    "is_payment_setup_required is_payment_form_required is_organization_customer"
).split()


class Polar(World):
    """Every client shares one key and a pool of connections: only the value flow tells visitors apart."""

    name: ClassVar = "polar"
    covers: ClassVar = "client_secret -> path, id -> path and query, session token -> Bearer, two polls, orphans"
    connections: ClassVar = "pool"
    ballast: ClassVar = ""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._checkouts: dict[str, dict[str, Any]] = {}
        self._orders: dict[str, list[dict[str, Any]]] = {}
        self._left: dict[str, int] = {}

    def visit(self, user: User) -> Script:
        product = text(user.pick(tuple(_PRODUCTS)))
        # Of several begun the last one is paid.
        for _ in range(user.pick((1, 1, 2, 3))):
            created: Answer = yield ask(
                "POST",
                "/v1/checkouts/",
                self._create,
                str(product),
                auth=_KEY,
                headers={"idempotency-key": user.uuid()},
                json={"product_id": product, "amount": user.amount(1, 6) + "00", "locale": user.word("en", "de", "fr")},
            )
        secret = created.at("client_secret")
        client = "/v1/checkouts/client/" + secret
        yield ask("GET", client, self._read, str(secret))
        seats = {"seats": user.amount(1, 9)}
        yield ask("PATCH", client, self._update, str(secret), seats, json=seats)
        returning = user.chance(0.2)
        person = {
            "customer_email": user.email,
            "customer_name": user.name,
            "customer_billing_address": {"country": user.country, "postal_code": user.zip, "line1": user.street},
            "discount_code": None,
            "is_business_customer": False,
        }
        yield ask("PATCH", client, self._update, str(secret), person, json=person)
        confirmed: Answer = yield ask(
            "POST",
            client + "/confirm",
            self._confirm,
            str(secret),
            returning,
            headers={"idempotency-key": user.uuid()},
            json={"confirmation_token_id": None, "seats": user.amount(1, 9), "customer_email": user.email},
        )
        user.pause = 500
        while (yield ask("GET", client, self._read, str(secret), poll="paid")).word("status") != "succeeded":
            user.pause = 500
        yield ask("GET", "/v1/checkouts/" + created.at("id"), self._read, str(secret), auth=_KEY)
        # Null for whoever was a customer before.
        if confirmed.has("customer_session_token"):
            yield from self._portal(user, confirmed.at("customer_session_token"), created.at("id"))

    def _portal(self, user: User, token: Text, checkout: Text) -> Script:
        auth = ("Bearer", token)
        while True:
            user.pause = 700
            orders: Answer = yield ask(
                "GET",
                "/v1/customer-portal/orders/",
                self._listed,
                str(token),
                auth=auth,
                query={"page": 1, "limit": 10, "sorting": "-created_at"},
                poll="order",
            )
            if orders.has("items", 0):
                break
        order = orders.at("items", 0, "id")
        yield ask("GET", "/v1/customer-portal/orders/" + order, self._order, str(order), auth=auth)
        yield ask("GET", "/v1/orders/", self._order, str(order), auth=_KEY, query={"checkout_id": checkout, "page": 1})
        yield ask("POST", "/v1/customer-portal/orders/" + order + "/invoice", self._invoice, auth=auth)

    def _create(self, product: str) -> Reply:
        issue = self.issue
        secret = issue.token("polar_c_", 43)
        amount = issue.amount(900, 9000)
        self._left[secret] = issue.few(1, 5)
        # The shop's other products come in any order: one of them may be the one that is asked for next.
        related = issue.shuffled({"id": other, "name": name} for other, name in _PRODUCTS.items())
        self._checkouts[secret] = dict.fromkeys(_FLAGS, False) | {
            "created_at": issue.instant(),
            "modified_at": None,
            "id": issue.uuid(),
            "status": "open",
            "client_secret": secret,
            "url": f"https://{self.host}/checkout/{secret}",
            "expires_at": issue.instant(86_400),
            "amount": amount,
            "net_amount": amount,
            "currency": "usd",
            "seats": issue.few(1, 9),
            "max_seats": issue.few(1, 9),
            "locale": issue.word("en", "de", "fr"),
            "customer_id": None,
            "customer_email": None,
            "customer_session_token": None,
            "customer_billing_address": {"country": issue.word("US", "DE", "FR", "NL", "SE")},
            "product_id": product,
            "product": {
                "id": product,
                "name": _PRODUCTS[product],
                "is_recurring": False,
                "medias": [],
                "related": related,
            },
            "product_price": {"id": issue.uuid(), "amount_type": "custom", "minimum_amount": 100 * issue.few(1, 6)},
            "tax_amount": issue.amount(100, 900),
            "tax_behavior": None,
            "subtotal_amount": amount,
            "discount_amount": 0,
            "discount_id": None,
            "trial_end": None,
            "payment_processor": "stripe",
            "payment_processor_metadata": {"publishable_key": "pk_test_51Qe7", "attempts": issue.few(1, 9)},
            "success_url": f"https://{self.host}/checkout/{secret}/confirmation",
            "embed_origin": None,
            "customer_name": None,
            "customer_ip_address": "203.0.113.7",
            "billing_address_fields": {
                "country": "required",
                "state": "disabled",
                "city": "optional",
                "line1": "optional",
            },
            "organization": {
                "id": "b9a7c1de-77aa-4f0e-8a3b-00c5b2d0f00d",
                "slug": "acorn-works",
                "name": "Acorn Works",
                "avatar_url": None,
                "customers": issue.few(1, 99),
            },
            "custom_field_data": {},
            "attached_custom_fields": [],
            "metadata": {"visits": issue.few(1, 9)},
        }
        return self._read(secret, 201)

    def _read(self, secret: str, status: int = 200) -> Reply:
        checkout = self._checkouts[secret]
        if checkout["status"] == "confirmed":
            self._left[secret] -= 1
            if self._left[secret] < 0:
                checkout["status"] = "succeeded"
        return Reply(status=status, json=dict(checkout))

    def _update(self, secret: str, said: dict[str, Any]) -> Reply:
        # It repeats what it is told, and counts what nobody asks for.
        self._checkouts[secret] |= plain(said) | {
            "modified_at": self.issue.instant(),
            "max_seats": self.issue.few(1, 9),
        }
        return self._read(secret)

    def _confirm(self, secret: str, known: bool) -> Reply:
        issue, checkout = self.issue, self._checkouts[secret]
        checkout |= {"status": "confirmed", "customer_id": issue.uuid(), "modified_at": issue.instant()}
        answer = dict(checkout)
        if not known:
            token = answer["customer_session_token"] = issue.token("polar_cst_", 43)
            self._orders[token], self._left[token] = [], issue.few(1, 6)
        return Reply(json=answer)

    def _listed(self, token: str) -> Reply:
        self._left[token] -= 1
        if self._left[token] < 0 and not self._orders[token]:
            self._orders[token].append(self._new_order())
        items = self._orders[token]
        return Reply(json={"items": items, "pagination": {"total_count": len(items), "max_page": 1}})

    def _new_order(self) -> dict[str, Any]:
        issue = self.issue
        return {
            "id": issue.uuid(),
            "created_at": issue.instant(),
            "status": "paid",
            "paid": True,
            "total_amount": issue.amount(900, 9000),
            "invoice_number": f"POL-{issue.serial('invoice'):05}",
            "subscription_id": None,
            "items": [{"id": issue.uuid(), "label": "Supporter", "amount": issue.amount(900, 9000)}],
        }

    def _invoice(self) -> Reply:
        return Reply(status=202, json={"queued": True, "position": self.issue.few(1, 9)})

    def _order(self, order: str) -> Reply:
        return Reply(json={"id": order, "status": "paid", "page": self.issue.few(1, 3), "refunds": []})
