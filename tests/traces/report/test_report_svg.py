"""Scales, ticks and marks."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from traces.report import svg
from traces.report.numbers import milliseconds, probability

_POSITIVE = st.floats(1e-3, 1e6)


@given(_POSITIVE, _POSITIVE, _POSITIVE)
def test_a_scale_keeps_what_it_draws_inside(low: float, high: float, value: float) -> None:
    assume(low < high)
    scale = svg.Scale(low=low, high=high, start=10, end=90, log=True)
    assert 10 - 1e-6 <= scale(value) <= 90 + 1e-6


@given(_POSITIVE, st.floats(1.1, 1e6))
def test_ticks_are_few_ascending_and_in_view(low: float, factor: float) -> None:
    ticks = svg.log_ticks(low, low * factor)
    assert len(ticks) <= 6
    assert ticks == sorted(ticks)
    assert all(low <= tick <= low * factor for tick in ticks)


@given(st.floats(1e-3, 1e7))
def test_linear_ticks_start_at_zero_and_end_inside(high: float) -> None:
    ticks = svg.linear_ticks(high)
    assert ticks[0] == 0
    assert len(ticks) <= 7
    assert ticks[-1] <= high * (1 + 1e-9)


def test_text_and_titles_are_escaped() -> None:
    mark = svg.text(1, 2, "<b>", title="<script>")
    assert "<b>" not in mark
    assert "<script>" not in mark


def test_a_gap_breaks_the_line() -> None:
    assert svg.polyline([(0, 0), None, (2, 2), (3, 3)], "x").count("M") == 2


def test_numbers_carry_three_digits() -> None:
    assert [milliseconds(value) for value in (0.5, 4.217, 42.17, 421.7, 4217.0, None)] == [
        "0.50",
        "4.22",
        "42.2",
        "422",
        "4,217",
        "-",
    ]


def test_a_small_p_value_is_not_zero() -> None:
    assert [probability(p) for p in (0.0, 0.042, 1.0, None)] == ["< .001", ".042", "1", ""]
