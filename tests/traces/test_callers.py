"""Who signs up and then logs in is one visitor, though nothing that the service issued says so."""

from __future__ import annotations

import pytest

from tests.traces.links.scene import Scene, token
from tests.traces.test_sessions import find, ids, truth


def bearer(name: str) -> tuple[tuple[bytes, bytes]]:
    return ((b"authorization", f"Bearer {token(name)}".encode()),)


def signs_up(scene: Scene, n: int, at: float, on: str, field: str = "email") -> list[int]:
    """Look at the regions, sign up with a token of its own, log in with another, make a cart in the region."""
    region, who = token(f"region {n}"), {field: f"ann{n}@mail.example", "password": f"secret-{n}"}
    first, second = f"sign-up {n}", f"login {n}"
    return [
        scene.ask(at, "GET /regions", {"region": region}, on=on),
        scene.ask(at + 10, "POST /sign-up", {"token": token(first)}, body=who, on=on),
        scene.ask(at + 20, "POST /customers", {}, body={}, headers=bearer(first), on=on),
        scene.ask(at + 30, "POST /login", {"token": token(second)}, body=who, on=on),
        scene.ask(at + 40, "POST /carts", {}, body={"region": region}, headers=bearer(second), on=on),
    ]


@pytest.mark.parametrize("field", ["email", "userName", "login"])
def test_who_signs_up_and_logs_in_is_one_visitor(field: str) -> None:
    scene = Scene()
    groups = [signs_up(scene, n, at=n * 17, on=f"c{n}", field=field) for n in range(6)]
    assert ids(find(scene.exchanges)) == truth(groups)


def test_who_comes_again_later_comes_twice() -> None:
    scene = Scene()
    groups = [signs_up(scene, 0, at=0, on="c")]
    again = bearer("again")
    groups.append(
        [
            scene.ask(500, "POST /login", {"token": token("again")}, body={"email": "ann0@mail.example"}, on="c"),
            scene.ask(510, "GET /orders", {}, headers=again, on="c"),
        ]
    )
    assert ids(find(scene.exchanges)) == truth(groups)


def test_visitors_of_one_pool_stay_apart_by_their_names() -> None:
    scene = Scene()
    groups = [signs_up(scene, n, at=n * 3, on="pool") for n in range(8)]
    assert ids(find(scene.exchanges)) == truth(groups)
