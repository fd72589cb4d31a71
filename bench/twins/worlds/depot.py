"""A warehouse's API: words that are ids, prices that equal quantities, versions that roll, pages behind links."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from bench.twins.answer import Answer, Reply
from bench.twins.encodings import address, part, state, total
from bench.twins.text import Text, text
from bench.twins.users import User
from bench.twins.world import Script, World, ask

_PLANS: Final = ("standard", "express", "pickup")
_KEY: Final = ("Bearer", text("dp_live_9c21e0a4b7f34d5e8a6b"))


class Depot(World):
    """Workers behind one connection."""

    name: ClassVar = "depot"
    covers: ClassVar = "words equal to ids, prices equal to quantities, rolling versions, weak tags, snowflakes, sums"
    connections: ClassVar = "one"

    def visit(self, user: User) -> Script:
        plan = user.word(*_PLANS)
        made: Answer = yield ask(
            "POST",
            "/v2/shipments",
            self._create,
            auth=_KEY,
            headers={"idempotency-key": user.uuid()},
            json={"plan": plan, "boxes": user.amount(1, 9), "at_ms": user.millis(), "country": user.country},
        )
        ident = made.at("id")
        here = "/v2/shipments/" + ident
        tag = made.header("etag")
        rates: Answer = yield ask("GET", here + "/rates", self._rates, auth=_KEY, query={"boxes": user.amount(1, 9)})
        code = user.pick(_PLANS)
        patched: Answer = yield ask(
            "PATCH",
            here,
            self._patch,
            auth=_KEY,
            headers={"if-match": tag},
            json={
                "rate": rates.at("rates", {"service": code}, "token"),
                "service": text(code),
                "seq_no": made.at("seq_no"),
                "boxes": user.amount(1, 9),
            },
        )
        parts = (rates.at("net"), rates.at("fees", "fuel"), rates.at("fees", "vat"))
        bought: Answer = yield ask(
            "POST",
            here + "/buy",
            self._patch,
            auth=_KEY,
            headers={"if-match": patched.header("etag")},
            json={
                "seq_no": patched.at("seq_no"),
                "amount": {"value": total(*parts), "currency": "EUR"},
                "lock": "v" + patched.at("version"),
                "insured": user.amount(1, 30),
            },
        )
        yield from self._follow(user, here, ident, bought)

    def _follow(self, user: User, here: Text, ident: Text, bought: Answer) -> Script:
        first: Answer = yield ask("GET", here + "/events", self._events, auth=_KEY, query={"limit": user.amount(5, 9)})
        following = part(first.header("link"), r"<([^>]+)>; rel=\"next\"")
        second: Answer = yield ask("GET", address(following), self._events, whole=True, auth=_KEY)
        last = second.at("events", -1, "id")
        third: Answer = yield ask(
            "GET",
            here + "/events",
            self._events,
            auth=_KEY,
            query={"after": state({"id": last, "dir": "next", "n": 20}), "limit": user.amount(5, 9)},
        )
        kind = user.pick(("packed", "labelled"))
        yield ask(
            "POST",
            "/v2/acks",
            self._plain,
            auth=_KEY,
            headers={"x-version": bought.at("version")},
            json={"event": third.at("events", {"kind": kind}, "id"), "ref": ident + ":" + last, "tries": 1},
        )
        yield ask(
            "GET",
            "/v2/labels",
            self._plain,
            auth=_KEY,
            query={
                "shipment": "SHP-" + ident,
                "slot": bought.at("slots", -1, "slot"),
                "format": user.word("pdf", "zpl"),
                "copies": user.amount(1, 9),
            },
        )

    def _create(self) -> Reply:
        issue = self.issue
        answer = {
            # Looks like an instant in ms, and is none.
            "id": 1_795_338_100_000 + 977 * issue.serial("shipment"),
            "plan": issue.word(*_PLANS),
            "created_ms": 1000 * issue.epoch(),
            "boxes": issue.few(1, 9),
            "seq_no": issue.serial("seq"),
            "country": issue.word("US", "DE", "FR"),
        }
        return Reply(status=201, json=answer, headers=(("etag", f'W/"{issue.hex(16)}"'),))

    def _rates(self) -> Reply:
        issue = self.issue
        rates = [
            {"service": plan, "token": issue.token("rt_", 20), "price": issue.few(1, 9), "days": issue.few(1, 9)}
            for plan in _PLANS
        ]
        answer = {
            "rates": issue.shuffled(rates),
            "cheapest": issue.word(*_PLANS),
            "net": issue.amount(1000, 9000),
            "fees": {"fuel": issue.amount(100, 900), "vat": issue.amount(100, 900), "toll": issue.few(1, 9)},
        }
        return Reply(json=answer)

    def _patch(self) -> Reply:
        issue = self.issue
        slots: list[dict[str, Any]] = [
            {"slot": issue.token("sl", 10), "door": issue.few(1, 9)} for _ in range(issue.few(2, 4))
        ]
        answer = {
            "seq_no": issue.serial("seq"),
            "version": 100 + issue.serial("version"),
            "boxes": issue.few(1, 9),
            "slots": slots,
        }
        return Reply(json=answer, headers=(("etag", f'W/"{issue.hex(16)}"'),))

    def _events(self) -> Reply:
        issue = self.issue
        events = [
            {"id": issue.uuid(), "kind": kind, "at_ms": 1000 * issue.epoch() - issue.few(1, 900)}
            for kind in issue.shuffled(("packed", "labelled", "left"))
        ]
        pages = [
            f'<https://{self.host}/v2/events?cursor={issue.token("c", 20)}&limit={issue.few(5, 9)}>; rel="{rel}"'
            for rel in ("first", "next", "last")
        ]
        return Reply(json={"events": events}, headers=(("link", ", ".join(issue.shuffled(pages))),))

    def _plain(self) -> Reply:
        issue = self.issue
        return Reply(json={"ok": True, "format": issue.word("pdf", "zpl"), "copies": issue.few(1, 9)})
