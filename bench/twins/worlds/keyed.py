"""A store that keeps everything in objects by id, and wants documents back as it gave them."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Final

from bench.twins.answer import Answer, Reply
from bench.twins.encodings import base64url_padded, field
from bench.twins.text import Text, json_text, plain
from bench.twins.users import User
from bench.twins.world import Script, World, ask

_GOODS: Final = ("Blue mug", "Desk lamp", "Oak chair", "Wool scarf")
_SIZES: Final = ("S", "M", "L")


class Keyed(World):
    """Every visitor has a connection of their own."""

    name: ClassVar = "keyed"
    covers: ClassVar = (
        "ids as keys of objects, documents in strings sent back whole or written twice, a version rolling"
    )
    connections: ClassVar = "own"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        issue = self.issue
        self._goods = {
            issue.token("p_", 14): {
                "name": name,
                "rank": issue.few(1, 9),
                "variants": {issue.hex(16): {"size": size, "stock": issue.few(1, 9)} for size in _SIZES},
            }
            for name in _GOODS
        }

    def visit(self, user: User) -> Script:
        begun: Answer = yield ask("POST", "/api/session", self._begin, json={"locale": user.word("en", "de")})
        who = {"x-session": begun.at("session", "id")}
        shelf: Answer = yield ask("GET", "/api/catalog", self._catalog, headers=who, query={"page": 1})
        wanted, size = user.pick(_GOODS), user.pick(_SIZES)
        product = shelf.key("entities", "products", where={"name": wanted})
        variant = shelf.key("entities", "products", product, "variants", where={"size": size})
        yield ask("GET", "/api/products/" + product, self._plain, headers=who, query={"zoom": user.amount(1, 5)})
        items = {variant: {"quantity": user.amount(1, 9), "gift": False}}
        filled: Answer = yield ask(
            "PUT", "/api/basket", self._fill, str(variant), headers=who, json={"items": items, "coupon": None}
        )
        basket = filled.at("basket", "id")
        line = filled.key("basket", "lines", where={"kind": "good"})
        here = "/api/baskets/" + basket
        changed: Answer = yield ask(
            "PATCH",
            here + "/lines/" + line,
            self._change,
            headers=who,
            json={"quantity": user.amount(1, 9), "rev": filled.at("basket", "rev")},
        )
        kept: Answer = yield ask(
            "POST",
            here + "/merge",
            self._change,
            headers=who,
            json={"keep": {line: True}, "quantities": {line: user.amount(1, 9)}, "rev": changed.at("rev")},
        )
        yield from self._pay(user, who, here, basket, kept)

    def _pay(self, user: User, who: dict[str, Text], here: Text, basket: Text, kept: Answer) -> Script:
        quote: Answer = yield ask("GET", here + "/quote", self._quote, headers=who, query={"rev": kept.at("rev")})
        ordered: Answer = yield ask(
            "POST",
            "/api/orders",
            self._order,
            headers=who | {"idempotency-key": user.uuid()},
            json={
                # As it was written, white space and all: what is signed must not be written anew.
                "snapshot": quote.at("snapshot"),
                "signature": quote.at("signature"),
                "note": user.note(),
                "copies": user.amount(1, 9),
            },
        )
        order = field(ordered.at("event"), "order")
        inner = json_text({"order": order, "stars": user.amount(1, 5)})
        yield ask(
            "POST",
            "/api/track",
            self._plain,
            headers=who,
            json={"payload": json_text({"body": inner, "basket": basket, "tries": user.amount(1, 3)})},
        )
        ref = base64url_padded("order:" + order)
        yield ask("GET", "/api/nodes", self._plain, headers=who, query={"id": ref, "first": user.amount(5, 20)})

    def _begin(self) -> Reply:
        issue = self.issue
        return Reply(json={"session": {"id": issue.token("s_", 30), "ttl": 30}, "locale": issue.word("en", "de")})

    def _catalog(self) -> Reply:
        issue = self.issue
        products = {
            ident: good | {"variants": dict(issue.shuffled(good["variants"].items()))}
            for ident, good in issue.shuffled(self._goods.items())
        }
        return Reply(json={"entities": {"products": products}, "result": issue.shuffled(self._goods), "page": 1})

    def _fill(self, variant: str) -> Reply:
        issue = self.issue
        lines = {
            issue.token("l", 12): {"kind": "good", "variant": variant, "left": issue.few(1, 9)},
            issue.token("l", 12): {"kind": "fee", "variant": None, "left": issue.few(1, 9)},
        }
        basket = {"id": issue.uuid(), "rev": issue.serial("rev"), "lines": dict(issue.shuffled(lines.items()))}
        return Reply(json={"basket": basket, "quantity": issue.few(1, 9)})

    def _change(self) -> Reply:
        return Reply(json={"rev": self.issue.serial("rev"), "quantity": self.issue.few(1, 9), "open": True})

    def _quote(self) -> Reply:
        issue = self.issue
        lines = [{"ref": issue.hex(12), "amount": issue.amount(100, 900)} for _ in range(issue.few(1, 3))]
        snapshot = json.dumps({"lines": lines, "at": issue.instant(), "zone": issue.few(1, 9)}, indent=1)
        return Reply(json={"snapshot": snapshot, "signature": issue.hex(64), "stars": issue.few(1, 5)})

    def _order(self) -> Reply:
        issue = self.issue
        event = {"kind": "order.placed", "order": issue.token("ord", 16), "copies": issue.few(1, 9)}
        return Reply(status=201, json={"event": json.dumps(event), "mail": plain(issue.few(1, 5))})

    def _plain(self) -> Reply:
        issue = self.issue
        return Reply(json={"ok": True, "zoom": issue.few(1, 5), "first": issue.few(5, 20), "tries": issue.few(1, 3)})
