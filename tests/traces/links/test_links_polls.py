"""A poll is replayed by what it waited for; asking again is not waiting."""

from __future__ import annotations

from typing import Any

from tests.traces.links.scene import MS, Scene, token
from traces.analysis import analyse, poll_groups
from traces.links import Poll


def polled(*loops: list[Any], gap: float = 100) -> Scene:
    """Sessions that ask `GET /jobs/<n>` until their list of answers is through."""
    scene = Scene()
    for n, answers in enumerate(loops):
        for k, answer in enumerate(answers):
            scene.ask(n * 10_000 + k * gap, f"GET /jobs/{n}", answer, on=f"c{n}")
    return scene


def polls(scene: Scene) -> tuple[Poll, ...]:
    return analyse(scene.exchanges).graph.polls


def test_a_status_word_is_what_was_waited_for() -> None:
    pending, done = {"status": "pending"}, {"status": "succeeded", "order": "yes"}
    found = polls(polled([pending, pending, done], [pending, done], [pending] * 5 + [done]))
    assert [str(poll.condition) for poll in found] == ['$.status == "succeeded"']


def test_a_list_that_fills_is_waited_for() -> None:
    empty: dict[str, Any] = {"items": []}
    found = polls(polled(*([empty] * n + [{"items": [{"id": 700 + n}]}] for n in range(1, 4))))
    assert [str(poll.condition) for poll in found] == ["$.items[0].id exists"]


def test_a_null_that_gets_a_value_is_waited_for() -> None:
    found = polls(polled(*([{"order_id": None}] * n + [{"order_id": 700 + n}] for n in range(1, 4))))
    assert [str(poll.condition) for poll in found] == ["$.order_id exists"]


def test_reading_the_same_thing_again_is_no_poll() -> None:
    same = {"status": "open", "items": [{"id": 1}]}
    assert polls(polled([same, same, same], [same, same])) == ()


def test_a_counter_or_a_time_that_moves_on_is_no_poll() -> None:
    answers = [{"n": n, "at": f"2024-11-22T10:00:0{n}Z", "etag": f"a1b2c3d4e5{n}"} for n in range(5)]
    assert polls(polled(answers, answers[:3])) == ()


def test_a_change_that_the_session_made_itself_is_no_poll() -> None:
    scene = Scene()
    for n in range(3):
        scene.ask(n * 1000, "GET /cart", {"items": []}, on=f"c{n}")
        scene.ask(n * 1000 + 100, "POST /cart", {}, body={"a": 1}, on=f"c{n}")
        scene.ask(n * 1000 + 200, "GET /cart", {"items": [{"id": 7}]}, on=f"c{n}")
    assert polls(scene) == ()


def test_a_polls_pace_and_patience_are_measured() -> None:
    (poll,) = polls(polled([{"s": "no"}] * 3 + [{"s": "yes"}], [{"s": "no"}, {"s": "yes"}]))
    assert (poll.pause, poll.longest, poll.sightings) == (95 * MS, 305 * MS, 2)


def test_every_attempt_of_a_loop_is_grouped_under_its_first() -> None:
    scene = polled([{"s": "no"}] * 2 + [{"s": "yes"}], [{"s": "no"}, {"s": "yes"}])
    assert poll_groups(analyse(scene.exchanges)) == {0: 0, 1: 0, 2: 0, 3: 3, 4: 3}


def quick(n_sessions: int = 4, *, state: str = "succeeded", read: str = "GET /c/{secret}") -> Scene:
    """Checkouts whose job is done before anybody looks: confirmed by the write, moved on at the first read."""
    scene = Scene()
    for n in range(n_sessions):
        secret, at, on = token(n), n * 10_000.0, f"c{n}"
        scene.ask(at, "POST /c", {"secret": secret, "status": "open"}, body={}, on=on)
        scene.ask(at + 100, f"PATCH /c/{secret}", {"secret": secret, "status": "open"}, body={"a": 1}, on=on)
        scene.ask(at + 150, f"GET /c/{secret}", {"secret": secret, "status": "open"}, on=on)
        scene.ask(at + 200, f"POST /c/{secret}/confirm", {"secret": secret, "status": "confirmed"}, body={}, on=on)
        scene.ask(at + 300, read.format(secret=secret), {"secret": secret, "status": state}, on=on)
    return scene


def test_a_state_that_moved_on_before_anybody_asked_twice_is_waited_for() -> None:
    (poll,) = polls(quick())
    assert (str(poll.condition), poll.sightings, poll.longest) == ('$.status == "succeeded"', 0, 5 * MS)


def test_a_state_that_the_write_itself_left_is_not_waited_for() -> None:
    assert polls(quick(state="confirmed")) == ()


def test_another_thing_in_another_state_is_not_waited_for() -> None:
    assert polls(quick(read="GET /shop")) == ()


def test_of_a_hundred_waits_the_longest_one_says_nothing_about_the_poll() -> None:
    answers = [{"s": "no"}, {"s": "yes"}]
    scene = polled(*[answers] * 150)
    scene.ask(5_000_000, "GET /jobs/9999", answers[0], on="slow")
    scene.ask(5_090_000, "GET /jobs/9999", answers[1], on="slow")
    (poll,) = polls(scene)
    assert poll.longest == 105 * MS
