"""A point of sale whose ids are running numbers, small and of every kind, amid quantities, pages and stars."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from bench.twins.answer import Answer, Reply
from bench.twins.encodings import number, quoted
from bench.twins.text import Text, plain
from bench.twins.users import User
from bench.twins.world import Script, World, ask

_GOODS: Final = ("Blue mug", "Desk lamp", "Oak chair", "Wool scarf", "Garden rake", "Clay pot", "Wall clock")
_CARDS: Final = ("visa", "amex", "giro")


class Till(World):
    """Tills of a chain behind one proxy with a few connections."""

    name: ClassVar = "till"
    covers: ClassVar = "running ids as JSON numbers, as strings and with leading zeros; the last of a list; quantities"
    connections: ClassVar = "pool"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._goods = {name: self.issue.serial("product") for name in _GOODS}
        self._cards = {name: self.issue.serial("card") for name in _CARDS}
        self._lines: dict[str, list[dict[str, Any]]] = {}

    def visit(self, user: User) -> Script:
        page = {"page": user.amount(1, 4), "per_page": 20, "in_stock": 1}
        listed: Answer = yield ask("GET", "/api/products", self._products, query=page)
        opened: Answer = yield ask("POST", "/api/carts", self._open, json={"guests": user.amount(1, 9), "table": 0})
        cart = opened.at("data", "id")
        here = "/api/carts/" + cart
        for _ in range(2):
            product = listed.at("data", {"name": user.pick(_GOODS)}, "id")
            item = {"product_id": product, "quantity": user.amount(1, 9), "discount": user.amount(0, 3)}
            lines: Answer = yield ask("POST", here + "/lines", self._add, str(cart), item, json=item)
        line = here + "/lines/" + lines.at("data", "lines", -1, "id")
        yield ask("PATCH", line, self._plain, json={"quantity": user.amount(1, 9), "position": 1})
        first = lines.at("data", "lines", 0, "id")
        gone = {"remove": [first], "reason": user.amount(1, 3)}
        yield ask("POST", here + "/bulk", self._plain, json=gone)
        yield from self._finish(user, here, cart, product)

    def _finish(self, user: User, here: Text, cart: Text, product: Text) -> Script:
        person = {"name": user.name, "zip": user.zip, "floor": user.amount(1, 9)}
        place: Answer = yield ask("POST", "/api/addresses", self._address, json=person)
        cards: Answer = yield ask("GET", "/api/payment-methods", self._methods, query={"page": 1, "cart": cart})
        card = cards.at("methods", {"code": user.pick(_CARDS)}, "id")
        ordered: Answer = yield ask(
            "POST",
            here + "/checkout",
            self._order,
            json={
                "billing_address_id": place.at("id"),
                "shipping_address_id": place.at("id"),
                "payment": {"method_id": card, "installments": user.amount(1, 12)},
                "loyalty": {"points": user.amount(1, 30), "tier": user.word("1", "2", "3")},
            },
        )
        order = ordered.at("order", "id")
        yield ask("GET", "/api/orders/" + ordered.at("order", "number"), self._plain, query={"copies": 1})
        yield ask("GET", "/api/orders/" + order + "/receipts", self._plain, query={"page": user.amount(1, 3)})
        yield ask(
            "POST",
            "/api/payments",
            self._plain,
            json={
                "order": quoted(order),
                "ref": number(ordered.at("order", "number")),
                "amount": ordered.at("order", "total"),
                "tip": user.amount(0, 5),
                "attempt": 1,
            },
        )
        yield ask(
            "POST",
            "/api/reviews",
            self._plain,
            json={"order_id": order, "product_id": product, "stars": user.amount(1, 5), "minutes": user.amount(1, 30)},
        )

    def _products(self) -> Reply:
        issue = self.issue
        data = [
            {
                "id": ident,
                "name": name,
                "price": issue.amount(100, 900),
                "stock": issue.few(1, 40),
                "category": {"id": issue.few(1, 9), "rank": issue.few(1, 9)},
            }
            for name, ident in issue.shuffled(self._goods.items())
        ]
        return Reply(json={"data": data, "total": len(data), "page": issue.few(1, 4), "pages": issue.few(1, 9)})

    def _open(self) -> Reply:
        cart = self.issue.serial("cart")
        self._lines[str(cart)] = []
        return Reply(status=201, json={"data": {"id": cart, "count": 0, "table": self.issue.few(1, 30), "total": 0}})

    def _add(self, cart: str, said: dict[str, Any]) -> Reply:
        issue = self.issue
        line = {"id": issue.serial("line")} | plain(said) | {"price": issue.amount(100, 900), "left": issue.few(1, 40)}
        self._lines[cart].append(line)
        return Reply(status=201, json={"data": {"lines": list(self._lines[cart]), "count": len(self._lines[cart])}})

    def _address(self) -> Reply:
        return Reply(status=201, json={"id": self.issue.serial("address"), "zone": self.issue.few(1, 9)})

    def _methods(self) -> Reply:
        issue = self.issue
        methods = [
            {"id": ident, "code": code, "fee": issue.few(0, 9)} for code, ident in issue.shuffled(self._cards.items())
        ]
        return Reply(json={"methods": methods, "default": issue.few(1, 9)})

    def _order(self) -> Reply:
        issue = self.issue
        order = {
            "id": issue.serial("order"),
            "number": f"{issue.serial('number'):07d}",
            "total": issue.amount(1000, 9000),
            "queue": issue.few(1, 30),
        }
        return Reply(status=201, json={"order": order, "points": issue.few(1, 30)})

    def _plain(self) -> Reply:
        issue = self.issue
        return Reply(json={"ok": 1, "stars": issue.few(1, 5), "quantity": issue.few(1, 9), "page": issue.few(1, 3)})
