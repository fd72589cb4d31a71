"""Every planned request is accounted for, and a missing value is never replaced by a recorded one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replay.bind import Answer, Program
from replay.engine import certify
from replay.engine.fidelity import INTERRUPTED, SESSION_ENDED, UNBOUND_OURS, UNBOUND_TARGET
from replay.plan import Start
from tests.replay.engine.virtual import MS, SECRET, Played, Script, always, live, ok, program, step

GIVES = ok(b'{"token":"live-1"}')


def three_steps() -> Program:
    return program(step(0), step(1, 100, [(0, 90)], holes=[live(0)]), step(2, 200, [(1, 90)], holes=[live(0)]))


def test_a_live_value_stands_where_the_recorded_one_stood() -> None:
    assert [path for _, path in Played([three_steps()], always(p0=GIVES)).asked] == ["/0", "/1/live-1", "/2/live-1"]


def test_a_missing_value_ends_the_session_and_is_named() -> None:
    played = Played([three_steps()], always())
    assert ([path for _, path in played.asked], played.reasons) == (["/0"], {UNBOUND_OURS: 1, SESSION_ENDED: 1})
    assert played.tally.unbound == ["session s, exchange 101, GET /1 path[2]: the answer to GET /0 has no body.$.token"]


@pytest.mark.parametrize("first", [ok(), ok(b'{"token":null}'), ok(b"<html>")])
def test_a_value_missing_from_its_first_source_is_taken_from_the_next(first: Answer) -> None:
    journey = program(step(0), step(1, 10, [(0, 5)]), step(2, 20, [(1, 5)], holes=[live(0, 1)]))
    assert Played([journey], always(p0=first, p1=GIVES)).asked[-1][1] == "/2/live-1"


def test_a_value_that_nothing_recorded_issued_ends_the_session_before_its_request() -> None:
    played = Played([program(step(0, holes=[live()]), step(1, 10, [(0, 5)]))], always())
    assert (played.asked, played.reasons) == ([], {UNBOUND_OURS: 1, SESSION_ENDED: 1})


@pytest.mark.parametrize("value", ["x\\r\\nX-Admin: 1", "x\\n", "x\\u0000"])
def test_a_live_value_with_a_line_break_never_becomes_a_header_of_its_own(value: str) -> None:
    journey = program(step(0), step(1, 10, [(0, 5)], holes=[live(0, one_line=True)]))
    played = Played([journey], always(p0=ok(b'{"token":"%s"}' % value.encode())))
    assert ([path for _, path in played.asked], played.reasons) == (["/0"], {UNBOUND_OURS: 1})


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ok(), UNBOUND_OURS),
        (ok(b"not json"), UNBOUND_OURS),
        (ok(b'{"token":null}'), UNBOUND_OURS),
        (ok(status=500), UNBOUND_TARGET),
        (ok(status=404), UNBOUND_TARGET),
        (Answer(error="refused"), UNBOUND_TARGET),
        (Answer(error="timeout"), UNBOUND_TARGET),
    ],
)
def test_who_is_to_blame_for_a_missing_value_follows_from_the_answer_that_lacks_it(answer: Answer, reason: str) -> None:
    played = Played([three_steps()], always(p0=answer))
    fidelity = certify(played.tally, speed=1.0, recorded_span=0)
    assert (played.reasons, fidelity.invalid is None) == ({reason: 1, SESSION_ENDED: 1}, reason == UNBOUND_TARGET)


def test_a_failed_answer_that_nothing_depends_on_does_not_end_its_session() -> None:
    played = Played([program(step(0), step(1, 10, [(0, 5)]))], always(p0=ok(status=500)))
    assert (len(played.asked), played.reasons, played.tally.completed) == (2, {}, 0)


def test_requests_under_way_when_their_session_ends_are_measured() -> None:
    def script(path: str, _before: int) -> tuple[float, Answer]:
        return (2.0 if path == "/1" else 0.01), ok()

    journey = program(
        step(0),
        step(1, 20, [(0, 5)], alone=False),
        step(2, 30, [(0, 10)], holes=[live(0)], alone=False),
        step(3, 5000, [(1, 10)]),
    )
    played = Played([journey], script)
    assert ([e.endpoint for e in played.exchanges], played.tally.sent, played.reasons) == (
        ["GET /0", "GET /1"],
        2,
        {UNBOUND_OURS: 1, SESSION_ENDED: 1},
    )


def test_two_parallel_requests_without_their_value_are_each_counted_once() -> None:
    journey = program(
        step(0), *[step(n, 20, [(0, 5)], holes=[live(0)], alone=False) for n in (1, 2)], step(3, 50, [(2, 5)])
    )
    played = Played([journey], always())
    assert (played.tally.planned, played.tally.sent, sum(played.reasons.values())) == (4, 1, 3)


def test_a_skipped_session_is_counted_by_its_reason_and_sends_nothing() -> None:
    skipped = program(step(0), step(1), skipped="exchange 7: its body was not kept")
    played = Played([skipped, program(step(2))], always())
    assert (played.asked, played.reasons) == (
        [(0, "/2")],
        {"skipped (exchange 7: its body was not kept)": 2},
    )


def test_an_interrupted_run_keeps_what_was_measured_and_counts_the_rest() -> None:
    journeys = [program(step(0), step(1, 1000, [(0, 900)]), step(2, 9000, [(1, 900)])) for _ in range(3)]
    starts = [Start(due=n * 2000 * MS, journey=n, clone=0) for n in range(3)]
    played = Played(journeys, always(0.1), starts=starts, cancel_at=2.5)
    assert (len(played.exchanges), played.tally.planned, played.tally.sent, played.reasons) == (
        3,
        9,
        3,
        {INTERRUPTED: 6},
    )


@pytest.mark.parametrize("cancel_at", [0.0, 0.05, 0.5])
def test_sessions_interrupted_before_their_first_request_are_counted(cancel_at: float) -> None:
    starts = [Start(due=0, journey=0, clone=0), Start(due=0, journey=1, clone=0, after=0)]
    played = Played([program(step(0)), program(step(1), step(2))], always(5.0), starts=starts, cancel_at=cancel_at)
    assert played.tally.sent + sum(played.reasons.values()) == played.tally.planned == 3


# Whatever sessions there are and whatever their answers: planned = sent + reasons, and no recorded secret goes out.

answers = st.sampled_from([GIVES, ok(), ok(status=500), Answer(error="reset"), ok(b"[1]")])


@st.composite
def programs(draw: st.DrawFn) -> list[Program]:
    made = []
    for number in range(draw(st.integers(1, 4))):
        size = draw(st.integers(1, 6))
        steps, offset = [], 0
        for index in range(size):
            offset += draw(st.integers(0, 500))
            earlier = draw(st.lists(st.integers(0, index - 1), max_size=2, unique=True)) if index else []
            holes = [
                live(*([] if draw(st.integers(0, 9)) == 0 else [draw(st.integers(0, index - 1))]))
                for _ in range(draw(st.integers(0, 2)) if index else 0)
            ]
            after = [(e, draw(st.integers(0, 300))) for e in sorted(earlier, reverse=True)]
            steps.append(step(index, offset, after, holes=holes, alone=draw(st.booleans())))
        skipped = draw(st.sampled_from([None, None, None, "a reason"]))
        made.append(program(*steps, name=f"s{number}", skipped=skipped))
    return made


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    seconds = draw(st.lists(st.sampled_from([0.0, 0.01, 0.2, 1.0, 6.0]), min_size=6, max_size=6))
    given_answers = draw(st.lists(answers, min_size=6, max_size=6))

    def script(path: str, _before: int) -> tuple[float, Answer]:
        number = int(path.split("/")[1])
        found = given_answers[number]
        return seconds[number], Answer(status=found.status, headers=found.headers, body=found.body, error=found.error)

    return script


@st.composite
def runs(draw: st.DrawFn) -> Played:
    journeys = draw(programs())
    starts: list[Start] = []
    for clone in range(draw(st.integers(1, 3))):
        for journey in range(len(journeys)):
            after = draw(st.none() | st.integers(0, len(starts) - 1)) if starts else None
            starts.append(Start(due=len(starts) * 50 * MS, journey=journey, clone=clone, after=after))
    return Played(
        journeys,
        draw(scripts()),
        starts=starts,
        speed=draw(st.sampled_from([0.5, 1.0, 5.0])),
        cancel_at=draw(st.none() | st.floats(0, 3)),
    )


@settings(deadline=None)
@given(runs())
def test_planned_is_sent_plus_reasons_and_no_recorded_secret_is_ever_sent(played: Played) -> None:
    tally = played.tally
    assert tally.planned == tally.sent + sum(tally.reasons.values())
    assert all(count >= 0 for count in tally.reasons.values())
    assert not any(SECRET.encode() in wire for _, _, _, wire in played.transport.asked)
    assert len(played.exchanges) == tally.attempts == len(tally.lateness) <= tally.sent
    assert played.transport.clients == played.transport.closed
    assert (INTERRUPTED in played.reasons) <= played.cancelled
