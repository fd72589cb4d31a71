"""What a terminal shows."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces.compare import Comparison, EndpointResult
from traces.report import text
from traces.report.safe import cells, printable, shorten

Found = Callable[..., Comparison]
Result = Callable[..., EndpointResult]


def test_the_first_line_is_the_verdict_in_plain_words(found: Found) -> None:
    first = text.render(found()).splitlines()[0]
    assert first == "Regressed: POST /confirm is 1.58x slower (95 % CI 1.52-1.64)."


@pytest.mark.parametrize(
    "word", ["REGRESSED", "2,000", "0.6 %", "63.0", "1.58x", "connect_in_wait", "Bear in mind", "repeat with"]
)
def test_a_reader_finds(found: Found, word: str) -> None:
    assert word in text.render(found())


@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_line_is_wider_than_asked(found: Found, result: Result, width: int) -> None:
    shown = text.render(found(result("GET /" + "very-long/" * 40), result("GET /\u6771\u4eac" * 30)), width=width)
    assert max(map(cells, shown.splitlines())) <= width


def test_escape_sequences_and_line_feeds_of_a_trace_never_reach_the_terminal(found: Found, result: Result) -> None:
    hostile = "GET /\x1b[2J\x1b]0;owned\x07\r\nPASSED\u202egnp.exe\u2066\x9b31m"
    shown = text.render(found(result(hostile), facts={hostile: hostile}))
    assert not any(char in shown for char in "\x1b\x07\r\u202e\u2066\x9b")
    assert not any(line.startswith("PASSED") for line in shown.splitlines())
    assert "\\x1b[2J" in shown


def test_a_comparison_of_nothing_still_says_why() -> None:
    nothing = Comparison(verdict="inconclusive", why=("Inconclusive: the candidate holds no requests.",))
    assert text.render(nothing) == "Inconclusive: the candidate holds no requests.\n"


@given(st.text())
def test_printable_text_does_nothing_but_show(anything: str) -> None:
    assert all(char.isprintable() or unicodedata.category(char) == "Zs" for char in printable(anything))


@given(st.text(), st.integers(8, 40))
def test_shortened_text_fits(anything: str, width: int) -> None:
    assert cells(shorten(printable(anything), width)) <= width
