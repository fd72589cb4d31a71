"""A browser's pages are many small flows, each form's token one: the cookie it was set makes them one journey."""

from __future__ import annotations

from itertools import chain

import pytest

from tests.traces.links.scene import Scene, token
from tests.traces.test_sessions import find, ids, truth
from traces.model import HeaderPairs


def form(
    scene: Scene, at: float, name: object, cookie: HeaderPairs, *, gives: HeaderPairs = (), on: str = ""
) -> list[int]:
    """A page whose form has a token of its own, and what is sent with it."""
    secret = token(name)
    return [
        scene.ask(at, "GET /form", {"token": secret}, headers=cookie, on=on),
        scene.ask(at + 10, "POST /form", {}, body={"token": secret}, headers=cookie, gives=gives, on=on),
    ]


def signed_in(name: object) -> tuple[HeaderPairs, HeaderPairs]:
    """The header that sets a session's cookie, and the one that sends it back."""
    cookie = f"sid={token(name)}".encode()
    return ((b"set-cookie", cookie + b"; Path=/"),), ((b"cookie", cookie),)


@pytest.mark.parametrize("connection", ["", "c{n}"])
def test_a_browsers_many_forms_are_one_journey_by_the_cookie_it_was_set(connection: str) -> None:
    scene, groups = Scene(), []
    for n in range(3):
        (sets, sends), on = signed_in(f"visitor {n}"), connection.format(n=n)
        login = form(scene, n * 7, f"login {n}", (), gives=sets, on=on)
        forms = [form(scene, 100 + k * 50 + n * 7, f"{n} {k}", sends, on=on) for k in range(9)]
        groups.append([*login, *chain(*forms), scene.ask(900 + n, "GET /orders", {}, headers=sends, on=on)])
    assert ids(find(scene.exchanges)) == truth(groups)


def test_a_cookie_that_a_crowd_shares_ties_nobody_together() -> None:
    scene, (sets, sends) = Scene(), signed_in("all")
    login = form(scene, 0, "login", (), gives=sets)
    groups = [form(scene, 100 + n, n, sends) for n in range(12)]
    assert ids(find(scene.exchanges)) == truth([login, *groups])
