"""A REST shop whose lists come in any order: what the client wants is told by the fields beside it."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from bench.twins.answer import Answer, Reply
from bench.twins.encodings import address
from bench.twins.text import Text, plain
from bench.twins.users import User
from bench.twins.world import Script, World, ask

_KINDS: Final = ("mugs", "lamps", "chairs", "scarves")
_COLOURS: Final = ("blue", "green", "red", "white")
_SIZES: Final = ("S", "M", "L")


class Cart(World):
    """Behind a proxy that hands its idle connections from one client to the next."""

    name: ClassVar = "cart"
    covers: ClassVar = "items chosen by sibling in nested, shuffled lists; ids that differ by run; links by rel"
    connections: ClassVar = "kept"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        issue = self.issue
        self._kinds = [{"slug": kind, "id": issue.serial("category"), "count": issue.few(1, 9)} for kind in _KINDS]
        self._goods = {
            kind: [
                {
                    "id": issue.uuid(),
                    "sku": f"{kind}-{colour}",
                    "title": f"{colour.title()} {kind}",
                    "price": issue.amount(500, 4000),
                    "variants": [
                        {"id": f"var_{issue.token(length=14)}", "size": size, "stock": issue.few(1, 6)}
                        for size in _SIZES
                    ],
                }
                for colour in _COLOURS
            ]
            for kind in _KINDS
        }
        self._carts: dict[str, list[dict[str, Any]]] = {}

    def visit(self, user: User) -> Script:
        who = {"x-device": user.uuid()}
        kinds: Answer = yield ask("GET", "/api/categories", self._categories, headers=who)
        kind = user.pick(_KINDS)
        page: Answer = yield ask(
            "GET",
            "/api/products",
            self._products,
            kind,
            headers=who,
            query={
                "category": kinds.at({"slug": kind}, "id"),
                "page": user.amount(1, 3),
                "per_page": 20,
                "sort": "price",
            },
        )
        cart: Answer = yield ask("POST", "/api/carts", self._create, headers=who, json={"currency": "EUR"})
        here = "/api/carts/" + cart.at("id")
        skus = [f"{kind}-{colour}" for colour in _COLOURS]
        wanted = [user.pick(tuple(skus)), user.pick(tuple(skus))]
        for sku in dict.fromkeys(wanted):
            variant = page.at("items", {"sku": sku}, "variants", {"size": user.pick(_SIZES)}, "id")
            item = {"variant_id": variant, "quantity": user.amount(1, 6), "gift": False, "note": None}
            lines: Answer = yield ask(
                "POST", here + "/items", self._add, str(cart.at("id")), sku, item, headers=who, json=item
            )
        line = lines.at("items", {"sku": wanted[0]}, "line_id")
        yield ask("PATCH", here + "/items/" + line, self._patch, headers=who, json={"quantity": user.amount(1, 6)})
        mine: Answer = yield ask(
            "GET", "/api/carts", self._mine, str(cart.at("id")), headers=who, query={"device": who["x-device"]}
        )
        still_open = mine.at("items", {"status": "open"}, "id")
        yield ask("GET", "/api/carts/" + still_open, self._patch, headers=who)
        yield from self._finish(user, here, who)

    def _finish(self, user: User, here: Text, who: dict[str, Text]) -> Script:
        options: Answer = yield ask("GET", here + "/shipping-options", self._options, headers=who)
        code = user.pick(("standard", "express", "pickup"))
        yield ask(
            "POST",
            here + "/shipping",
            self._patch,
            headers=who,
            json={
                "option": {"id": options.at("options", {"code": code}, "id")},
                "address": {"name": user.name, "line1": user.street, "zip": user.zip, "country": user.country},
            },
        )
        ordered: Answer = yield ask(
            "POST",
            here + "/checkout",
            self._checkout,
            headers=who | {"idempotency-key": user.uuid()},
            json={"email": user.email, "newsletter": True},
        )
        pay = ordered.at("order", "links", {"rel": "payment"}, "href")
        paid = ask("POST", address(pay), self._patch, whole=True, headers=who, json={"method": "card", "retries": 1})
        yield paid
        itself = ordered.at("order", "links", {"rel": "self"}, "href")
        yield ask("GET", address(itself), self._patch, whole=True, headers=who)

    def _categories(self) -> Reply:
        return Reply(json=self.issue.shuffled(self._kinds))

    def _products(self, kind: str) -> Reply:
        items = [
            product | {"variants": self.issue.shuffled(product["variants"])}
            for product in self.issue.shuffled(self._goods[kind])
        ]
        return Reply(json={"items": items, "page": self.issue.few(1, 3), "pages": self.issue.few(1, 3), "per_page": 20})

    def _create(self) -> Reply:
        cart = self.issue.uuid()
        self._carts[cart] = []
        answer = {"id": cart, "status": "open", "items": [], "version": self.issue.few(1, 6), "total": 0}
        return Reply(status=201, json=answer)

    def _add(self, cart: str, sku: str, said: dict[str, Any]) -> Reply:
        line = plain(said) | {"line_id": self.issue.serial("line"), "sku": sku, "left": self.issue.few(1, 6)}
        self._carts[cart].append(line)
        return Reply(status=201, json={"id": cart, "items": self.issue.shuffled(self._carts[cart])})

    def _mine(self, cart: str) -> Reply:
        others = [
            {"id": self.issue.uuid(), "status": status, "items": self.issue.few(1, 6)}
            for status in ("abandoned", "abandoned", "ordered")
        ]
        return Reply(json={"items": self.issue.shuffled([*others, {"id": cart, "status": "open", "items": 1}])})

    def _patch(self) -> Reply:
        issue = self.issue
        return Reply(json={"ok": True, "quantity": issue.few(1, 6), "country": issue.word("US", "DE", "FR")})

    def _options(self) -> Reply:
        issue = self.issue
        options = [
            {
                "id": f"so_{issue.token(length=18)}",
                "code": code,
                "price": issue.amount(300, 900),
                "days": issue.few(1, 6),
            }
            for code in ("standard", "express", "pickup")
        ]
        # What the shop would choose is sometimes what the user does.
        recommended = issue.shuffled(option["id"] for option in options)[0]
        return Reply(json={"options": issue.shuffled(options), "count": 3, "recommended": {"id": recommended}})

    def _checkout(self) -> Reply:
        issue = self.issue
        order = issue.uuid()
        links = [
            {"rel": "self", "href": f"https://{self.host}/api/orders/{order}"},
            {"rel": "payment", "href": f"https://{self.host}/api/payments/{issue.token('pay_', 20)}?order={order}"},
            {"rel": "cancel", "href": f"https://{self.host}/api/orders/{order}/cancel"},
        ]
        answer = {
            "order": {"number": 5000 + issue.serial("order"), "status": "pending", "links": issue.shuffled(links)}
        }
        return Reply(status=201, json=answer)
