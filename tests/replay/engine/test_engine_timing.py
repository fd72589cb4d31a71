"""When requests go: in virtual time, so that an hour takes a millisecond."""

from __future__ import annotations

import pytest

from replay.bind import Answer
from replay.plan import Start
from tests.replay.engine.virtual import MS, Played, always, ok, program, step
from traces.links import Condition, Poll

STATUS = Condition(keys=("status",), test="equals", text="done")
POLL = Poll(endpoint="GET /1", condition=STATUS, pause=250 * MS, longest=900 * MS, sightings=5)


def test_a_request_is_due_at_its_recorded_offset_when_the_answer_before_it_is_quick() -> None:
    journey = program(step(0), step(1, 1000, [(0, 900)]), step(2, 3000, [(1, 1900)]))
    assert Played([journey], always(0.01)).asked == [(0, "/0"), (1000, "/1"), (3000, "/2")]


def test_a_request_thinks_after_a_slow_answer_as_long_as_recorded() -> None:
    journey = program(step(0), step(1, 1000, [(0, 900)]))
    assert Played([journey], always(2.0)).asked == [(0, "/0"), (2900, "/1")]


@pytest.mark.parametrize(("speed", "second"), [(1.0, 1000), (5.0, 200), (0.5, 2000)])
def test_offsets_are_divided_by_the_speed(speed: float, second: int) -> None:
    journey = program(step(0), step(1, 1000, [(0, 900)]))
    assert Played([journey], always(0.01), speed=speed).asked == [(0, "/0"), (second, "/1")]


def test_thinking_is_divided_by_the_speed_and_the_servers_time_is_not() -> None:
    journey = program(step(0), step(1, 1000, [(0, 500)]))
    assert Played([journey], always(2.0), speed=5.0).asked == [(0, "/0"), (2100, "/1")]


def test_a_request_waits_for_the_slowest_of_those_it_depends_on() -> None:
    def script(path: str, _before: int) -> tuple[float, Answer]:
        return {"/0": 0.5, "/1": 3.0}.get(path, 0.01), ok()

    journey = program(step(0, alone=False), step(1, alone=False), step(2, 1000, [(0, 400), (1, 100)], alone=False))
    assert Played([journey], script).asked == [(0, "/0"), (0, "/1"), (3100, "/2")]


def test_parallel_requests_stay_parallel() -> None:
    journey = program(
        step(0),
        *[step(n, 100 + n, [(0, 50)], alone=False) for n in range(1, 5)],
        step(5, 2000, [(4, 10)]),
    )
    asked = sorted(Played([journey], always(1.0)).asked)
    assert asked == [(0, "/0"), *[(1050, f"/{n}") for n in range(1, 5)], (2060, "/5")]


def test_a_poll_asks_at_the_recorded_pace_whatever_the_speed_until_its_condition_holds() -> None:
    def script(path: str, before: int) -> tuple[float, Answer]:
        return 0.01, ok(b'{"status":"done"}' if path == "/1" and before == 3 else b'{"status":"open"}')

    journey = program(step(0), step(1, 100, [(0, 90)], poll=POLL), step(2, 1000, [(1, 100)]))
    played = Played([journey], script, speed=10.0)
    assert played.asked == [(0, "/0"), (19, "/1"), (279, "/1"), (539, "/1"), (799, "/1"), (819, "/2")]
    assert [e.origin.poll for e in played.exchanges if e.origin] == [None, 0, 1, 2, 3, None]


def test_a_poll_that_followed_at_a_polls_pace_is_not_hurried() -> None:
    journey = program(step(0), step(1, 260, [(0, 250)], paced=True))
    assert Played([journey], always(0.01), speed=10.0).asked == [(0, "/0"), (260, "/1")]


def test_a_poll_whose_condition_never_holds_gives_up_and_the_session_does_not_count_as_completed() -> None:
    played = Played([program(step(0), step(1, 0, [(0, 0)], poll=POLL))], always(0.01))
    assert (played.asked[-1][0] <= 30_010, played.tally.completed, played.reasons) == (True, 0, {})


def test_a_slow_answer_does_not_move_the_start_of_another_session() -> None:
    starts = [Start(due=0, journey=0, clone=0), Start(due=100 * MS, journey=1, clone=0)]
    played = Played([program(step(0)), program(step(1))], always(4.0), starts=starts)
    assert played.asked == [(0, "/0"), (100, "/1")]


def test_a_late_sender_is_booked_as_lateness_on_every_request() -> None:
    journey = program(step(0), step(1, 1000, [(0, 900)]))
    played = Played([journey], always(0.01), starts=[Start(due=100 * MS, journey=0, clone=0)], oversleep=3 * MS)
    assert [round(late / MS) for late in played.tally.lateness] == [3, 3]
    assert [(e.clock.received, e.origin and round(e.origin.lateness / MS)) for e in played.exchanges] == [
        (100 * MS, 3),
        (1100 * MS, 3),
    ]


def test_a_clone_started_after_another_person_of_its_own_waits_for_them() -> None:
    starts = [Start(due=0, journey=0, clone=0), Start(due=100 * MS, journey=1, clone=0, after=0)]
    played = Played([program(step(0)), program(step(1), step(2, 50, [(1, 40)]))], always(2.0), starts=starts)
    assert played.asked == [(0, "/0"), (2000, "/1"), (4040, "/2")]


def test_each_session_has_a_client_of_its_own_and_it_is_closed() -> None:
    played = Played([program(step(0), step(1, 10, [(0, 5)])), program(step(2))], always())
    assert ([client for _, _, client, _ in played.transport.asked], played.transport.closed) == ([0, 1, 0], 2)


def test_clock_points_count_from_the_runs_start() -> None:
    (exchange,) = Played([program(step(0))], always(0.25)).exchanges
    assert (exchange.clock.sent, exchange.clock.first_byte) == (0, 250 * MS)
