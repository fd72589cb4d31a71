"""A session that needs another's answer waits for it, and ends by name when it does not come."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from replay.bind import Answer, Program
from replay.engine import certify
from replay.engine.fidelity import INTERRUPTED, SESSION_ENDED, UNBOUND_OURS, UNBOUND_TARGET
from replay.plan import Start
from tests.replay.engine.virtual import MS, SECRET, Played, Script, always, live, ok, program, step

GIVES = ok(b'{"token":"live-1"}')


def giver(*, offset: int = 0, skipped: str | None = None) -> Program:
    """Session `login`: asks for /0, whose answer the others read."""
    return program(step(0, offset), name="login", exports=[0], skipped=skipped)


def taker(offset: int = 0, name: str = "buyer") -> Program:
    """A session whose one request, for /1/..., is filled from the login's answer."""
    return program(step(1, offset, holes=[live(0, session="login")]), name=name)


def starts(*due: int) -> list[Start]:
    """Of the first, second, ... program at these ms."""
    planned = [Start(due=at * MS, journey=n, clone=0) for n, at in enumerate(due)]
    return sorted(planned, key=lambda start: start.due)


def lateness(played: Played) -> list[tuple[str, int]]:
    """(endpoint, ms late) of every request."""
    return [(e.endpoint or "", round(e.origin.lateness / MS)) for e in played.exchanges if e.origin is not None]


def test_a_session_that_needs_anothers_answer_waits_for_it() -> None:
    played = Played([giver(), taker()], always(0.7, p0=GIVES))
    assert (played.asked, played.reasons, played.tally.completed) == ([(0, "/0"), (700, "/1/live-1")], {}, 2)


def test_an_answer_that_came_long_ago_is_not_waited_for() -> None:
    played = Played([giver(), taker()], always(0.1, p0=GIVES), starts=starts(0, 5000))
    assert played.asked == [(0, "/0"), (5000, "/1/live-1")]


def test_it_waits_though_the_other_session_starts_later() -> None:
    played = Played([giver(), taker()], always(0.1, p0=GIVES), starts=starts(2000, 0))
    assert played.asked == [(2000, "/0"), (2100, "/1/live-1")]


def test_only_the_request_that_needs_it_waits() -> None:
    buyer = program(
        step(1),
        step(2, 100, [(1, 50)], holes=[live(0, session="login")], alone=False),
        step(3, 100, [(1, 50)], alone=False),
        name="buyer",
    )
    played = Played([giver(), buyer], always(0.01, p0=GIVES), starts=starts(3000, 0))
    assert played.asked == [(0, "/1"), (100, "/3"), (3000, "/0"), (3010, "/2/live-1")]


def test_many_sessions_are_given_one_answer() -> None:
    journeys = [giver(), *(taker(name=f"b{n}") for n in range(50))]
    played = Played(journeys, always(0.5, p0=GIVES))
    assert [path for _, path in played.asked] == ["/0", *["/1/live-1"] * 50]


def test_of_several_exported_answers_each_is_given_when_it_comes() -> None:
    def script(path: str, _before: int) -> tuple[float, Answer]:
        return 0.2, ok(b'{"token":"from%s"}' % path.replace("/", "-").encode())

    office = program(step(0), step(1, 5000, [(0, 4800)]), name="login", exports=[0, 1])
    first = program(step(2, holes=[live(0, session="login")]), name="a")
    second = program(step(3, holes=[live(1, session="login")]), name="b")
    assert Played([office, first, second], script).asked == [
        (0, "/0"),
        (200, "/2/from-0"),
        (5000, "/1"),
        (5200, "/3/from-1"),
    ]


# It does not come.


def test_a_session_whose_giver_is_skipped_ends_unbound_and_says_which_it_waited_for() -> None:
    played = Played([giver(skipped="exchange 0: its body was not kept"), taker()], always(p0=GIVES))
    assert ([path for _, path in played.asked], played.tally.unbound) == (
        [],
        ["session buyer, exchange 101, GET /1 path[2]: the answer to session login has no body.$.token"],
    )


def test_what_a_skipped_session_would_have_given_is_missing_through_us() -> None:
    played = Played([giver(skipped="exchange 0: its body was not kept"), taker()], always(p0=GIVES))
    assert (played.reasons.get(UNBOUND_OURS), UNBOUND_TARGET in played.reasons) == (1, False)


def test_what_an_answer_as_recorded_lacks_is_missing_through_us() -> None:
    played = Played([giver(), taker()], always(p0=ok()))
    fidelity = certify(played.tally, speed=1.0, recorded_span=0)
    assert (played.reasons, fidelity.invalid is not None) == ({UNBOUND_OURS: 1}, True)


def test_what_a_differing_answer_lacks_is_the_targets_doing() -> None:
    played = Played([giver(), taker()], always(p0=ok(status=500)))
    fidelity = certify(played.tally, speed=1.0, recorded_span=0)
    assert (played.reasons, fidelity.invalid) == ({UNBOUND_TARGET: 1}, None)


def two_step_giver() -> Program:
    """A login whose second request needs the first one's answer; the others read the second one's."""
    return program(step(0), step(5, 100, [(0, 50)], holes=[live(0)]), name="login", exports=[5])


def test_a_session_that_ends_early_gives_nothing_and_whoever_waits_ends_too() -> None:
    buyer = program(step(1, holes=[live(5, session="login")]), step(2, 50, [(1, 10)]), name="buyer")
    played = Played([two_step_giver(), buyer], always(p0=ok(status=500)))
    assert ([path for _, path in played.asked], played.reasons) == (["/0"], {UNBOUND_TARGET: 2, SESSION_ENDED: 1})


