"""Credentials and what is computed from them: Basic, claims, digests in every spelling, capitals, signed cookies."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import quote

from bench.twins.answer import Answer, Reply
from bench.twins.encodings import (
    base64,
    basic,
    claim,
    lower,
    md5_hex,
    part,
    percent,
    sha256_base64,
    sha256_base64url_padded,
    sha256_hex,
    upper,
)
from bench.twins.text import Text, derive
from bench.twins.users import User
from bench.twins.world import Script, World, ask


class Vault(World):
    """Clients of a few pooled connections."""

    name: ClassVar = "vault"
    covers: ClassVar = "Basic, claims in paths, digests in hex and base64 with padding, capitals, double submit, a-b"
    connections: ClassVar = "pool"

    def visit(self, user: User) -> Script:
        app: Answer = yield ask(
            "POST", "/apps", self._app, json={"name": user.name, "fingerprint": sha256_hex(user.uuid()), "slots": 1}
        )
        token: Answer = yield ask(
            "POST",
            "/token",
            self._token,
            auth=("Basic", basic(app.at("key"), app.at("secret"))),
            form={"grant_type": "client_credentials", "ttl": user.amount(1, 9)},
        )
        access = token.at("access_token")
        auth = ("Bearer", access)
        here = "/orgs/" + claim(access, "org") + "/users/" + claim(access, "sub")
        jar = token.cookies()
        yield ask(
            "GET",
            here,
            self._plain,
            auth=auth,
            headers={"x-token-digest": sha256_hex(access), "x-avatar": md5_hex(user.email)},
            query={"v": user.amount(1, 4)},
        )
        yield ask(
            "POST",
            here + "/keys",
            self._plain,
            auth=auth,
            headers={
                "x-xsrf-token": derive(lambda raw: raw.replace("%3D", "=").replace("%2B", "+"), jar["XSRF-TOKEN"]),
                "digest": "sha-256=" + sha256_base64(app.at("secret")),
            },
            cookies=jar,
            json={"label": user.note(), "hash": sha256_base64url_padded(app.at("key")), "copies": user.amount(1, 9)},
        )
        yield from self._redeem(user, auth, here, app, jar)

    def _redeem(self, user: User, auth: tuple[str, Text], here: Text, app: Answer, jar: dict[str, Text]) -> Script:
        sid = part(jar["sid"], r"^s%3A([^.]+)\.")
        issued: Answer = yield ask(
            "POST", here + "/vouchers", self._voucher, auth=auth, headers={"x-session": sid}, json={"count": 1}
        )
        code = issued.at("code")
        yield ask("GET", "/vouchers/" + lower(code), self._plain, auth=auth, query={"page": user.amount(1, 3)})
        yield ask(
            "POST",
            "/vouchers/redeem",
            self._plain,
            auth=auth,
            json={
                "batch": issued.at("batch") + "-" + issued.at("series"),
                "tag": upper(issued.at("tag")),
                "memo": "order-" + issued.at("series"),
                "uses": user.amount(1, 9),
            },
        )
        seal = derive(lambda key, code: f"{key}:{code}", app.at("key"), code)
        yield ask(
            "GET",
            "/open",
            self._plain,
            auth=("VaultKey", base64(code)),
            query={
                "to": f"https://{self.host}/done?voucher=" + percent(code) + "&from=mail",
                "seal": md5_hex(seal),
                "cc": user.country,
            },
        )

    def _app(self) -> Reply:
        issue = self.issue
        return Reply(status=201, json={"key": issue.token("ak_", 20), "secret": issue.token(length=40), "slots": 3})

    def _token(self) -> Reply:
        issue = self.issue
        access = issue.jwt(
            iss=f"https://{self.host}",
            sub=issue.uuid(),
            org=4000 + issue.serial("org", by=3),
            iat=issue.epoch(),
            exp=issue.epoch() + 900,
            role=issue.word("owner", "member"),
        )
        xsrf = quote(f"{issue.token(length=22)}+{issue.token(length=18)}==", safe="")
        cookies = {"XSRF-TOKEN": xsrf, "sid": quote(f"s:{issue.token(length=32)}.{issue.token(length=43)}", safe=".")}
        return Reply(json={"access_token": access, "expires_in": 900, "ttl": issue.few(1, 9)}, cookies=cookies)

    def _voucher(self) -> Reply:
        issue = self.issue
        capitals = "ABCDEFGHJKLMNPQRSTUVWXYZ"
        answer: dict[str, Any] = {
            "code": f"{issue.token(length=5, letters=capitals)}-{issue.token(length=5, letters=capitals)}",
            "batch": issue.hex(10),
            "series": 30_000 + issue.serial("series", by=11),
            "tag": issue.token(length=14, letters="abcdefghijkmnpqrstuvwxyz"),
            "uses": issue.few(1, 9),
        }
        return Reply(status=201, json=answer)

    def _plain(self) -> Reply:
        issue = self.issue
        return Reply(json={"ok": True, "v": issue.few(1, 4), "page": issue.few(1, 3), "copies": issue.few(1, 9)})
