"""A back office: headers handed back, created things found at Location, pages by cursor, dates, versions, events."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from bench.twins.answer import Answer, Reply
from bench.twins.encodings import address
from bench.twins.text import Text, text
from bench.twins.users import User
from bench.twins.world import Script, World, ask

_BUYERS: Final = ("Fern Ltd", "Gull & Sons", "Heath AB", "Isle GmbH", "Jetty BV")
_KEY: Final = ("Token", text("bo_5f1c9a7712ce4f0e9d3b"))


class BackOffice(World):
    """Clerks on a few shared connections."""

    name: ClassVar = "backoffice"
    covers: ClassVar = "id -> header, 201 Location, next-page URLs, instants, optimistic versions, events by type"
    connections: ClassVar = "kept"

    def visit(self, user: User) -> Script:
        first: Answer = yield ask(
            "GET",
            "/admin/orders",
            self._orders,
            _BUYERS[:2],
            auth=_KEY,
            query={"status": user.word("pending", "paid", "held"), "limit": 20, "page": user.amount(1, 4)},
        )
        context = {"x-context-id": first.header("x-context-id")}
        second: Answer = yield ask(
            "GET", address(first.at("next")), self._orders, _BUYERS[2:], whole=True, auth=_KEY, headers=context
        )
        order = second.at("data", {"buyer": user.pick(_BUYERS[2:])}, "id")
        here = "/admin/orders/" + order
        read: Answer = yield ask("GET", here, self._order, auth=_KEY, headers=context)
        changed: Answer = yield ask(
            "PUT",
            here,
            self._order,
            auth=_KEY,
            headers=context,
            json={
                "status": "approved",
                "lock": {"version": read.at("version")},
                "note": user.note(),
                "copies": user.amount(1, 9),
                "assignee": None,
            },
        )
        shipped: Answer = yield ask(
            "POST",
            here + "/shipments",
            self._ship,
            auth=_KEY,
            headers=context | {"idempotency-key": user.uuid()},
            json={
                "order_version": changed.at("version"),
                "carrier": user.word("post", "courier"),
                "parcels": user.amount(1, 9),
                "sent_at": user.seconds(),
            },
        )
        yield ask("GET", address(shipped.header("location")), self._plain, whole=True, auth=_KEY, headers=context)
        yield from self._events(user, first, context)

    def _events(self, user: User, first: Answer, context: dict[str, Text]) -> Script:
        events: Answer = yield ask(
            "GET",
            "/admin/events",
            self._listed,
            auth=_KEY,
            query={"since": first.at("as_of"), "types": "order,shipment", "limit": user.amount(5, 9)},
        )
        kind = user.pick(("order.updated", "shipment.created"))
        yield ask(
            "POST",
            "/admin/events/" + events.at("events", {"type": kind}, "id") + "/ack",
            self._plain,
            auth=_KEY,
            headers=context,
            json={"delivery": events.at("events", {"type": kind}, "delivery", "key"), "ok": True, "tries": 1},
        )
        more = {"after": events.at("cursor"), "limit": user.amount(5, 9)}
        yield ask("GET", "/admin/events", self._listed, auth=_KEY, query=more)
        # Days the clerk typed: on the day of the recording they equal what answers say.
        days = {"from": "2026-11-01", "to": "2026-11-22", "country": user.country, "page": user.amount(1, 4)}
        report: Answer = yield ask("POST", "/admin/reports", self._report, auth=_KEY, json=days)
        user.pause = 400
        while True:
            got: Answer = yield ask(
                "GET", "/admin/reports/" + report.at("report"), self._ready, auth=_KEY, poll="report"
            )
            if got.word("state") == "ready":
                break
            user.pause = 400
        files = "/admin/files/" + got.at("file", "id")
        yield ask("GET", files, self._plain, auth=_KEY, query={"sig": got.at("file", "signature"), "dl": 1})

    def _orders(self, buyers: tuple[str, ...]) -> Reply:
        issue = self.issue
        data = [
            {
                "id": 7000 + issue.serial("order", by=7),
                "buyer": buyer,
                "status": issue.word("pending", "paid", "held"),
                "parcels": issue.few(1, 9),
                "day": issue.day(),
                "updated_at": issue.instant(-3600),
            }
            for buyer in buyers
        ]
        following = f"https://{self.host}/admin/orders?status=any&limit=20&cursor={issue.token('o_', 24)}"
        return Reply(
            json={"data": issue.shuffled(data), "next": following, "as_of": issue.instant(), "page": issue.few(1, 4)},
            headers=(("x-context-id", issue.token("ctx-", 20)),),
        )

    def _order(self) -> Reply:
        issue = self.issue
        answer = {"version": issue.amount(1, 30), "copies": issue.few(1, 9), "day": issue.day(), "note": None}
        # In the recording the clerks' clocks agree with this one to the second.
        answer["now"] = issue.epoch()
        return Reply(json=answer | {"total": f"{issue.few(5, 90)}.00", "country": issue.word("US", "DE", "SE")})

    def _ship(self) -> Reply:
        return Reply(status=201, headers=(("location", f"/admin/shipments/{self.issue.token('shp_', 18)}"),))

    def _listed(self) -> Reply:
        issue = self.issue
        events = [
            {
                "id": f"evt_{issue.token(length=16)}",
                "type": kind,
                "at": issue.instant(),
                "delivery": {"key": issue.hex(24), "tries": issue.few(1, 3)},
            }
            for kind in ("order.updated", "shipment.created", "invoice.paid")
        ]
        return Reply(json={"events": issue.shuffled(events), "cursor": issue.token("e_", 22), "limit": issue.few(5, 9)})

    def _report(self) -> Reply:
        issue = self.issue
        self._left = issue.few(1, 4)
        answer = {"report": issue.uuid(), "day": issue.day(), "from": issue.day(-86_400), "page": issue.few(1, 4)}
        return Reply(status=202, json=answer)

    def _ready(self) -> Reply:
        issue = self.issue
        self._left -= 1
        if self._left > 0:
            return Reply(json={"state": "running", "percent": issue.few(1, 90), "file": None})
        file: dict[str, Any] = {"id": issue.token("f_", 18), "signature": issue.hex(40), "pages": issue.few(1, 9)}
        return Reply(json={"state": "ready", "percent": 100, "file": file})

    def _plain(self) -> Reply:
        issue = self.issue
        answer = {
            "ok": True,
            "page": issue.few(1, 4),
            "limit": issue.few(5, 9),
            "carrier": issue.word("post", "courier"),
        }
        return Reply(json=answer)
