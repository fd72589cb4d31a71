"""An old shop in pages: tokens in meta tags and per step, options by their words, data attributes, uploads, state."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Final

from bench.twins.answer import Answer, Reply
from bench.twins.encodings import address, percent
from bench.twins.text import Text, text
from bench.twins.users import User
from bench.twins.world import Script, World, ask

_GOODS: Final = ("Brass lamp", "Silk rug", "Clay jug", "Teak stool")
_CITIES: Final = ("Berlin", "Lyon", "Malmo", "Utrecht")
_SPEEDS: Final = ("By letter", "By parcel", "By courier")
_META: Final = r'<meta name="csrf-token" content="([^"]+)"'
_STEP: Final = r'name="_step" value="([^"]+)"'


class Bazaar(World):
    """Browsers, each with connections of its own."""

    name: ClassVar = "bazaar"
    covers: ClassVar = "meta CSRF -> header, a nonce a step, options and rows by words, data attributes, multipart"
    connections: ClassVar = "own"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._ids = {name: 300 + self.issue.serial("item", by=2) for name in _GOODS}
        self._cities = {name: self.issue.serial("city") for name in _CITIES}
        self._speeds = {name: self.issue.hex(8) for name in _SPEEDS}

    def visit(self, user: User) -> Script:
        jar: dict[str, Text] = {"theme": user.word("dark", "light")}
        front: Answer = yield ask("GET", "/bazaar", self._front, cookies=jar, query={"page": user.amount(1, 4)})
        jar |= front.cookies()
        good = user.pick(_GOODS)
        item = front.found(rf'data-item="(\d+)"[^>]*>\s*<h2>{good}<', "li.data-item")
        seller = front.found(rf'data-seller="(\w+)"[^>]*>\s*<h2>{good}<', "li.data-seller")
        script = {"x-csrf-token": front.found(_META, "meta.csrf-token"), "x-requested-with": "XMLHttpRequest"}
        added: Answer = yield ask(
            "POST",
            "/cart/add.js",
            self._add,
            cookies=jar,
            headers=script,
            json={"id": item, "seller": seller, "quantity": user.amount(1, 9), "properties": {"gift": 0}},
        )
        key = added.at("key")
        yield ask(
            "POST",
            "/cart/change.js",
            self._change,
            cookies=jar,
            headers=script,
            form={"id": key, "quantity": user.amount(1, 9), "line": 1},
        )
        cart: Answer = yield ask("GET", "/cart", self._cart, cookies=jar)
        begun: Answer = yield ask(
            "POST",
            "/cart",
            self._begin,
            cookies=jar,
            form={
                "_csrf": cart.found(_META, "meta.csrf-token"),
                "updates[]": user.amount(1, 9),
                "token": cart.found(r'"cart":\{"token":"([^"]+)"', "script.$.cart.token"),
                "checkout": "Check out",
            },
        )
        yield from self._checkout(user, jar, begun)

    def _checkout(self, user: User, jar: dict[str, Text], begun: Answer) -> Script:
        here = address(begun.header("location"))
        form: Answer = yield ask("GET", here, self._where, whole=True, cookies=jar)
        city = user.pick(_CITIES)
        sent: Answer = yield ask(
            "POST",
            here,
            self._step,
            whole=True,
            cookies=jar,
            form={
                "_step": form.found(_STEP, "input._step"),
                "name": user.name,
                "street": user.street,
                "city": form.found(rf'<option value="(\d+)">{city}<', "select.city"),
                "floor": user.amount(1, 9),
            },
        )
        speed: Answer = yield ask("GET", address(sent.header("location")), self._how, whole=True, cookies=jar)
        chosen = user.pick(_SPEEDS)
        done: Answer = yield ask(
            "POST",
            speed.found(r'<form id="how" action="([^"]+)"', "form.action"),
            self._placed,
            whole=True,
            cookies=jar,
            form={
                "_step": speed.found(_STEP, "input._step"),
                "speed": speed.found(rf'value="(\w+)"><label>{chosen}<', "input.speed"),
                "parcels": user.amount(1, 5),
            },
        )
        thanks: Answer = yield ask("GET", done.header("location"), self._thanks, whole=True, cookies=jar)
        order = thanks.found(r'data-order="([^"]+)"', "body.data-order")
        yield ask(
            "POST",
            "/uploads",
            self._change,
            cookies=jar,
            headers={"x-csrf-token": thanks.found(_META, "meta.csrf-token")},
            parts={"order": order, "comment": user.note(), "pages": user.amount(1, 9)},
        )
        back = "/orders/" + order
        login: Answer = yield ask("GET", "/login", self._front, cookies=jar, query={"return_to": back, "v": 2})
        jar |= login.cookies()
        yield ask(
            "GET",
            "/share",
            self._change,
            cookies=jar,
            query={"u": f"https://{self.host}/orders/" + percent(order) + "?utm_source=mail", "n": text(1)},
        )

    def _front(self) -> Reply:
        issue = self.issue
        rows = "\n".join(
            f'<li class="good" data-item="{ident}" data-seller="{issue.hex(10)}" data-rank="{issue.few(1, 9)}">\n'
            f"<h2>{name}</h2><i>{issue.few(10, 90)}.50</i></li>"
            for name, ident in issue.shuffled(self._ids.items())
        )
        return self._page("Bazaar", f"<ul>{rows}</ul>", {"bz_sess": issue.token(length=40)})

    def _add(self) -> Reply:
        issue = self.issue
        answer = {"key": f"{issue.serial('variant', by=5)}:{issue.hex(32)}", "quantity": issue.few(1, 9)}
        return Reply(json=answer | {"item_count": issue.few(1, 9)})

    def _change(self) -> Reply:
        issue = self.issue
        return Reply(json={"item_count": issue.few(1, 9), "total": issue.amount(100, 900), "pages": issue.few(1, 9)})

    def _cart(self) -> Reply:
        issue = self.issue
        state = {"cart": {"token": issue.token(length=32), "count": issue.few(1, 9)}, "shop": {"id": issue.few(1, 9)}}
        return self._page("Cart", f'<script id="state" type="application/json">{_compact(state)}</script>')

    def _begin(self) -> Reply:
        place = f"/checkouts/{self.issue.token(length=24)}?step=where"
        return Reply(status=303, headers=(("location", place),))

    def _where(self) -> Reply:
        options = "".join(
            f'<option value="{ident}">{name}</option>' for name, ident in self.issue.shuffled(self._cities.items())
        )
        return self._page("Where", f'<form method="post">{self._nonce()}<select name="city">{options}</select></form>')

    def _step(self) -> Reply:
        place = f"https://{self.host}/checkouts/{self.issue.token(length=24)}/how?attempt={self.issue.few(1, 9)}"
        return Reply(status=303, headers=(("location", place),))

    def _how(self) -> Reply:
        radios = "\n".join(
            f'<input type="radio" name="speed" value="{ident}"><label>{name}</label> {self.issue.few(1, 9)} days'
            for name, ident in self.issue.shuffled(self._speeds.items())
        )
        place = f"/checkouts/{self.issue.token(length=24)}/place"
        return self._page("How", f'<form id="how" action="{place}" method="post">{self._nonce()}{radios}</form>')

    def _placed(self) -> Reply:
        place = f"/thanks/{self.issue.hex(20)}?order={self.issue.serial('order', by=3)}"
        return Reply(status=302, headers=(("location", place),))

    def _thanks(self) -> Reply:
        order = f"BZ-{self.issue.token(length=8, letters='ABCDEFGHJKLM')}"
        return self._page("Thanks", f'<div data-order="{order}" data-pages="{self.issue.few(1, 9)}">Thank you</div>')

    def _nonce(self) -> str:
        return f'<input type="hidden" name="_step" value="{self.issue.hex(32)}">'

    def _page(self, title: str, body: str, cookies: dict[str, str] | None = None) -> Reply:
        head = f'<meta name="csrf-token" content="{self.issue.token(length=43)}"><meta name="page-id" content="7">'
        tail = f'<footer data-build="{self.issue.few(100, 999)}">{self.issue.instant()}</footer>'
        html = f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}{tail}</body></html>"
        return Reply(html=html, cookies=cookies)


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
