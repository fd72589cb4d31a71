"""Values computed from answers: digests, sums, small running numbers."""

from __future__ import annotations

from typing import Any, ClassVar

from bench.twins.answer import Answer, Reply
from bench.twins.encodings import md5_hex, sha1_base64, sha256_base64url, sha256_hex, total
from bench.twins.text import Text
from bench.twins.users import User
from bench.twins.world import Script, World, ask


class Derived(World):
    """Every client has a connection of its own."""

    name: ClassVar = "derived"
    covers: ClassVar = "sha256, md5 and base64 of sha1; total = items + shipping; small and running numbers as ids"
    connections: ClassVar = "own"

    def visit(self, user: User) -> Script:
        verifier = user.nonce(43)
        # A digest, but of the client's own secret: nothing an answer could give.
        begun: Answer = yield ask(
            "POST", "/sessions", self._begin, json={"code_challenge": sha256_base64url(verifier), "method": "S256"}
        )
        token = begun.at("token")
        seal = {"x-token-hash": sha256_hex(token)}
        yield ask("POST", "/sessions/verify", self._plain, headers=seal, json={"code_verifier": verifier, "try": 1})
        basket: Answer = yield ask("POST", "/baskets", self._basket, headers=seal, json={"size": user.amount(1, 9)})
        number = basket.at("id")
        item = {"product": user.amount(1, 30), "quantity": user.amount(1, 9)}
        line: Answer = yield ask("POST", "/baskets/" + number + "/lines", self._line, headers=seal, json=item)
        yield ask(
            "PUT",
            "/baskets/" + number + "/lines/" + line.at("line", "id"),
            self._line,
            headers=seal,
            json={"quantity": user.amount(1, 9), "position": user.amount(1, 9)},
        )
        quote: Answer = yield ask(
            "GET", "/baskets/" + number + "/quote", self._quote, headers=seal, query={"zip": user.zip, "page": 1}
        )
        yield from self._pay(user, seal, number, quote, begun)

    def _pay(self, user: User, seal: dict[str, Text], number: Text, quote: Answer, begun: Answer) -> Script:
        goods, shipping = quote.at("items_total"), quote.at("shipping", "price")
        paid: Answer = yield ask(
            "POST",
            "/payments",
            self._pay_reply,
            headers=seal | {"idempotency-key": user.uuid()},
            json={
                "basket": number,
                "amount": {"goods": goods, "shipping": shipping, "total": total(goods, shipping), "tip": 0},
                "installments": user.amount(1, 9),
                "check": md5_hex(begun.at("salt")),
                "email_hash": md5_hex(user.email),
            },
        )
        payment = paid.at("payment_id")
        yield ask("GET", "/payments/" + md5_hex(payment), self._plain, headers=seal)
        yield ask(
            "GET",
            "/receipts",
            self._plain,
            headers=seal,
            query={"digest": sha1_base64(payment), "order": paid.at("order_no"), "copies": user.amount(1, 9)},
        )
        yield ask(
            "POST",
            "/ratings",
            self._plain,
            headers=seal,
            json={"order_id": paid.at("order_no"), "stars": user.amount(1, 5), "minutes": user.amount(1, 30)},
        )

    def _begin(self) -> Reply:
        issue = self.issue
        answer = {"token": issue.token(length=48), "salt": issue.hex(16), "ttl": 30, "attempt": issue.few(1, 9)}
        return Reply(status=201, json=answer)

    def _basket(self) -> Reply:
        issue = self.issue
        return Reply(status=201, json={"id": issue.serial("basket"), "size": issue.few(1, 9), "lines": []})

    def _line(self) -> Reply:
        issue = self.issue
        line = {"id": issue.serial("line"), "quantity": issue.few(1, 9), "position": issue.few(1, 9)}
        return Reply(status=201, json={"line": line, "stock": issue.few(1, 30)})

    def _quote(self) -> Reply:
        issue = self.issue
        shipping = {"price": issue.amount(300, 900), "days": issue.few(1, 9), "carrier": issue.word("post", "courier")}
        return Reply(json={"items_total": issue.amount(1000, 20_000), "shipping": shipping, "tax": issue.few(1, 30)})

    def _pay_reply(self) -> Reply:
        issue = self.issue
        answer: dict[str, Any] = {"payment_id": issue.token("pay_"), "order_no": issue.serial("order")}
        return Reply(status=201, json=answer | {"installments": issue.few(1, 9), "fee": issue.few(1, 30)})

    def _plain(self) -> Reply:
        issue = self.issue
        return Reply(
            json={"ok": True, "stars": issue.few(1, 5), "minutes": issue.few(1, 30), "copies": issue.few(1, 9)}
        )
