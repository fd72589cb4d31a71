"""One client signs in for all: its token and the account's id are used by sessions that never asked for them."""

from __future__ import annotations

from typing import Any, ClassVar

from bench.twins.answer import Answer, Reply
from bench.twins.text import plain, text
from bench.twins.users import User
from bench.twins.world import Script, World, ask

#: Every so many visitors the house's token is renewed.
_RENEWED = 8


class Accounts(World):
    """Every client has a connection of its own, so neither connection nor token tells who is who."""

    name: ClassVar = "accounts"
    covers: ClassVar = (
        "a token and an account's id from another session, renewed on the way; a customer in each session"
    )
    connections: ClassVar = "own"

    def opening(self, user: User) -> Script:
        signed_in: Answer = yield ask(
            "POST",
            "/auth/login",
            self._sign_in,
            json={"user": "till@shop.example", "password": "correct horse", "device": user.uuid()},
        )
        self._take(signed_in)
        self.house["account"] = signed_in.at("account", "id")
        auth = ("Bearer", self.house["access"])
        yield ask("GET", "/accounts/" + self.house["account"], self._plain, auth=auth)

    def visit(self, user: User) -> Script:
        if user.number and user.number % _RENEWED == 0:
            renewed: Answer = yield ask(
                "POST", "/auth/refresh", self._sign_in, json={"refresh_token": self.house["refresh"], "scope": "all"}
            )
            self._take(renewed)
        here = "/accounts/" + self.house["account"]
        auth = ("Bearer", self.house["access"])
        person = {"email": user.email, "name": user.name, "country": user.country, "points": user.amount(1, 9)}
        made: Answer = yield ask("POST", here + "/customers", self._customer, person, auth=auth, json=person)
        customer = here + "/customers/" + made.at("id")
        yield ask("GET", customer, self._plain, auth=auth, query={"expand": "orders", "page": user.amount(1, 3)})
        order: Answer = yield ask(
            "POST",
            customer + "/orders",
            self._order,
            auth=auth,
            headers={"x-request-id": user.uuid()},
            json={
                "account": self.house["account"],
                "lines": [{"sku": text(user.pick(("mug", "lamp"))), "quantity": user.amount(1, 9)}],
                "state": user.word("draft", "open"),
            },
        )
        ident = order.at("order", "id")
        auth = ("Bearer", self.house["access"])
        yield ask("PATCH", here + "/orders/" + ident, self._plain, auth=auth, json={"priority": user.amount(1, 9)})
        yield ask(
            "POST",
            "/payments",
            self._plain,
            auth=auth,
            json={"order_id": ident, "customer_id": made.at("id"), "token": order.at("pay_token"), "capture": True},
        )
        yield ask(
            "GET",
            here + "/orders",
            self._plain,
            auth=auth,
            query={"email": user.email, "status": user.word("paid", "open")},
        )

    def _take(self, answer: Answer) -> None:
        self.house |= {"access": answer.at("access_token"), "refresh": answer.at("refresh_token")}

    def _sign_in(self) -> Reply:
        issue = self.issue
        answer = {
            "access_token": issue.token(length=48),
            "refresh_token": issue.token("r1.", 40),
            "expires_in": 900,
            "account": {"id": issue.token("acc_", 16), "plan": issue.word("basic", "pro"), "seats": issue.few(1, 9)},
        }
        return Reply(json=answer)

    def _customer(self, said: dict[str, Any]) -> Reply:
        issue = self.issue
        return Reply(status=201, json={"id": issue.uuid(), "visits": issue.few(1, 9)} | plain(said))

    def _order(self) -> Reply:
        issue = self.issue
        order = {"id": issue.token("ord_", 18), "state": issue.word("draft", "open"), "priority": issue.few(1, 9)}
        return Reply(status=201, json={"order": order, "pay_token": issue.token(length=32), "page": issue.few(1, 3)})

    def _plain(self) -> Reply:
        issue = self.issue
        status = issue.word("draft", "open", "paid")
        return Reply(json={"status": status, "points": issue.few(1, 9), "country": issue.word("US", "DE", "NL")})
