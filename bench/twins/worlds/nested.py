"""Values inside values: JSON in strings, base64 of JSON, claims of tokens, addresses in addresses, credentials."""

from __future__ import annotations

import json
from typing import ClassVar

from bench.twins.answer import Answer, Reply
from bench.twins.encodings import basic, claim, field, percent, state, unbase64url
from bench.twins.text import Origin, Text, json_text, made, plain
from bench.twins.users import User
from bench.twins.world import Script, World, ask


class Nested(World):
    """A single-page app before an identity provider; idle connections are handed on."""

    name: ClassVar = "nested"
    covers: ClassVar = "JSON in strings, base64 JSON, JWT claims, URLs in queries, Basic of id:secret, cookies of JSON"
    connections: ClassVar = "kept"

    def visit(self, user: User) -> Script:
        client: Answer = yield ask("POST", "/clients", self._register, json={"name": user.name, "port": 443})
        token: Answer = yield ask(
            "POST",
            "/oauth/token",
            self._token,
            auth=("Basic", basic(client.at("client_id"), client.at("client_secret"))),
            form={"grant_type": "client_credentials", "scope": user.word("read", "write"), "ttl": user.amount(1, 9)},
        )
        access = token.at("access_token")
        auth = ("Bearer", access)
        profile: Answer = yield ask(
            "GET", "/users/" + claim(access, "sub") + "/profile", self._profile, auth=auth, query={"fields": "all"}
        )
        tenant = {"x-tenant": claim(access, "tenant")}
        cart = field(profile.at("prefs"), "cart", "id")
        yield ask("GET", "/carts/" + cart, self._plain, auth=auth, headers=tenant)
        first: Answer = yield ask("GET", "/carts/" + cart + "/lines", self._lines, auth=auth, query={"page": 1})
        after = first.at("paging", "after")
        yield ask(
            "GET",
            "/carts/" + cart + "/lines",
            self._lines,
            auth=auth,
            query={"cursor": after, "page": user.amount(2, 4)},
        )
        # The cursor is read, not only handed back.
        seen = field(unbase64url(after), "line")
        yield ask("DELETE", "/lines/" + seen, self._plain, auth=auth, headers=tenant)
        yield from self._pay(user, auth, cart)

    def _pay(self, user: User, auth: tuple[str, Text], cart: Text) -> Script:
        home = f"https://{self.host}/carts/"
        begun: Answer = yield ask(
            "POST",
            "/payments",
            self._begin,
            auth=auth,
            headers={"idempotency-key": user.uuid()},
            json={
                "payload": json_text({"cart": cart, "quantity": user.amount(1, 9), "note": user.note(), "gift": None}),
                "return_url": home + cart + "/done?from=card",
                "email": user.email,
            },
        )
        yield ask(
            "GET",
            "/authorize",
            self._plain,
            query={
                "state": state({"cart": cart, "step": "pay", "n": 2}),
                "redirect_uri": home + cart + "?next=" + percent("/carts/" + cart + "/thanks"),
                "response_type": "code",
                "prompt": user.word("login", "none"),
            },
        )
        device = made(json.dumps({"theme": "dark", "depth": plain(user.amount(1, 9))}), Origin.USER)
        yield ask(
            "GET",
            "/payments/" + field(begun.at("event"), "data", "object", "id"),
            self._plain,
            auth=auth,
            cookies={
                "checkout": percent(json_text({"cart": cart, "attempt": 1})),
                "device": percent(device),
                "sess": begun.at("session"),
            },
        )
        yield ask(
            "POST",
            "/events",
            self._plain,
            headers={"x-session": begun.at("session"), "x-sid": claim(begun.at("session"), "sid")},
            json=[
                {
                    "at": user.millis(),
                    "kind": "paid",
                    "data": json_text({"order": field(begun.at("event"), "data", "order"), "page": 1, "items": [cart]}),
                }
            ],
        )

    def _register(self) -> Reply:
        issue = self.issue
        answer = {"client_id": issue.hex(20), "client_secret": issue.token(length=40), "port": issue.few(1, 9)}
        return Reply(status=201, json=answer)

    def _token(self) -> Reply:
        issue = self.issue
        access = issue.jwt(
            iss=f"https://{self.host}",
            sub=issue.uuid(),
            tenant=issue.token("t_", 12),
            iat=issue.epoch(),
            exp=issue.epoch() + 3600,
            scope=issue.word("read", "write"),
        )
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": 3600, "refresh_token": None}
        return Reply(json=answer)

    def _profile(self) -> Reply:
        issue = self.issue
        prefs = {"theme": issue.word("dark", "light"), "cart": {"id": issue.token("crt", 18), "n": issue.few(1, 9)}}
        return Reply(json={"prefs": json.dumps(prefs), "locale": issue.word("en", "de"), "logins": issue.few(1, 9)})

    def _lines(self) -> Reply:
        issue = self.issue
        lines = [{"id": issue.hex(16), "quantity": issue.few(1, 9)} for _ in range(3)]
        cursor = plain(state({"line": issue.hex(16), "dir": "next", "size": issue.few(2, 20)}))
        return Reply(json={"lines": lines, "paging": {"after": cursor, "page": issue.few(1, 4), "before": None}})

    def _begin(self) -> Reply:
        issue = self.issue
        event = {
            "type": "payment.created",
            "data": {"object": {"id": issue.token("pay_", 20)}, "order": issue.uuid(), "attempt": issue.few(1, 3)},
        }
        session = issue.jwt(sid=issue.hex(24), iat=issue.epoch(), attempt=issue.few(1, 9))
        return Reply(status=201, json={"event": json.dumps(event), "session": session, "quantity": issue.few(1, 9)})

    def _plain(self) -> Reply:
        issue = self.issue
        return Reply(json={"ok": True, "page": issue.few(1, 4), "prompt": issue.word("login", "none")})
