"""An old shop behind one script: everything is `?route=`, buttons call functions, and a header says where to go."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from bench.twins.answer import Answer, Reply
from bench.twins.encodings import address, part
from bench.twins.text import Text
from bench.twins.users import User
from bench.twins.world import Script, World, ask

_GOODS: Final = ("Kettle", "Toaster", "Blender", "Mixer", "Grill")
_ZONES: Final = ("North", "South", "East")


class Legacy(World):
    """Browsers, and a cache before the shop that keeps the connections."""

    name: ClassVar = "legacy"
    covers: ClassVar = "?route=, ids in onclick, texts sent back, a refresh header, options by words, a token a form"
    connections: ClassVar = "own"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._ids = {name: self.issue.serial("product") for name in _GOODS}
        self._zones = {name: 3000 + self.issue.serial("zone") for name in _ZONES}

    def visit(self, user: User) -> Script:
        jar: dict[str, Text] = {"currency": user.word("EUR", "USD")}
        home: Answer = yield ask("GET", "/index.php", self._home, cookies=jar, query={"route": "home", "page": 1})
        jar |= home.cookies()
        name = user.pick(_GOODS)
        item = home.found(rf'product_id=(\d+)">{name}<', "a.href")
        shown: Answer = yield ask(
            "GET", "/index.php", self._shown, name, cookies=jar, query={"route": "product", "product_id": item}
        )
        added: Answer = yield ask(
            "POST",
            "/index.php?route=cart/add",
            self._added,
            whole=True,
            cookies=jar,
            form={
                "product_id": shown.found(r'name="product_id" value="(\d+)"', "input.product_id"),
                "quantity": user.amount(1, 9),
                "key": shown.found(r"addToCart\('([0-9a-f]+)'", "onclick"),
            },
        )
        cart: Answer = yield ask("GET", "/index.php", self._cart, cookies=jar, query={"route": "cart"})
        row = cart.found(r'name="quantity\[(\d+)\]"', "input.quantity[]")
        yield ask(
            "GET",
            "/index.php",
            self._added,
            cookies=jar,
            query={"route": "cart/remove", "key": row, "total": added.at("total"), "v": user.amount(1, 9)},
        )
        yield from self._checkout(user, jar, cart)

    def _checkout(self, user: User, jar: dict[str, Text], cart: Answer) -> Script:
        here = address(cart.found(r'<a class="pay" href="([^"]+)"', "a.href"))
        form: Answer = yield ask("GET", here, self._form, whole=True, cookies=jar)
        zone = user.pick(_ZONES)
        sent: Answer = yield ask(
            "POST",
            "/index.php?route=checkout/save",
            self._saved,
            whole=True,
            cookies=jar,
            form={
                "token": form.found(r'name="token" value="([^"]+)"', "input.token"),
                "firstname": user.first_name,
                "postcode": user.zip,
                "zone_id": form.found(rf'<option value="(\d+)">{zone}', "select.zone_id"),
                "agree": user.amount(1, 1),
            },
        )
        going = part(sent.header("refresh"), r"url=(\S+)")
        done: Answer = yield ask("GET", address(going), self._done, whole=True, cookies=jar)
        number = done.found(r"Your order number is: #(\d+)", "p")
        yield ask(
            "POST",
            "/index.php?route=order/track",
            self._form,
            whole=True,
            cookies=jar,
            form={"order": number, "email": user.email, "days": user.amount(1, 9)},
        )

    def _home(self) -> Reply:
        issue = self.issue
        links = "\n".join(
            f'<div><a href="/index.php?route=product&product_id={ident}">{name}</a> {issue.few(1, 90)}</div>'
            for name, ident in issue.shuffled(self._ids.items())
        )
        return self._page(links, {"PHPSESSID": issue.token(length=26, letters="abcdefghijklmnopqrstuvwxyz")})

    def _shown(self, name: str) -> Reply:
        issue = self.issue
        return self._page(
            f'<form><input type="hidden" name="product_id" value="{self._ids[name]}"><input name="quantity" value="1">'
            f'<button type="button" onclick="addToCart(\'{issue.hex(20)}\', {issue.few(1, 9)})">Add</button></form>'
        )

    def _added(self) -> Reply:
        issue = self.issue
        return Reply(json={"success": True, "total": f"{issue.few(1, 9)} item(s) - {issue.amount(100, 900)}.00"})

    def _cart(self) -> Reply:
        issue = self.issue
        row, token = 5000 + issue.serial("row", by=3), issue.token(length=18)
        return self._page(
            f'<input name="quantity[{row}]" value="{issue.few(1, 9)}">'
            f'<a class="pay" href="/index.php?route=checkout&cart={token}&step={issue.few(1, 3)}">Pay</a>'
        )

    def _form(self) -> Reply:
        issue = self.issue
        options = "".join(
            f'<option value="{ident}">{name}</option>' for name, ident in issue.shuffled(self._zones.items())
        )
        token = f'<input type="hidden" name="token" value="{issue.hex(32)}">'
        return self._page(f'<form method="post">{token}<select name="zone_id">{options}</select></form>')

    def _saved(self) -> Reply:
        place = f"/index.php?route=checkout/success&ref={self.issue.token(length=20)}"
        return Reply(html="<p>One moment</p>", headers=(("refresh", f"0;url={place}"),))

    def _done(self) -> Reply:
        number = 70_000 + self.issue.serial("order", by=3)
        return self._page(f"<p>Thank you. Your order number is: #{number}</p>")

    def _page(self, body: str, cookies: dict[str, str] | None = None) -> Reply:
        build = f"<!-- build {self.issue.few(100, 999)} -->"
        return Reply(html=f"<html><head><title>Shop</title></head><body>{body}{build}</body></html>", cookies=cookies)
