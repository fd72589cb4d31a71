"""Values put together and taken apart: prefixes, halves, tags, proofs, file names."""

from __future__ import annotations

from typing import Any, ClassVar

from bench.twins.answer import Answer, Reply
from bench.twins.encodings import part
from bench.twins.text import Text
from bench.twins.users import User
from bench.twins.world import Script, World, ask


class Composite(World):
    """A payments API that one pool of connections serves."""

    name: ClassVar = "composite"
    covers: ClassVar = "order-<id>, cs_<a>_secret_<b> cut short, ETag -> If-Match, t=..,n=.., gid://../<id>, Link parts"
    connections: ClassVar = "pool"

    def visit(self, user: User) -> Script:
        made: Answer = yield ask(
            "POST",
            "/v1/payment_intents",
            self._intent,
            headers={"idempotency-key": user.uuid(), "x-api-key": "pk_live_51HqQ2c8ZzTj0Wm"},
            form={"amount": user.amount(5, 90), "currency": user.word("usd", "eur"), "automatic": "true"},
        )
        secret = made.at("client_secret")
        intent = part(secret, r"^(pi_[^_]+)_secret_")
        yield ask(
            "GET",
            "/v1/payment_intents/" + intent,
            self._read,
            query={"client_secret": secret, "key": "pk_live_51HqQ2c8ZzTj0Wm"},
        )
        yield ask(
            "POST",
            "/v1/payment_intents/" + intent + "/confirm",
            self._read,
            headers={"x-proof": "t=" + made.at("issued_at") + ",n=" + made.at("nonce")},
            form={"client_secret": secret, "return_url": "https://shop.example/thanks", "quantity": user.amount(1, 9)},
        )
        yield from self._basket(user)

    def _basket(self, user: User) -> Script:
        basket: Answer = yield ask("POST", "/baskets", self._new_basket, json={"locale": user.word("en", "de")})
        number = part(basket.at("gid"), r"/(\d+)$")
        tag = basket.header("etag")
        yield ask("PUT", "/baskets/" + number, self._tagged, headers={"if-match": tag}, json=self._wish(user))
        read: Answer = yield ask("GET", "/baskets/" + number, self._tagged, headers={"if-none-match": tag})
        yield ask(
            "PATCH",
            "/baskets/" + number,
            self._tagged,
            headers={"if-match": read.header("etag")},
            json=self._wish(user),
        )
        ordered: Answer = yield ask(
            "POST",
            "/baskets/" + number + "/order",
            self._order,
            json={"email": user.email, "rating": user.amount(1, 5)},
        )
        order = ordered.at("id")
        yield ask("GET", "/track/order-" + order, self._read)
        yield ask("GET", "/files/invoice_" + order + "_" + ordered.at("year") + ".pdf", self._read)
        store = ordered.at("store")
        yield ask(
            "POST",
            "/notify",
            self._read,
            json={
                "topic": "orders/" + order + "/paid",
                "key": store + ":" + ordered.at("ref"),
                "subject": "Order " + ordered.at("ref") + " for " + user.first_name,
                "retries": user.amount(1, 5),
            },
        )
        more = part(ordered.header("link"), r"<[^>]*[?&]cursor=([^>&]+)[^>]*>; rel=\"next\"")
        yield ask("GET", "/orders", self._read, query={"cursor": more, "limit": user.amount(1, 9)})
        cart = part(ordered.cookies()["cart"], r"^([^.]+)\.")
        yield ask("DELETE", "/carts/" + cart, self._read, cookies={"cart": ordered.cookies()["cart"]})

    def _wish(self, user: User) -> dict[str, Text]:
        return {"quantity": user.amount(1, 9), "note": user.note()}

    def _intent(self) -> Reply:
        issue = self.issue
        answer = {
            "client_secret": f"pi_{issue.token()}_secret_{issue.token(length=25)}",
            "status": "requires_confirmation",
            "issued_at": issue.epoch(),
            "nonce": issue.hex(24),
            "amount": issue.few(5, 90),
            "next_action": None,
            "livemode": False,
        }
        return Reply(json=answer)

    def _read(self) -> Reply:
        issue = self.issue
        answer = {"status": issue.word("processing", "succeeded"), "quantity": issue.few(1, 9), "at": issue.instant()}
        return Reply(json=answer)

    def _new_basket(self) -> Reply:
        answer = {"gid": f"gid://reprise/Basket/{81_000_000 + self.issue.serial('basket', by=17)}", "lines": []}
        return Reply(status=201, json=answer, headers=(("etag", f'"{self.issue.hex(20)}"'),))

    def _tagged(self) -> Reply:
        answer = {"quantity": self.issue.few(1, 9), "locale": self.issue.word("en", "de")}
        return Reply(json=answer, headers=(("etag", f'W/"{self.issue.hex(20)}"'),))

    def _order(self) -> Reply:
        issue = self.issue
        number = 400_000 + issue.serial("order", by=13)
        answer: dict[str, Any] = {
            "id": number,
            "ref": f"R{issue.token(length=9, letters='ABCDEFGHJKLMNPQRSTUVWXYZ')}",
            "year": 2000 + issue.amount(20, 40),
            "store": issue.hex(12),
            "rating": issue.few(1, 5),
        }
        pages = ", ".join(
            f'</orders?limit=5&cursor={issue.token("c_", 16)}>; rel="{rel}"' for rel in issue.shuffled(["next", "last"])
        )
        return Reply(status=201, json=answer, headers=(("link", pages),), cookies={"cart": self._signed()})

    def _signed(self) -> str:
        return f"{self.issue.token('b_', 16)}.{self.issue.token(length=27)}"
