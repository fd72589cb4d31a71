"""One address for all procedures: numbered calls, answers in lists, handles handed on, codes of six."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, ClassVar, Final

from bench.twins.answer import Answer, Reply
from bench.twins.text import Text, json_text
from bench.twins.users import User
from bench.twins.world import Ask, Script, World, ask

_ROOMS: Final = ("single", "double", "suite")


class Rpc(World):
    """A client library with a pool of connections; the calls' own numbers run from 1 in every client."""

    name: ClassVar = "rpc"
    covers: ClassVar = (
        "JSON-RPC: positional parameters, numbered calls, batches answered in any order, context passed on"
    )
    connections: ClassVar = "pool"

    def visit(self, user: User) -> Script:
        calls = count(1)

        def call(method: str, reply: Any, **params: Any) -> Ask:
            number = next(calls)
            body = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            return ask("POST", "/rpc", reply, number, json=body)

        opened: Answer = yield call(
            "session.open", self._open, channel=user.word("web", "app"), seats=user.amount(1, 6)
        )
        session = opened.at("result", "session")
        wish = {"nights": user.amount(1, 9), "adults": user.amount(1, 4)}
        found: Answer = yield call("rooms.search", self._rooms, session=session, wish=wish)
        offer = found.at("result", {"kind": user.pick(_ROOMS)}, "offers", 0, "handle")
        held: Answer = yield call("offers.hold", self._hold, session=session, offer=offer, beds=user.amount(1, 4))
        hold = held.at("result", 1)
        first, second = next(calls), next(calls)
        guest_of = {"hold": hold, "name": user.name, "age": user.amount(18, 80)}
        batch = [
            {"jsonrpc": "2.0", "id": first, "method": "guests.add", "params": guest_of},
            {"jsonrpc": "2.0", "id": second, "method": "extras.add", "params": {"kind": user.word("park", "spa")}},
        ]
        context = {"x-context": held.at("context")}
        added: Answer = yield ask("POST", "/rpc/batch", self._batch, second, headers=context, json=batch)
        guest = added.at({"method": "guests.add"}, "result", "id")
        priced: Answer = yield call("holds.price", self._price, session=session, hold=hold, guests=[guest])
        yield from self._pay(user, call, session, hold, priced)

    def _pay(self, user: User, call: Callable[..., Ask], session: Text, hold: Text, priced: Answer) -> Script:
        quote = {"quote": priced.at("result", "quote", "id"), "amount": priced.at("result", "quote", "total")}
        parts = user.amount(1, 6)
        paid: Answer = yield call("holds.pay", self._paid, session=session, hold=hold, pay=quote, parts=parts)
        code = paid.at("result", "code")
        yield ask("GET", "/bookings/" + code, self._plain, query={"zip": user.zip, "v": 3})
        letter = json_text({"booking": code, "lang": user.word("en", "de")})
        yield call("mail.send", self._done, session=session, letter=letter)
        yield call("notes.add", self._done, about="booking/" + code, note=user.note(), stars=user.amount(1, 5))

    def _result(self, number: int, result: Any, **more: Any) -> Reply:
        return Reply(json={"jsonrpc": "2.0", "id": number, "result": result, "error": None} | more)

    def _open(self, number: int) -> Reply:
        return self._result(number, {"session": self.issue.token(length=28), "limit": self.issue.few(1, 9)})

    def _rooms(self, number: int) -> Reply:
        issue = self.issue
        rooms = [
            {
                "kind": kind,
                "left": issue.few(1, 9),
                "offers": [{"handle": issue.token(length=16), "nights": issue.few(1, 9)} for _ in range(2)],
            }
            for kind in _ROOMS
        ]
        return self._result(number, issue.shuffled(rooms))

    def _hold(self, number: int) -> Reply:
        issue = self.issue
        return self._result(number, ["held", issue.serial("hold", by=3), issue.few(1, 30)], context=issue.hex(24))

    def _batch(self, number: int) -> Reply:
        issue = self.issue
        results = [
            {
                "id": number - 1,
                "method": "guests.add",
                "result": {"id": issue.serial("guest"), "seat": issue.few(1, 9)},
            },
            {"id": number, "method": "extras.add", "result": {"id": issue.serial("extra"), "seat": issue.few(1, 9)}},
        ]
        # A list at the top, so nothing else is said.
        return Reply(json=issue.shuffled(results))

    def _price(self, number: int) -> Reply:
        issue = self.issue
        quote = {"id": issue.uuid(), "total": issue.amount(10_000, 90_000), "nights": issue.few(1, 9)}
        return self._result(number, {"quote": quote, "tax": issue.few(1, 90)})

    def _paid(self, number: int) -> Reply:
        issue = self.issue
        code = issue.token(length=6, letters="ABCDEFGHJKLMNPQRSTUVWXYZ")
        return self._result(number, {"code": code, "installments": issue.few(1, 6)})

    def _done(self, number: int) -> Reply:
        return self._result(number, {"queued": self.issue.few(1, 9)})

    def _plain(self) -> Reply:
        return Reply(json={"ok": True, "v": self.issue.few(1, 5), "nights": self.issue.few(1, 9)})
