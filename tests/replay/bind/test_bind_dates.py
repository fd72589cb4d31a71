"""A date that was near when it was recorded is as near when it is sent; one that was far is a fact about somebody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.bind.dates import dated
from traces.lens import Leaf

THEN = int(datetime(2026, 11, 22, 9, 30, 15, tzinfo=UTC).timestamp()) * 10**9
DAY = 86_400 * 10**9


def moved(text: str, by: int, path: str = "body.$.day") -> str | None:
    found = dated(Leaf("body", path, 0, len(text), text), THEN)
    return None if found is None else found.at(THEN + by)


@pytest.mark.parametrize(
    ("text", "by", "then"),
    [
        ("2026-11-25", 10 * DAY, "2026-12-05"),
        ("2026-11-25", DAY // 3, "2026-11-25"),
        ("2026-11-22T09:30:00Z", 2 * DAY, "2026-11-24T09:30:00Z"),
        ("2026-11-22T10:30:00.123456+01:00", DAY, "2026-11-23T10:30:00.123456+01:00"),
        ("2026-11-22 09:30", 90 * 60 * 10**9, "2026-11-22 11:00"),
        ("1795339815", 60 * 10**9, "1795339875"),
        ("1795339815123", 60 * 10**9, "1795339875123"),
        ("Sun, 22 Nov 2026 09:30:15 GMT", DAY, "Mon, 23 Nov 2026 09:30:15 GMT"),
    ],
)
def test_an_instant_of_the_request_moves_with_it_and_keeps_its_form(text: str, by: int, then: str) -> None:
    assert moved(text, by) == then


@pytest.mark.parametrize(
    "text",
    ["1984-02-29", "2031-01-01", "1500000000", "17", "2026-13-45", "2026-11-22T99:99", "1795000", "next week", ""],
)
def test_what_is_not_of_the_requests_time_stays(text: str) -> None:
    assert moved(text, DAY) is None


def test_what_an_answer_said_of_itself_is_given_back_as_it_was() -> None:
    assert moved("Sun, 22 Nov 2026 09:30:15 GMT", DAY, "header.if-modified-since") is None


@given(st.integers(-DAY, 300 * DAY), st.sampled_from(["2026-11-25", "2026-11-22T09:30:00.5Z", "1795339815123"]))
def test_moved_by_nothing_it_is_the_same_and_its_length_never_changes(by: int, text: str) -> None:
    later = moved(text, by)
    assert (moved(text, 0), later is not None and len(later)) == (text, len(text))
