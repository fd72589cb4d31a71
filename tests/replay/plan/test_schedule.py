"""When sessions start: as recorded, divided by the speed; clones near their original and never in lock-step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.plan import Start, schedule, stagger

SECOND = 1_000_000_000


@dataclass(frozen=True)
class Trip:
    start: int
    account: str = ""


trips = st.lists(
    st.builds(Trip, st.integers(0, 100 * SECOND), account=st.sampled_from(["", "", "ann", "bob"])),
    max_size=12,
)
speeds = st.floats(0.01, 1000)


def dues(journeys: list[Trip], speed: float = 1.0) -> list[int]:
    return [start.due for start in schedule(journeys, speed=speed, multiply=1, seed=0)]


def by_journey(starts: list[Start]) -> dict[tuple[int, int], Start]:
    return {(s.journey, s.clone): s for s in starts}


@given(trips, speeds, st.integers(1, 4), st.integers())
def test_starts_are_in_order_and_the_first_is_due_at_once(
    journeys: list[Trip], speed: float, multiply: int, seed: int
) -> None:
    due = [start.due for start in schedule(journeys, speed=speed, multiply=multiply, seed=seed)]
    assert (due, due[:1]) == (sorted(due), [0][: len(due)])


@given(trips, speeds)
def test_the_speed_divides_every_offset(journeys: list[Trip], speed: float) -> None:
    first = min((j.start for j in journeys), default=0)
    assert dues(journeys, speed) == sorted(int((j.start - first) / speed) for j in journeys)


@given(trips, st.integers(1, 5), st.integers())
def test_every_journey_starts_as_often_as_it_is_multiplied(journeys: list[Trip], multiply: int, seed: int) -> None:
    starts = schedule(journeys, speed=2, multiply=multiply, seed=seed)
    assert Counter((s.journey, s.clone) for s in starts) == Counter(
        (j, c) for j in range(len(journeys)) for c in range(multiply)
    )


@given(trips, st.integers(2, 4), st.integers())
def test_clones_leave_the_originals_where_they_are(journeys: list[Trip], multiply: int, seed: int) -> None:
    starts = schedule(journeys, speed=2, multiply=multiply, seed=seed)
    assert [s.due for s in starts if s.clone == 0] == dues(journeys, 2)


@given(trips.filter(bool), st.integers(2, 4), st.integers())
def test_clones_come_after_their_original_within_the_mean_gap(journeys: list[Trip], multiply: int, seed: int) -> None:
    starts = by_journey(schedule(journeys, speed=1, multiply=multiply, seed=seed))
    span = max(j.start for j in journeys) - min(j.start for j in journeys)
    gap = span / (len(journeys) - 1) if span else SECOND
    assert all(0 <= s.due - starts[s.journey, 0].due <= gap + 1 for s in starts.values())


def test_clones_are_not_in_lock_step() -> None:
    starts = by_journey(schedule([Trip(n * SECOND) for n in range(50)], speed=1, multiply=3, seed=1))
    delays = {starts[n, clone].due - starts[n, 0].due for n in range(50) for clone in (1, 2)}
    assert len(delays) == 100


def test_clones_of_a_lone_session_spread_too() -> None:
    assert len({s.due for s in schedule([Trip(5)], speed=1, multiply=9, seed=1)}) == 9


def test_the_same_seed_plans_the_same_run_and_another_another() -> None:
    journeys = [Trip(n * SECOND) for n in range(9)]
    plans = [schedule(journeys, speed=1, multiply=2, seed=seed) for seed in (1, 1, 2)]
    assert (plans[0] == plans[1], plans[0] == plans[2]) == (True, False)


@pytest.mark.parametrize(("speed", "multiply"), [(0, 1), (-1, 1), (float("nan"), 1), (1, 0)])
def test_a_plan_needs_a_speed_and_a_count(speed: float, multiply: int) -> None:
    with pytest.raises(ValueError, match="speed"):
        schedule([Trip(0), Trip(5)], speed=speed, multiply=multiply, seed=0)


@given(trips, st.integers(0, 99))
def test_both_sides_of_a_duet_have_every_start_and_of_each_pair_one_is_on_time(journeys: list[Trip], seed: int) -> None:
    starts = schedule(journeys, speed=1.0, multiply=2, seed=0)
    sides = [{(s.journey, s.clone): s for s in side} for side in stagger(starts, seed=seed, spread=SECOND)]
    for start in starts:
        late = [side[start.journey, start.clone].due - start.due for side in sides]
        assert min(late) == 0 <= max(late) <= SECOND


@given(trips, st.integers(0, 99))
def test_a_staggered_schedule_is_in_order_and_keeps_who_waits_for_whom(journeys: list[Trip], seed: int) -> None:
    def waits(starts: list[Start]) -> set[tuple[int, int, int]]:
        return {(s.journey, s.clone, starts[s.after].journey) for s in starts if s.after is not None}

    starts = schedule(journeys, speed=1.0, multiply=2, seed=0)
    for side in stagger(starts, seed=seed):
        assert [s.due for s in side] == sorted(s.due for s in side)
        assert waits(side) == waits(starts)


def test_neither_side_of_a_duet_goes_first_more_often() -> None:
    starts = [Start(due=n * SECOND, journey=n, clone=0) for n in range(1000)]
    first, second = stagger(starts, seed=1)
    ahead = sum(a.due < b.due for a, b in zip(first, second, strict=True))
    assert 450 < ahead < 550


def test_of_one_login_one_session_runs_at_a_time_whichever_copy_it_is() -> None:
    trips = [Trip(n * SECOND, account="ann" if n % 2 else "") for n in range(6)]
    starts = schedule(trips, speed=1.0, multiply=3, seed=1)
    own = [at for at, start in enumerate(starts) if trips[start.journey].account]
    assert [starts[at].after for at in own] == [None, *own[:-1]]


def test_logins_that_are_handed_out_let_as_many_copies_run_at_once() -> None:
    trips = [Trip(n * SECOND, account=f"user{n}") for n in range(4)]
    starts = schedule(trips, speed=1.0, multiply=3, seed=1, accounts=12)
    assert sorted(start.account for start in starts if start.account is not None) == list(range(12))
    assert [start.after for start in starts] == [None] * 12
