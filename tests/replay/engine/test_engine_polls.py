"""What the answers of a poll give before its condition holds."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

from replay.bind import Answer, Choices, Hole, Live, compile_sessions, place
from replay.plan import Start
from tests.replay.engine.virtual import MS, Played, live, ok, program, step
from tests.traces.links.scene import Scene, token
from traces.analysis import analyse
from traces.lens import Address
from traces.links import Condition, Poll, Source
from traces.outcome import make

POLL = Poll(
    endpoint="GET /1",
    condition=Condition(keys=("status",), test="equals", text="done"),
    pause=250 * MS,
    longest=900 * MS,
    sightings=5,
)


def state(status: str, **more: str) -> Answer:
    return ok(json.dumps({"status": status, **more}).encode())


def test_a_request_between_two_attempts_is_sent_what_the_attempt_before_it_gave() -> None:
    scene = Scene()
    for n in range(6):
        job, order, at, on = token(n), token(f"order {n}"), n * 10_000, f"c{n}"
        scene.ask(at, "POST /jobs", {"job": job}, body={}, on=on)
        scene.ask(at + 100, f"GET /jobs/{job}", {"status": "open", "order": order}, on=on)
        scene.ask(at + 200, f"GET /orders/{order}", {}, on=on)
        scene.ask(at + 300, f"GET /jobs/{job}", {"status": "open", "order": order}, on=on)
        scene.ask(at + 500, f"GET /jobs/{job}", {"status": "done", "order": order}, on=on)
    first, *_ = compile_sessions(analyse(scene.exchanges), place("http://shop", []), Choices())

    def script(path: str, before: int) -> tuple[float, Answer]:
        return 0.01, {
            "/jobs": ok(b'{"job":"live-job"}'),
            "/jobs/live-job": state("done" if before == 3 else "open", order="live-order"),
        }.get(path, ok())

    played = Played([first], script)
    assert ({path for _, path in played.asked}, played.reasons) == (
        {"/jobs", "/jobs/live-job", "/orders/live-order"},
        {},
    )


def test_what_an_attempt_gave_to_another_session_is_given_before_the_poll_is_done() -> None:
    approved = False

    def script(path: str, _before: int) -> tuple[float, Answer]:
        nonlocal approved
        approved = approved or path.startswith("/2")
        return 0.01, state("done" if approved else "open", token="review") if path == "/1" else ok()

    buyer = program(step(0), step(1, 100, [(0, 90)], poll=POLL), name="buyer", exports=[1])
    clerk = program(step(2, 500, holes=[live(1, session="buyer")]), name="clerk")
    played = Played([buyer, clerk], script)
    assert (played.asked[-1][0] < 2000, played.tally.completed) == (True, 2)


def eventual(*, found_at: int, late: Answer, status: int = 200, speed: float = 1) -> Played:
    """One session posts, reads what came of it, and uses what it reads; `late` until the `found_at`-th time it asks."""
    read = replace(
        step(1, 100, [(0, 90)]), is_eventual=True, make=make(ok(b'{"items":[{"id":"x"}]}', status), endpoint="GET /1")
    )
    use = step(2, 300, [(1, 100)], holes=[live_item(1)])

    def script(path: str, before: int) -> tuple[float, Answer]:
        if path != "/1":
            return 0.01, ok()
        answer = ok(b'{"items":[{"id":"live-1"}]}') if before >= found_at else late
        return 0.01, replace(answer, headers=answer.headers)

    return Played([program(step(0), read, use)], script, speed=speed)


def live_item(step: int) -> Hole:
    address = Address("json", "", ("items", 0, "id"))
    return Hole(slot="path[2]", fill=Live((Source(step=step, path="body.$.items[0].id", address=address),)))


EMPTY = ok(b'{"items":[]}')


def test_what_a_slower_job_has_not_made_yet_is_asked_for_again() -> None:
    played = eventual(found_at=3, late=EMPTY)
    assert (played.tally.completed, [path for _, path in played.asked][-1]) == (1, "/2/live-1")


def test_waiting_for_a_slower_job_is_no_failure_and_each_attempt_is_in_the_trace() -> None:
    outcomes = [(e.origin.poll, e.outcome) for e in eventual(found_at=2, late=EMPTY).exchanges if e.origin]
    assert [(poll, (outcome or "").partition(":")[0]) for poll, outcome in outcomes] == [
        (None, "same"),
        (0, "waits"),
        (1, "waits"),
        (2, "same"),
        (None, "same"),
    ]


def test_what_is_there_at_once_is_asked_for_once() -> None:
    assert len(eventual(found_at=0, late=EMPTY).asked) == 3


def test_waiting_is_not_made_faster_by_speed() -> None:
    slow, fast = (eventual(found_at=3, late=EMPTY, speed=speed).asked for speed in (1, 5))
    gaps = [[b[0] - a[0] for a, b in pairwise(asked) if a[1] == b[1] == "/1"] for asked in (slow, fast)]
    assert (gaps[0], len(gaps[0])) == (gaps[1], 3)


def test_an_error_is_not_waited_out() -> None:
    played = eventual(found_at=3, late=ok(b"{}", 500))
    assert (played.tally.completed, sum(path == "/1" for _, path in played.asked)) == (0, 1)


def test_what_never_comes_ends_the_session_within_half_a_minute_and_few_requests() -> None:
    played = eventual(found_at=10**6, late=EMPTY)
    asked = [at for at, path in played.asked if path == "/1"]
    assert (played.tally.completed, 25_000 < asked[-1] < 31_000, len(asked) < 25) == (0, True, True)


def test_an_endpoint_waited_for_in_vain_three_times_is_not_waited_for_again() -> None:
    read = replace(
        step(1, 100, [(0, 90)]), is_eventual=True, make=make(ok(b'{"items":[{"id":"x"}]}'), endpoint="GET /1")
    )
    visitor = program(step(0), read)
    starts = [Start(due=n * 60_000 * MS, journey=0, clone=n) for n in range(5)]
    played = Played([visitor], lambda path, _: (0.01, EMPTY if path == "/1" else ok()), starts=starts)
    each = [sum(n * 60_000 <= at < (n + 1) * 60_000 for at, path in played.asked if path == "/1") for n in range(5)]
    assert (each[0] > 1, each[1] > 1, each[2] > 1, each[3], each[4]) == (True, True, True, 1, 1)


def test_a_poll_that_is_answered_by_an_error_ends_as_its_client_would() -> None:
    waiting = program(step(0), step(1, 100, [(0, 90)], poll=POLL))
    played = Played([waiting], lambda path, _: (0.01, ok(b"{}", 503) if path == "/1" else ok()))
    assert (len(played.asked), played.tally.completed) == (2, 0)


def test_a_poll_that_may_answer_404_for_a_while_goes_on() -> None:
    waiting = replace(step(1, 100, [(0, 90)], poll=POLL), attempts=(make(ok(b"{}", 404), endpoint="GET /1"),))

    def script(path: str, before: int) -> tuple[float, Answer]:
        return 0.01, ok() if path == "/0" else state("done") if before else ok(b"{}", 404)

    assert [path for _, path in Played([program(step(0), waiting)], script).asked] == ["/0", "/1", "/1"]
