"""A booking in steps: what each step gives is wanted by the next, in another form: cents, codes, states, lists."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, ClassVar, Final

from bench.twins.answer import Answer, Reply
from bench.twins.encodings import base64, field, md5_hex, part, state, unbase64url, upper
from bench.twins.text import Text, derive, plain
from bench.twins.users import User
from bench.twins.world import Script, World, ask

_TIMES: Final = ("09:00", "10:30", "13:15", "16:45")


class Wizard(World):
    """Browsers' scripts; a proxy hands idle connections on."""

    name: ClassVar = "wizard"
    covers: ClassVar = (
        "cents of a decimal, slots by their time, state blobs, codes of six, repeated parameters, cookies"
    )
    connections: ClassVar = "kept"

    def visit(self, user: User) -> Script:
        begun: Answer = yield ask("POST", "/w/begin", self._begin, json={"party": user.amount(1, 9), "lang": "en"})
        jar = dict(begun.cookies())
        flow = begun.at("flow")
        day: Answer = yield ask(
            "GET",
            "/w/" + flow + "/slots",
            self._slots,
            cookies=jar,
            headers={"x-state": begun.at("state")},
            query={"day": user.amount(1, 28), "party": user.amount(1, 9)},
        )
        wanted = user.pick(_TIMES)
        slot = day.at("slots", {"time": wanted}, "id")
        chosen: Answer = yield ask(
            "PUT",
            "/w/" + flow + "/slot",
            self._chosen,
            cookies=jar,
            headers={"x-state": day.at("state")},
            json={"slot": {"id": slot, "time": wanted}, "guests": user.amount(1, 9)},
        )
        nonce = field(unbase64url(chosen.at("state")), "n")
        menu: Answer = yield ask(
            "GET", "/w/menu", self._menu, cookies=jar, query={"flow": flow, "nonce": nonce, "page": user.amount(1, 3)}
        )
        dishes = [menu.at("dishes", n, "id") for n in (0, 2)]
        picked: Answer = yield ask(
            "POST",
            "/w/" + flow + "/dishes",
            self._picked,
            cookies=jar,
            headers={"x-state": chosen.at("state")},
            json={"dishes": [{"id": dish, "count": user.amount(1, 9)} for dish in dishes], "note": user.note()},
        )
        yield from self._pay(user, jar, flow, picked)

    def _pay(self, user: User, jar: dict[str, Text], flow: Text, picked: Answer) -> Script:
        due = picked.at("due")
        cents = derive(lambda plain: str(int(Decimal(plain) * 100)), due, number=True)
        paid: Answer = yield ask(
            "POST",
            "/pay/charges",
            self._paid,
            auth=("Basic", base64(picked.at("publishable") + ":")),
            headers={"idempotency-key": user.uuid()},
            form={"amount": cents, "currency": "eur", "reference": "W-" + flow, "tips": user.amount(0, 5)},
        )
        jar |= paid.cookies()
        code = paid.at("code")
        done: Answer = yield ask(
            "POST",
            "/w/" + flow + "/finish",
            self._finished,
            cookies=jar,
            json={
                "charge": paid.at("charge"),
                "proof": md5_hex(paid.at("charge")),
                "code": upper(code),
                "meta": {"state": state({"flow": flow, "step": 5}), "rating": user.amount(1, 5)},
            },
        )
        ticket = part(done.header("location"), r"/tickets/([^/?]+)")
        yield ask("GET", "/tickets/" + ticket + "/qr", self._plain, cookies=jar, query={"size": user.amount(1, 9)})
        yield ask("GET", "/calendar/" + ticket + ".ics", self._plain, cookies=jar)

    def _begin(self) -> Reply:
        issue = self.issue
        answer = {"flow": issue.token(length=12), "state": self._state(), "party": issue.few(1, 9), "step": 1}
        return Reply(status=201, json=answer, cookies={"wz": issue.token(length=40)})

    def _slots(self) -> Reply:
        issue = self.issue
        slots = [{"id": issue.serial("slot", by=7), "time": time, "tables": issue.few(1, 9)} for time in _TIMES]
        return Reply(json={"slots": issue.shuffled(slots), "state": self._state(), "party": issue.few(1, 9)})

    def _chosen(self) -> Reply:
        return Reply(json={"state": self._state(), "guests": self.issue.few(1, 9), "step": 3})

    def _menu(self) -> Reply:
        issue = self.issue
        dishes = [{"id": issue.token("d", 9), "price": issue.few(5, 30)} for _ in range(issue.few(3, 5))]
        return Reply(json={"dishes": dishes, "page": issue.few(1, 3)})

    def _picked(self) -> Reply:
        issue = self.issue
        due = f"{issue.amount(20, 90)}.{issue.amount(10, 90):02d}"
        return Reply(json={"due": due, "count": issue.few(1, 9), "publishable": issue.token("pk_", 24)})

    def _paid(self) -> Reply:
        issue = self.issue
        code = issue.token(length=9, letters="abcdefghjkmnpqrstuvwxyz")
        answer: dict[str, Any] = {"charge": issue.token("ch_", 20), "code": code, "tips": issue.few(0, 5)}
        return Reply(status=201, json=answer, cookies={"wz": issue.token(length=40)})

    def _finished(self) -> Reply:
        place = f"https://{self.host}/tickets/{self.issue.uuid()}?lang=en"
        return Reply(status=201, json={"rating": self.issue.few(1, 5)}, headers=(("location", place),))

    def _state(self) -> str:
        issue = self.issue
        return str(plain(state({"n": issue.hex(16), "step": issue.few(1, 5), "h": json.dumps([issue.hex(8)])})))

    def _plain(self) -> Reply:
        return Reply(json={"ok": True, "size": self.issue.few(1, 9), "page": self.issue.few(1, 3)})
