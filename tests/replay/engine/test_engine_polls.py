"""What the answers of a poll give before its condition holds."""

from __future__ import annotations

import json

from replay.bind import Answer, Choices, compile_sessions, place
from tests.replay.engine.virtual import MS, Played, live, ok, program, step
from tests.traces.links.scene import Scene, token
from traces.analysis import analyse
from traces.links import Condition, Poll

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
