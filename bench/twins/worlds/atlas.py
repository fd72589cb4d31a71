"""A REST shop of hyperlinks: things are called by their addresses, in bodies too, and the numbers in them are small."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from bench.twins.answer import Answer, Reply
from bench.twins.encodings import address, part
from bench.twins.text import Text, plain
from bench.twins.users import User
from bench.twins.world import Script, World, ask

_GOODS: Final = ("atlas", "globe", "compass", "sextant", "chart")


class Atlas(World):
    """Every client keeps a connection and a session token of its own making."""

    name: ClassVar = "atlas"
    covers: ClassVar = "addresses as ids in bodies and paths, the line of a product, ids joined by commas, .json, a-b-c"
    connections: ClassVar = "own"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._goods = {name: self.issue.serial("good") for name in _GOODS}
        self._lines: dict[str, list[dict[str, Any]]] = {}

    def visit(self, user: User) -> Script:
        who = {"session-id": user.uuid()}
        listed: Answer = yield ask("GET", "/api/goods/", self._listed, headers=who, query={"page": user.amount(1, 3)})
        named = user.pick(_GOODS)
        good = listed.at("results", {"title": named}, "url")
        seen: Answer = yield ask("GET", address(good), self._good, named, whole=True, headers=who)
        prices = seen.at("price")
        yield ask("GET", address(prices), self._plain, whole=True, headers=who)
        for title in dict.fromkeys((user.pick(_GOODS), named)):
            item = {"product": listed.at("results", {"title": title}, "url"), "quantity": user.amount(1, 9)}
            basket: Answer = yield ask("POST", "/api/basket/add/", self._add, user.number, item, headers=who, json=item)
        here = address(basket.at("lines"))
        lines: Answer = yield ask("GET", here, self._all_lines, user.number, whole=True, headers=who)
        # The line of what was looked at, wherever it stands.
        line = address(lines.at({"product": str(good)}, "url"))
        yield ask("PATCH", line, self._plain, whole=True, headers=who, json={"quantity": user.amount(1, 9)})
        yield from self._order(user, who, basket)

    def _order(self, user: User, who: dict[str, Text], basket: Answer) -> Script:
        number = basket.at("id")
        yield ask("GET", "/api/baskets/" + number + ".json", self._plain, headers=who, query={"depth": 2})
        placed: Answer = yield ask(
            "POST",
            "/api/checkout/",
            self._place,
            headers=who,
            json={
                "basket": basket.at("url"),
                "guest_email": user.email,
                "shipping_address": {"line1": user.street, "postcode": user.zip, "floor": user.amount(1, 9)},
            },
        )
        order = placed.at("number")
        yield ask("GET", "/api/orders/", self._plain, headers=who, query={"number": order, "expand": "lines"})
        first, second = placed.at("shipments", 0, "id"), placed.at("shipments", 1, "id")
        yield ask(
            "GET",
            "/api/track",
            self._plain,
            headers=who,
            query={"ids": first + "," + second, "limit": user.amount(5, 9)},
        )
        key = part(placed.at("invoice"), r"/([0-9a-f]+)\.pdf$")
        yield ask("GET", "/invoices/" + key + "/pages/1", self._plain, headers=who)
        yield ask(
            "DELETE", "/api/locks/" + order + "-" + first + "-" + second, self._plain, headers=who, query={"force": 1}
        )

    def _url(self, *steps: str | int) -> str:
        return f"https://{self.host}/api/" + "/".join(map(str, steps)) + "/"

    def _listed(self) -> Reply:
        issue = self.issue
        results = [
            {"id": ident, "url": self._url("goods", ident), "title": name, "stock": issue.few(1, 40)}
            for name, ident in issue.shuffled(self._goods.items())
        ]
        return Reply(json={"count": issue.few(5, 40), "next": None, "results": results})

    def _good(self, name: str) -> Reply:
        here = ("goods", self._goods[name])
        answer = {"url": self._url(*here), "price": self._url(*here, "price"), "rank": self.issue.few(1, 9)}
        return Reply(json=answer | {"availability": self._url(*here, "availability")})

    def _add(self, number: int, said: dict[str, Any]) -> Reply:
        issue = self.issue
        key = f"basket {number}"
        mine = self._lines.setdefault(key, [])
        if not mine:
            self._lines[key + " id"] = [{"id": issue.serial("basket")}]
        basket = self._lines[key + " id"][0]["id"]
        line = {"url": self._url("baskets", basket, "lines", issue.serial("line")), "product": plain(said)["product"]}
        mine.append(line | {"quantity": plain(said)["quantity"], "price": issue.amount(100, 900)})
        answer = {"id": basket, "url": self._url("baskets", basket), "lines": self._url("baskets", basket, "lines")}
        return Reply(json=answer | {"total": issue.few(100, 900), "status": "Open"})

    def _all_lines(self, number: int) -> Reply:
        return Reply(json=self.issue.shuffled(self._lines[f"basket {number}"]))

    def _place(self) -> Reply:
        issue = self.issue
        answer: dict[str, Any] = {
            "number": 100_000 + issue.serial("order"),
            "url": self._url("orders", issue.serial("row")),
            "shipments": [{"id": 2000 + issue.serial("shipment"), "boxes": issue.few(1, 9)} for _ in range(2)],
            "invoice": f"/media/invoices/2026/{issue.hex(16)}.pdf",
            "floor": issue.few(1, 9),
        }
        return Reply(status=201, json=answer)

    def _plain(self) -> Reply:
        issue = self.issue
        return Reply(json={"ok": True, "quantity": issue.few(1, 9), "limit": issue.few(5, 9), "page": issue.few(1, 3)})
