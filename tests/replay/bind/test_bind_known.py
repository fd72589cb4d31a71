"""What one person did in several sessions is done in the recorded order."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from replay.bind import Answer, Choices, Program, compile_sessions, place
from replay.plan import Start
from tests.replay.engine.virtual import MS, Played, ok
from tests.traces.links.scene import Scene, token
from traces.analysis import analyse


def buys(scene: Scene, at: float, on: str, email: str, *, confirm: float = 100) -> None:
    """Make a checkout as `email` and confirm it `confirm` ms later; look at it before and after."""
    scene.ask(at, "POST /c", {"id": token(on)}, body={"email": email}, on=on)
    scene.ask(at + 20, f"GET /c/{token(on)}", {"id": token(on)}, on=on)
    scene.ask(at + confirm, f"POST /c/{token(on)}/confirm", {"id": token(on)}, body={}, on=on)
    scene.ask(at + confirm + 400, f"GET /c/{token(on)}", {"id": token(on)}, on=on)


def programs(scene: Scene) -> list[Program]:
    return compile_sessions(analyse(scene.exchanges), place("http://shop", []), Choices())


def follows(found: Sequence[Program]) -> dict[tuple[int, int], set[tuple[int, int]]]:
    """(session, step) -> what it waits for, sessions counted in the order they start."""
    number = {program.session: n for n, program in enumerate(sorted(found, key=lambda program: program.start))}
    return {
        (number[program.session], step.index): {(number[session], n) for session, n in step.follows}
        for program in found
        for step in program.steps
        if step.follows
    }


def test_a_customers_second_order_follows_the_first_though_the_sessions_overlap() -> None:
    scene = Scene()
    buys(scene, 0, "a", "ann@shop.example")
    buys(scene, 150, "b", "ann@shop.example")
    buys(scene, 160, "c", "bob@shop.example")
    assert follows(programs(scene)) == {(1, 0): {(0, 2)}}


def test_of_writes_that_overlapped_neither_waits_for_the_other() -> None:
    scene = Scene()
    buys(scene, 0, "a", "ann@shop.example")
    buys(scene, 2, "b", "ann@shop.example", confirm=99)
    assert follows(programs(scene)) == {(0, 2): {(1, 0)}, (1, 2): {(0, 0)}}


def test_of_a_test_account_that_all_share_nobody_waits_for_the_one_just_before() -> None:
    scene = Scene()
    for n in range(60):
        buys(scene, n * 1000, f"c{n}", "test@shop.example")
    leaders = {session for waits in follows(programs(scene)).values() for session, _ in waits}
    assert leaders == set(range(16))


@given(st.lists(st.tuples(st.integers(0, 3000), st.sampled_from(["ann", "bob"]), st.integers(21, 400)), max_size=12))
def test_nobody_waits_for_what_had_not_been_answered_before_it_began(visits: list[tuple[int, str, int]]) -> None:
    scene = Scene()
    for n, (at, who, confirm) in enumerate(visits):
        buys(scene, at, f"c{n}", f"{who}@shop.example", confirm=confirm)
    found = programs(scene)
    in_order = sorted(found, key=lambda program: program.start)
    for (session, index), waits in follows(found).items():
        own = in_order[session]
        for number, step in waits:
            other = in_order[number]
            act = other.steps[step]
            assert other.start + act.offset + act.duration <= own.start + own.steps[index].offset
            assert (number != session, step in other.exports, act.is_read) == (True, True, False)


def test_the_first_order_makes_the_customer_at_any_speed_however_slow_the_target() -> None:
    scene = Scene()
    buys(scene, 0, "a", "ann@shop.example", confirm=1000)
    buys(scene, 1100, "b", "ann@shop.example", confirm=200)
    found = programs(scene)
    confirmed: list[str] = []

    def script(path: str, before: int) -> tuple[float, Answer]:
        if path == "/c":
            return 0.01, ok(json.dumps({"id": f"live-{before}"}).encode())
        if path.endswith("/confirm"):
            confirmed.append(path)
            return 0.5, ok(json.dumps({"id": path.split("/")[2]}).encode())
        return 0.01, ok(json.dumps({"id": path.split("/")[2]}).encode())

    starts = [Start(due=program.start // 50, journey=n, clone=0) for n, program in enumerate(found)]
    played = Played(found, script, starts=starts, speed=50)
    assert (confirmed, played.tally.completed) == (["/c/live-0/confirm", "/c/live-1/confirm"], 2)
    first, second = (at for at, path in played.asked if path.endswith("/confirm"))
    assert second - first >= 0.5 * 1000 * MS / MS
