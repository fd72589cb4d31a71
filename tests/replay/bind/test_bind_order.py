"""What a request waits for is what it could have known when it was recorded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from replay.bind.order import waits

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=30).map(
    lambda pairs: sorted((begin, begin + length) for begin, length in pairs)
)


def test_requests_one_after_another_wait_for_the_one_before() -> None:
    found = waits([(0, 10), (15, 20), (30, 31)])
    assert [(wait.after, wait.alone) for wait in found] == [((), True), (((0, 5),), True), (((1, 10),), True)]


def test_what_a_page_asks_for_at_once_waits_for_the_page_and_not_for_each_other() -> None:
    found = waits([(0, 10), (12, 40), (13, 30), (50, 60)])
    assert [wait.after for wait in found] == [(), ((0, 2),), ((0, 3),), ((1, 10), (2, 20))]
    assert [wait.alone for wait in found] == [True, False, False, True]


@given(SPANS)
def test_nobody_waits_for_what_was_open_or_had_not_begun(spans: list[tuple[int, int]]) -> None:
    for n, wait in enumerate(waits(spans)):
        assert all(earlier < n and think == spans[n][0] - spans[earlier][1] >= 0 for earlier, think in wait.after)


@given(SPANS)
def test_whatever_had_ended_is_waited_for_directly_or_by_way_of_another(spans: list[tuple[int, int]]) -> None:
    found = waits(spans)
    reached: list[set[int]] = []
    for n, wait in enumerate(found):
        reached.append({m for earlier, _ in wait.after for m in (earlier, *reached[earlier])})
        assert {m for m in range(n) if spans[m][1] <= spans[n][0]} <= reached[n]


@given(SPANS)
def test_alone_means_that_no_other_is_open_when_it_begins_or_when_the_next_does(spans: list[tuple[int, int]]) -> None:
    for n, wait in enumerate(waits(spans)):
        before = all(end <= spans[n][0] for _, end in spans[:n])
        after = n + 1 == len(spans) or spans[n + 1][0] >= spans[n][1]
        assert wait.alone == (before and after)
