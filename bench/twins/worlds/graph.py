"""A GraphQL shop: one address for everything, 200 for everything, ids deep in `data`."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, ClassVar, Final

from bench.twins.answer import Answer, Reply
from bench.twins.text import Text, plain
from bench.twins.users import User
from bench.twins.world import Ask, Script, World, ask

_SKUS: Final = ("MUG-B", "LAMP-2", "CHAIR-9", "RAKE-4", "SCARF-1")
_QUERIES: Final = {
    "Products": "query Products($term: String!, $take: Int) { search(input: {term: $term, take: $take}) "
    "{ items { sku productVariantId priceWithTax } totalItems } }",
    "AddItem": "mutation AddItem($variantId: ID!, $quantity: Int!) { addItemToOrder(productVariantId: $variantId, "
    "quantity: $quantity) { __typename ... on Order { id code state lines { id } } } }",
    "Adjust": "mutation Adjust($lineId: ID!, $quantity: Int!) { adjustOrderLine(orderLineId: $lineId, "
    "quantity: $quantity) { ... on Order { id totalQuantity } } }",
    "Shipping": "query Shipping { eligibleShippingMethods { id code price } activeOrder { id } }",
    "SetShipping": "mutation SetShipping($ids: [ID!]!) { setOrderShippingMethod(shippingMethodId: $ids) { id } }",
    "Address": "mutation Address($input: CreateAddressInput!) { setOrderShippingAddress(input: $input) { id } }",
    "Advance": "mutation Advance($state: String!) { transitionOrderToState(state: $state) { id state } }",
    "Intent": "mutation Intent { createPaymentIntent { clientSecret } }",
    "Pay": "mutation Pay($input: PaymentInput!) { addPaymentToOrder(input: $input) { code state } }",
    "Order": "query Order($code: String!, $reference: String) { order(code: $code, reference: $reference) { id } }",
    "More": "query More($after: String, $first: Int) { orders(after: $after, first: $first) { edges { cursor } } }",
}


class Graph(World):
    """One pooled connection for all."""

    name: ClassVar = "graph"
    covers: ClassVar = "one endpoint told apart by operation, variables, global ids, a header's token, cursors, errors"
    connections: ClassVar = "one"
    ballast: ClassVar = "extensions"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._variants = {sku: self._global("Variant", self.issue.serial("variant", by=2)) for sku in _SKUS}

    def visit(self, user: User) -> Script:
        found: Answer = yield self._ask("Products", self._search, term=user.word("mug", "lamp"), take=10)
        token = found.header("vendure-auth-token")
        variant = found.at("data", "search", "items", {"sku": user.pick(_SKUS)}, "productVariantId")
        if user.chance(0.4):
            # Too many: the answer is an error, and says so with 200.
            yield self._ask("AddItem", self._refused, token, variantId=variant, quantity=user.amount(50, 99))
        added: Answer = yield self._ask("AddItem", self._added, token, variantId=variant, quantity=user.amount(1, 5))
        line = added.at("data", "addItemToOrder", "lines", 0, "id")
        yield self._ask("Adjust", self._state, "adjustOrderLine", token, lineId=line, quantity=user.amount(1, 5))
        methods: Answer = yield self._ask("Shipping", self._shipping, token)
        code = user.pick(("standard", "express"))
        chosen = methods.at("data", "eligibleShippingMethods", {"code": code}, "id")
        yield self._ask("SetShipping", self._state, "setOrderShippingMethod", token, ids=[chosen])
        address = {
            "fullName": user.name,
            "streetLine1": user.street,
            "postalCode": user.zip,
            "countryCode": user.country,
        }
        yield self._ask("Address", self._state, "setOrderShippingAddress", token, input=address | {"company": None})
        yield self._ask("Advance", self._state, "transitionOrderToState", token, state="ArrangingPayment")
        intent: Answer = yield self._ask("Intent", self._intent, token)
        # The client's own, though an answer repeats it before it is sent again.
        reference = user.uuid()
        payment = {
            "method": "card",
            "metadata": {
                "intent": intent.at("data", "createPaymentIntent", "clientSecret"),
                "reference": reference,
                "email": user.email,
            },
        }
        paid: Answer = yield self._ask("Pay", self._paid, payment, token, input=payment)
        ordered = paid.at("data", "addPaymentToOrder", "code")
        yield self._ask("Order", self._state, "order", token, code=ordered, reference=reference)
        yield from self._history(user, token)

    def _history(self, user: User, token: Text) -> Script:
        after: Text | None = None
        for _ in range(user.pick((1, 2, 3))):
            page: Answer = yield self._ask("More", self._orders, token, after=after, first=user.amount(1, 5))
            after = page.at("data", "orders", "pageInfo", "endCursor")

    def _ask(self, name: str, answer: Any, *given: Any, **variables: Any) -> Ask:
        """`given`: what the answer is made from, the token last where there is one."""
        token = given[-1] if given else None
        body = {"operationName": name, "query": _QUERIES[name], "variables": variables}
        return ask(
            "POST",
            "/shop-api",
            answer,
            *given[:-1],
            auth=None if token is None else ("Bearer", token),
            json=body,
        )

    def _search(self) -> Reply:
        issue = self.issue
        items = [
            {"sku": sku, "productVariantId": number, "priceWithTax": issue.amount(500, 9000), "score": issue.few(1, 99)}
            for sku, number in self._variants.items()
        ]
        return self._data(
            {"search": {"items": issue.shuffled(items), "totalItems": issue.few(1, 10)}},
            ("vendure-auth-token", issue.token(length=64)),
        )

    def _refused(self) -> Reply:
        error = {"__typename": "InsufficientStockError", "errorCode": "INSUFFICIENT_STOCK_ERROR", "order": None}
        return self._data({"addItemToOrder": error | {"quantityAvailable": self.issue.few(1, 5)}})

    def _added(self) -> Reply:
        order = {
            "__typename": "Order",
            "id": self._global("Order", self.issue.serial("order")),
            "code": self.issue.token(length=16, letters="ABCDEFGHJKLMNPQRSTUVWXYZ"),
            "state": "AddingItems",
            "totalQuantity": self.issue.few(1, 5),
            "lines": [{"id": self._global("OrderLine", self.issue.serial("line")), "quantity": self.issue.few(1, 5)}],
        }
        return self._data({"addItemToOrder": order})

    def _state(self, name: str) -> Reply:
        state = self.issue.word("AddingItems", "ArrangingPayment", "PaymentSettled")
        return self._data({name: {"id": self.issue.token(length=12), "state": state, "take": self.issue.few(5, 15)}})

    def _shipping(self) -> Reply:
        methods = [
            {"id": self._global("ShippingMethod", self.issue.serial("method")), "code": code, "price": price}
            for code in ("standard", "express")
            for price in (self.issue.amount(300, 900),)
        ]
        return self._data({"eligibleShippingMethods": self.issue.shuffled(methods), "activeOrder": None})

    def _intent(self) -> Reply:
        return self._data({"createPaymentIntent": {"clientSecret": self.issue.token("pi_", 27), "livemode": False}})

    def _paid(self, said: dict[str, Any]) -> Reply:
        code = self.issue.token(length=16, letters="ABCDEFGHJKLMNPQRSTUVWXYZ")
        payment = plain(said) | {"code": code, "state": "PaymentSettled"}
        return self._data({"addPaymentToOrder": payment})

    def _orders(self) -> Reply:
        edges = [
            {"cursor": self._global("cursor", self.issue.serial("cursor")), "node": {"total": 5}} for _ in range(3)
        ]
        info = {"endCursor": edges[-1]["cursor"], "hasNextPage": True}
        return self._data({"orders": {"edges": edges, "pageInfo": info}})

    def _data(self, data: Any, *headers: tuple[str, str]) -> Reply:
        return Reply(json={"data": data}, headers=headers)

    def _global(self, kind: str, number: int) -> str:
        return b64encode(f"{kind}:{number}".encode()).decode()
