"""A shop that answers in pages: hidden inputs, cookies, redirects, form actions, state in a script."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from bench.twins.answer import Answer, Reply
from bench.twins.encodings import address
from bench.twins.text import Text, text
from bench.twins.users import User
from bench.twins.world import Ask, Script, World, ask

_GOODS: Final = ("Blue mug", "Desk lamp", "Oak chair", "Wool scarf", "Garden rake")
_SHELVES: Final = "mugs lamps chairs scarves rakes pots rugs clocks trays books".split()
_CSRF: Final = r'name="csrfmiddlewaretoken" value="([^"]+)"'


class Shop(World):
    """Every visitor has a browser of their own, which may ask twice at once."""

    name: ClassVar = "shop"
    covers: ClassVar = "hidden inputs, rotating cookies, 302 Location, links by their words, form actions, gzip"
    connections: ClassVar = "own"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._ids = {name: self.issue.serial("product", by=3) for name in _GOODS}

    def visit(self, user: User) -> Script:
        jar: dict[str, Text] = {"lang": user.word("en", "de", "sv")}
        home: Answer = yield ask("GET", "/", self._home, cookies=jar)
        jar |= home.cookies()
        name = user.pick(_GOODS)
        link = home.found(rf'href="([^"]+)">{name}<', "a.href")
        product: Answer = yield ask("GET", link, self._product, name, whole=True, cookies=jar)
        added: Answer = yield ask(
            "POST",
            product.found(r'class="add" action="([^"]+)"', "form.action"),
            self._added,
            whole=True,
            cookies=jar,
            form={
                "csrfmiddlewaretoken": product.found(_CSRF, "input.csrfmiddlewaretoken"),
                "quantity": user.amount(1, 5),
                "next": "/basket/",
            },
        )
        jar |= added.cookies()
        stock = ask(
            "GET",
            "/api/stock/",
            self._stock,
            cookies=jar,
            headers={"x-csrftoken": jar["csrftoken"], "x-requested-with": "XMLHttpRequest"},
            query={"product": product.found(r'data-product="(\d+)"', "main.data-product"), "page": user.amount(1, 3)},
        )
        # The page and what its script fetches, at once.
        basket, _ = yield (ask("GET", "/basket/", self._basket, cookies=jar), stock)
        yield self._change(user, jar, basket)
        yield ask("GET", "/basket/", self._basket, cookies=jar)
        yield from self._pay(user, jar, basket)

    def _change(self, user: User, jar: dict[str, Text], basket: Answer) -> Ask:
        return ask(
            "POST",
            "/basket/",
            self._redirect,
            "/basket/",
            cookies=jar,
            form={
                "csrfmiddlewaretoken": basket.found(_CSRF, "input.csrfmiddlewaretoken"),
                "form-TOTAL_FORMS": 1,
                "form-0-id": basket.found(r'name="form-0-id" value="(\d+)"', "input.form-0-id"),
                "form-0-quantity": user.amount(1, 5),
            },
        )

    def _pay(self, user: User, jar: dict[str, Text], basket: Answer) -> Script:
        token = {"csrfmiddlewaretoken": basket.found(_CSRF, "input.csrfmiddlewaretoken")}
        begun: Answer = yield ask("POST", "/checkout/", self._begin, cookies=jar, form=token)
        jar |= begun.cookies()
        path = address(begun.header("location"))
        form: Answer = yield ask("GET", path, self._form, whole=True, cookies=jar)
        token = {"csrfmiddlewaretoken": form.found(_CSRF, "input.csrfmiddlewaretoken")}
        person: dict[str, Text | str | int] = {
            "first_name": user.first_name,
            "last_name": user.last_name,
            "line1": user.street,
            "postcode": user.zip,
            "country": user.country,
            "email": user.email,
            "phone": "",
        }
        sent: Answer = yield ask("POST", path, self._payment, whole=True, cookies=jar, form=token | person)
        path = address(sent.header("location"))
        pay: Answer = yield ask("GET", path, self._form, whole=True, cookies=jar)
        done: Answer = yield ask(
            "POST",
            path,
            self._place,
            whole=True,
            cookies=jar,
            form={
                "csrfmiddlewaretoken": pay.found(_CSRF, "input.csrfmiddlewaretoken"),
                "payment_token": pay.found(r'"paymentToken":"([^"]+)"', "script.$.paymentToken"),
                "client_nonce": user.nonce(),
                "agree": text("on"),
            },
        )
        thanks: Answer = yield ask("GET", done.header("location"), self._thanks, done, whole=True, cookies=jar)
        number = thanks.found(r"<strong>(\d+)</strong>", "strong")
        yield ask("GET", "/orders/" + number + "/invoice/", self._stock, cookies=jar)

    def _home(self) -> Reply:
        links = "\n".join(
            f'<li><a class="c{self.issue.few(1, 9)}" href="/catalogue/{name.lower().replace(" ", "-")}_{number}/">'
            f"{name}</a> <b>{self.issue.few(1, 90)}.00</b></li>"
            for name, number in self.issue.shuffled(self._ids.items())
        )
        cookies = {"sessionid": self.issue.token(length=32), "csrftoken": self.issue.token(length=32)}
        return self._page("Welcome", f"<ul>{links}</ul>", cookies)

    def _product(self, name: str) -> Reply:
        number = self._ids[name]
        return self._page(
            name,
            f'<main data-product="{number}"><form class="add" action="/basket/add/{number}/" method="post">'
            f'{self._csrf()}<input name="quantity" value="1" max="{self.issue.few(2, 9)}"></form></main>',
        )

    def _added(self) -> Reply:
        return Reply(status=302, headers=(("location", "/basket/"),), cookies={"basket": self.issue.token("b:", 27)})

    def _basket(self) -> Reply:
        line = self.issue.serial("line", by=2)
        return self._page(
            "Basket",
            f'<form method="post">{self._csrf()}<input type="hidden" name="form-TOTAL_FORMS" value="1">'
            f'<input type="hidden" name="form-0-id" value="{line}">'
            f'<input name="form-0-quantity" value="{self.issue.few(1, 5)}"></form>',
        )

    def _begin(self) -> Reply:
        place = f"https://{self.host}/checkout/{self.issue.token(length=20)}/address/"
        # Whoever begins to pay gets a new token, as after a login.
        return Reply(status=302, headers=(("location", place),), cookies={"csrftoken": self.issue.token(length=32)})

    def _payment(self) -> Reply:
        place = f"/checkout/{self.issue.token(length=20)}/payment/?attempt={self.issue.serial('attempt')}"
        return Reply(status=302, headers=(("location", place),))

    def _form(self) -> Reply:
        script = f'{{"paymentToken":"{self.issue.token("tok_")}","total":{self.issue.amount(500, 9000)},"step":2}}'
        return self._page(
            "Checkout", f'<form method="post">{self._csrf()}</form><script>window.__STATE__ = {script};</script>'
        )

    def _place(self) -> Reply:
        return self._redirect(f"/orders/{100_000 + self.issue.serial('order')}/thanks/")

    def _thanks(self, done: Answer) -> Reply:
        number = str(done.header("location")).split("/")[2]
        return self._page("Thank you", f"<p>Your order is <strong>{number}</strong>, {self.issue.day()}.</p>")

    def _stock(self) -> Reply:
        return Reply(json={"stock": self.issue.few(1, 9), "page": self.issue.few(1, 3), "as_of": self.issue.instant()})

    def _redirect(self, place: str) -> Reply:
        return Reply(status=302, headers=(("location", place),))

    def _csrf(self) -> str:
        return f'<input type="hidden" name="csrfmiddlewaretoken" value="{self.issue.token(length=64)}">'

    def _page(self, title: str, body: str, cookies: dict[str, str] | None = None) -> Reply:
        head = f'<!doctype html><html lang="en"><head><title>{title}</title><meta name="page" content="1"></head>'
        nav = '<nav><a href="/">Home</a> <a href="/basket/">Basket</a> <a href="/login/?next=/">Log in</a></nav>'
        shelves = "\n".join(
            f'<li><a href="/catalogue/category/{shelf}_{n}/?page=1">{shelf.title()}</a> ({self.issue.few(1, 40)})</li>'
            for n, shelf in enumerate(_SHELVES, 1)
        )
        foot = (
            f'<form action="/search/" method="get"><input type="search" name="q" value=""></form><ul>{shelves}</ul>'
            f'<footer data-build="{self.issue.few(100, 999)}">Rendered {self.issue.instant()}</footer>'
        )
        return Reply(html=f"{head}<body>{nav}\n{body}\n{foot}</body></html>", cookies=cookies, zipped=True)
