"""Whole sessions: what cannot be sent, what needs an account, what waits for a condition."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.replay.preflight.scenes import findings, of, prepared
from tests.traces.links.scene import Scene, token


def logging_in(*users: str) -> Scene:
    """A session of each."""
    scene = Scene()
    for n, user in enumerate(users):
        session = token(n)
        body = {"username": user, "password": f"pass-word-{user}"}
        scene.ask(n * 100, "POST /login", {"session": session}, body=body, on=f"c{n}")
        scene.ask(n * 100 + 10, "GET /orders", {}, headers=((b"x-session", session.encode()),), on=f"c{n}")
    return scene


def accounts(folder: Path, count: int) -> str:
    file = folder / "accounts.csv"
    file.write_text("user,password\n" + "".join(f"user{n},secret{n}\n" for n in range(count)))
    return str(file)


def test_recorded_logins_must_exist_on_the_target() -> None:
    sentence = (
        "log in with 2 recorded accounts, user and password as recorded; one session at a time each, up to 4 one after "
        "another; unless the target has them, give others by --accounts CSV"
    )
    assert of("account", findings(logging_in("ann", "bob", "ann"), multiply=2)) == [(6, sentence)]


def test_accounts_that_are_given_cost_no_session_but_time(tmp_path: Path) -> None:
    file = accounts(tmp_path, 3)
    assert of("account", findings(logging_in("ann", "bob", "ann"), multiply=2, accounts=file)) == [
        (0, "6 sessions log in with 3 of the 3 accounts given; one session at a time each, up to 3 one after another")
    ]


def test_enough_accounts_keep_nobody_waiting(tmp_path: Path) -> None:
    file = accounts(tmp_path, 9)
    assert of("account", findings(logging_in("ann", "bob"), accounts=file)) == [
        (0, "2 sessions log in with 2 of the 9 accounts given")
    ]


def test_a_password_all_sessions_share_is_no_parameter() -> None:
    scene = Scene()
    for n in range(4):
        body = {"username": f"ann{n}", "password": "pass-word-1"}
        scene.ask(n * 100, "POST /login", {"ok": True}, body=body, on=f"c{n}")
    assert of("parameter", findings(scene)) == []


def unkept(scene: Scene, *numbers: int) -> Scene:
    """The same with the bodies of these requests not kept."""
    for number in numbers:
        exchange = scene.exchanges[number]
        scene.exchanges[number] = replace(exchange, request=replace(exchange.request, body=None))
    return scene


def test_sessions_that_cannot_be_sent_are_one_line_with_what_to_do() -> None:
    scene = Scene()
    for n in range(6):
        scene.ask(n * 100, "POST /upload", {}, body={"file": "x"}, on=f"c{n}")
    sentence = (
        "skipped, because a request of theirs cannot be sent: its body was not kept; record with a larger --max-body "
        "(s0 exchange 0, s1 exchange 1, s2 exchange 2, ...)"
    )
    assert of("skipped", findings(unkept(scene, 0, 1, 2, 4), multiply=3)) == [(12, sentence)]


def test_a_session_that_is_skipped_causes_and_costs_nothing_else() -> None:
    scene = Scene()
    for n in range(4):
        body = {"product_id": token("product"), "success_url": "https://app.example/"}
        scene.ask(n * 100, "POST /confirm", {}, body=body, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /upload", {}, body={}, on=f"c{n}")
    found = findings(unkept(scene, *range(1, 8, 2)))
    assert {finding.kind for finding in found} == {"skipped"}


def test_a_poll_is_told_with_its_pace_and_how_long_it_took() -> None:
    scene = Scene()
    for n in range(3):
        name = token(n)
        scene.ask(n * 10_000, "POST /jobs", {"id": name, "status": "open"}, body={}, on=f"c{n}")
        for step in range(4):
            status = "done" if step == 3 else "open"
            scene.ask(n * 10_000 + 100 + step * 505, f"GET /jobs/{name}", {"id": name, "status": status}, on=f"c{n}")
    assert of("poll", findings(scene, speed=5)) == [
        (0, 'polls GET /jobs/{job_id} every 500 ms, at any speed, until $.status == "done"; recorded, within 1.52 s')
    ]


def test_the_costliest_of_the_most_certain_comes_first() -> None:
    scene = logging_in("ann", "bob", "ann", "bob")
    for n in range(3):
        scene.ask(5_000 + n, "POST /pay", {}, body={"confirmation_token_id": f"ctoken_{token(f'pay {n}')}"}, on=f"p{n}")
    kinds = [finding.kind for finding in findings(scene)]
    assert kinds == ["unbound", "account", "changes"]


def test_sessions_that_end_for_sure_are_counted_once() -> None:
    scene = Scene()
    for n in range(4):
        for step in range(2):
            body = {
                "confirmation_token_id": f"ctoken_{token((n, step))}",
                "payment_method_id": f"pm_{token((step, n))}",
            }
            scene.ask(n * 100 + step, "POST /pay", {}, body=body, on=f"c{n}")
    made, _ = prepared(scene)
    assert made.seen.ended == 4
