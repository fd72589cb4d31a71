"""A GraphQL API as Relay has it: global ids that are base64, connections of edges, cursors, mutations with payloads."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, ClassVar, Final

from bench.twins.answer import Answer, Reply
from bench.twins.encodings import part
from bench.twins.text import derive
from bench.twins.users import User
from bench.twins.world import Ask, Script, World, ask

_TITLES: Final = ("Anorak", "Beanie", "Cape", "Duffle")
_OPTIONS: Final = ("Black", "Olive", "Rust")
_RATES: Final = ("ground", "air", "bike")


class Relay(World):
    """A storefront's own client: one connection for everybody."""

    name: ClassVar = "relay"
    covers: ClassVar = (
        "global ids in base64, edges and nodes by title, cursors, ids with a key behind ?, delivery groups"
    )
    connections: ClassVar = "one"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        issue = self.issue
        self._goods = [
            {
                "title": title,
                "id": self._gid("Product", issue.serial("product", by=7)),
                "variants": [
                    {"id": self._gid("Variant", 90_000 + issue.serial("variant", by=3)), "option": option}
                    for option in _OPTIONS
                ],
            }
            for title in _TITLES
        ]

    def visit(self, user: User) -> Script:
        token = {"x-storefront-token": "a7c41b09d2e84f6f"}

        def query(name: str, text: str, reply: Any, **variables: Any) -> Ask:
            body = {"operationName": name, "query": text, "variables": variables}
            return ask("POST", "/api/graphql.json", reply, headers=token, json=body)

        page: Answer = yield query(
            "Products",
            "query Products($first: Int!, $q: String) { products(first: $first, query: $q) { edges { node { id } } } }",
            self._products,
            first=user.amount(5, 20),
            q=user.word("coat", "hat"),
        )
        title = user.pick(_TITLES)
        edges = ("data", "products", "edges", {"title": title}, "node")
        product = page.at(*edges, "id")
        variant = page.at(*edges, "variants", {"option": user.pick(_OPTIONS)}, "id")
        yield query(
            "More",
            "query More($after: String, $id: ID!) { product(id: $id) { reviews(after: $after) { totalCount } } }",
            self._more,
            after=page.at("data", "products", "edges", {"title": title}, "cursor"),
            id=product,
        )
        made: Answer = yield query(
            "cartCreate",
            "mutation cartCreate($input: CartInput) { cartCreate(input: $input) { cart { id checkoutUrl } } }",
            self._create,
            input={
                "lines": [{"merchandiseId": variant, "quantity": user.amount(1, 9)}],
                "buyerIdentity": {"email": user.email, "countryCode": user.country},
            },
        )
        yield from self._fill(user, query, made)

    def _fill(self, user: User, query: Any, made: Answer) -> Script:
        cart = made.at("data", "cartCreate", "cart", "id")
        line = made.at("data", "cartCreate", "cart", "lines", "edges", 0, "node", "id")
        changed: Answer = yield query(
            "linesUpdate",
            "mutation linesUpdate($cartId: ID!, $lines: [LineInput!]!) "
            "{ cartLinesUpdate(cartId: $cartId, lines: $lines) { cart { id } } }",
            self._change,
            cartId=cart,
            lines=[{"id": line, "quantity": user.amount(1, 9), "attributes": [{"key": "gift", "value": user.word()}]}],
        )
        group = changed.at("data", "cartLinesUpdate", "cart", "groups", 0, "id")
        rate = changed.at(
            "data", "cartLinesUpdate", "cart", "groups", 0, "options", {"title": user.pick(_RATES)}, "handle"
        )
        yield query(
            "pick",
            "mutation pick($cartId: ID!, $o: [Option!]!) { select(cartId: $cartId, selected: $o) { cart { id } } }",
            self._done,
            cartId=cart,
            o=[{"deliveryGroupId": group, "deliveryOptionHandle": rate, "weight": user.amount(1, 30)}],
        )
        url = made.at("data", "cartCreate", "cart", "checkoutUrl")
        paid: Answer = yield ask(
            "GET", derive(lambda plain: plain.partition(".example")[2], url), self._checkout, whole=True
        )
        key = part(paid.header("location"), r"/checkouts/cn/([^/?]+)")
        yield ask(
            "POST", "/checkouts/cn/" + key + "/complete", self._done, json={"tip": user.amount(0, 5), "agree": True}
        )
        number = derive(_number, cart)
        yield ask("GET", "/legacy/carts/" + number + ".js", self._done, query={"v": user.amount(1, 9)})

    def _gid(self, kind: str, number: int | str) -> str:
        return b64encode(f"gid://relay/{kind}/{number}".encode()).decode()

    def _products(self) -> Reply:
        issue = self.issue
        edges = [
            {
                "cursor": b64encode(f"cursor:{issue.token(length=9)}".encode()).decode(),
                "node": good | {"variants": issue.shuffled(good["variants"]), "available": issue.few(0, 9)},
                "title": good["title"],
            }
            for good in issue.shuffled(self._goods)
        ]
        return Reply(json={"data": {"products": {"edges": edges, "totalCount": issue.few(5, 20)}}})

    def _more(self) -> Reply:
        return Reply(json={"data": {"product": {"reviews": {"totalCount": self.issue.few(1, 90)}}}})

    def _create(self) -> Reply:
        issue = self.issue
        cart = self._gid("Cart", 800_000 + issue.serial("cart", by=3))
        line = f"{self._gid('CartLine', issue.uuid())}?cart={issue.hex(12)}"
        lines = {"edges": [{"node": {"id": line, "quantity": issue.few(1, 9)}}]}
        url = f"https://{self.host}/cart/c/{issue.token(length=20)}?key={issue.hex(32)}&n={issue.few(1, 9)}"
        return Reply(
            json={"data": {"cartCreate": {"cart": {"id": cart, "lines": lines, "checkoutUrl": url}, "errors": []}}}
        )

    def _change(self) -> Reply:
        issue = self.issue
        options = [
            {"handle": f"{issue.hex(8)}-{issue.hex(8)}", "title": rate, "days": issue.few(1, 9)} for rate in _RATES
        ]
        groups = [{"id": self._gid("Group", issue.few(1, 9)) + "-" + issue.hex(10), "options": issue.shuffled(options)}]
        return Reply(json={"data": {"cartLinesUpdate": {"cart": {"groups": groups, "weight": issue.few(1, 30)}}}})

    def _checkout(self) -> Reply:
        place = f"https://{self.host}/checkouts/cn/{self.issue.token('Z2Nw', 24)}/information?n={self.issue.few(1, 9)}"
        return Reply(status=302, headers=(("location", place),))

    def _done(self) -> Reply:
        return Reply(json={"data": {"ok": True, "weight": self.issue.few(1, 30)}, "errors": None})


def _number(gid: str) -> str:
    from base64 import b64decode

    return b64decode(gid).decode().rpartition("/")[2]