def test_a_session_that_ends_early_through_us_ends_the_other_through_us() -> None:
    buyer = program(step(1, holes=[live(5, session="login")]), name="buyer")
    assert Played([two_step_giver(), buyer], always(p0=ok())).reasons == {UNBOUND_OURS: 2}


def test_an_interrupted_run_keeps_nobody_waiting() -> None:
    played = Played([giver(), taker()], always(60.0, p0=GIVES), cancel_at=1.0)
    assert (played.reasons, played.transport.clients == played.transport.closed) == ({INTERRUPTED: 1}, True)


def test_two_sessions_that_wait_for_each_other_do_not_wait_forever() -> None:
    both = [Start(due=0, journey=1, clone=0), Start(due=0, journey=0, clone=0, after=0)]
    played = Played([giver(), taker()], always(p0=GIVES), starts=both)
    assert [path for _, path in played.asked] == ["/0"]


# Clones.


def test_a_clone_reads_its_own_clones_answer() -> None:
    def script(_path: str, before: int) -> tuple[float, Answer]:
        # The first clone is answered last.
        return (0.9 if before == 0 else 0.1), ok(b'{"token":"live-%d"}' % before)

    clones = [Start(due=clone * 10 * MS, journey=n, clone=clone) for clone in range(3) for n in range(2)]
    played = Played([giver(), taker()], script, starts=clones)
    of_clone = {
        (e.origin.clone, e.request.target)
        for e in played.exchanges
        if e.origin is not None and e.request.target != b"/0"
    }
    assert of_clone == {(0, b"/1/live-0"), (1, b"/1/live-1"), (2, b"/1/live-2")}


def test_a_clone_whose_giver_failed_ends_and_the_others_go_on() -> None:
    def script(path: str, before: int) -> tuple[float, Answer]:
        return 0.1, ok(status=500) if path == "/0" and before == 1 else GIVES

    clones = [Start(due=clone * 10 * MS, journey=n, clone=clone) for clone in range(3) for n in range(2)]
    played = Played([giver(), taker()], script, starts=clones)
    went = [e.origin.clone for e in played.exchanges if e.origin is not None and e.request.target != b"/0"]
    assert (went, played.reasons) == ([0, 2], {UNBOUND_TARGET: 1})


# Lateness.


def test_waiting_for_anothers_answer_is_not_lateness() -> None:
    played = Played([giver(), taker()], always(2.0, p0=GIVES))
    assert lateness(played) == [("GET /0", 0), ("GET /1", 0)]


def test_a_request_that_waited_is_due_when_the_answer_came() -> None:
    played = Played([giver(), taker()], always(2.0, p0=GIVES))
    assert [e.clock.received for e in played.exchanges] == [0, 2000 * MS]


def test_a_busy_sender_is_late_for_a_later_request_that_another_session_feeds() -> None:
    played = Played([giver(), taker(1000)], always(0.1, p0=GIVES), oversleep=3 * MS)
    assert lateness(played) == [("GET /0", 0), ("GET /1", 3)]


def test_a_session_that_starts_late_is_late_though_another_gave_it_something_long_ago() -> None:
    played = Played([giver(), taker()], always(0.1, p0=GIVES), starts=starts(0, 1000), oversleep=3 * MS)
    assert lateness(played) == [("GET /0", 0), ("GET /1", 3)]


@st.composite
def networks(draw: st.DrawFn) -> tuple[list[Program], list[Start], Script]:
    """Sessions that read each other's answers, but only those of sessions before them."""
    journeys = []
    for n in range(draw(st.integers(1, 5))):
        steps = []
        for index in range(draw(st.integers(1, 3))):
            holes = []
            for _ in range(draw(st.integers(0, 2))):
                other = draw(st.integers(0, n))
                if other < n:
                    holes.append(live(draw(st.integers(0, 3)), session=f"s{other}"))
                elif index:
                    holes.append(live(draw(st.integers(0, index - 1))))
            after = [(index - 1, draw(st.integers(0, 100)))] if index else []
            steps.append(step(index, index * 100, after, holes=holes, alone=draw(st.booleans())))
        exports = draw(st.sets(st.integers(0, len(steps) - 1)))
        skipped = draw(st.sampled_from([None, None, None, "a reason"]))
        journeys.append(program(*steps, name=f"s{n}", exports=sorted(exports), skipped=skipped))
    planned = [
        Start(due=draw(st.integers(0, 500)) * MS, journey=n, clone=clone)
        for clone in range(draw(st.integers(1, 2)))
        for n in range(len(journeys))
    ]
    answers = draw(st.lists(st.sampled_from([GIVES, GIVES, ok(), ok(status=500)]), min_size=3, max_size=3))
    seconds = draw(st.lists(st.sampled_from([0.0, 0.1, 2.0]), min_size=3, max_size=3))

    def script(path: str, _before: int) -> tuple[float, Answer]:
        number = int(path.split("/")[1])
        return seconds[number], Answer(
            status=answers[number].status, headers=answers[number].headers, body=answers[number].body
        )

    return journeys, sorted(planned, key=lambda start: start.due), script


@settings(deadline=None)
@given(networks())
def test_whoever_reads_whom_every_run_ends_with_every_request_accounted_for(
    network: tuple[list[Program], list[Start], Script],
) -> None:
    journeys, planned, script = network
    played = Played(journeys, script, starts=planned)
    assert played.tally.planned == played.tally.sent + sum(played.reasons.values())
    assert not any(SECRET.encode() in wire or b"/?" in wire for _, _, _, wire in played.transport.asked)
    assert min(played.tally.lateness, default=0) >= 0
