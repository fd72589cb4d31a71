"""The odd inputs: each has a sentence of its own, and none raises."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traces.compare import Comparison, compare, to_plain
from traces.model import Exchange, Origin

Make = Callable[..., list[Exchange]]
One = Callable[..., Exchange]


def _said(result: Comparison) -> str:
    return " ".join(result.why)


def test_an_empty_side(make: Make) -> None:
    some = make(5, run=False)
    assert "the candidate holds no requests" in _said(compare(some, []))
    assert "the reference holds no requests" in _said(compare([], some))
    assert compare([], []).verdict == "inconclusive"


def test_a_sentence_names_the_side_in_the_callers_words_too(make: Make) -> None:
    result = compare(make(5, run=False), [], names=("recorded", "replayed at 5x"))
    assert result.why == ("Inconclusive: the candidate (replayed at 5x) holds no requests.",)


def test_two_recordings_have_polls_of_their_own(one: One) -> None:
    monday = [one(1, 2.0, at=0), one(2, 2.0, at=10)]
    friday = [one(1, 2.0, at=5), one(2, 2.0, at=25)]
    kinds = [row.kind for row in compare(monday, friday, polls={2: 1}, candidate_polls={}).endpoints if row.n_b]
    assert "until" not in kinds


def test_no_shared_endpoint(make: Make) -> None:
    result = compare(make(30, run=False, steps=(0,)), make(30, run=False, steps=(3,), seed=2))
    assert "share no endpoint" in _said(result)
    assert {row.n_a * row.n_b for row in result.endpoints} == {0}


def test_an_endpoint_on_one_side_only_keeps_a_row(make: Make) -> None:
    result = compare(make(200, run=False), [exchange for exchange in make(200) if exchange.id % 7 != 4])
    row = next(row for row in result.endpoints if row.name.endswith("/confirm"))
    assert (row.n_b, row.why) == (0, "only the reference has it")


def test_all_failures(make: Make) -> None:
    broken = make(30, failing=1.0, steps=(3,))
    assert "every request failed on both sides" in _said(compare(broken, broken))
    assert compare(make(30, run=False, steps=(3,)), broken).verdict == "regressed"


def test_a_file_against_itself(make: Make) -> None:
    trace = make(250, run=False)
    result = compare(trace, trace)
    assert result.verdict == "equivalent"
    assert "the same measurements" in _said(result)
    assert {change.ratio for row in result.endpoints for change in row.changes} <= {1.0, None}


def test_a_file_of_20_sessions_against_itself_certifies_nothing(make: Make) -> None:
    trace = make(20, run=False)
    assert compare(trace, trace).verdict == "inconclusive"


def test_nothing_clean_says_which_flag(make: Make) -> None:
    run = [replace(exchange, flags=("approximate",)) for exchange in make(30)]
    assert "left out as 'approximate'" in _said(compare(make(30, run=False), run))


def test_one_exchange_a_side(one: One) -> None:
    result = compare([one(1, 5.0)], [one(9, 6.0, of=1)])
    assert result.verdict == "inconclusive"
    assert result.endpoints[0].changes[0].ratio == pytest.approx(1.2)


def test_a_rare_endpoint_does_not_keep_the_verdict_open(make: Make, one: One) -> None:
    rare = {"session": "s500", "endpoint": "GET /favicon.ico"}
    reference = [*make(1000, run=False), one(99_999, 5.0, at=500 * 10**9, **rare)]
    candidate = [*make(1000), one(99_999, 9.0, at=500 * 10**9, of=99_999, **rare)]
    result = compare(reference, candidate)
    assert result.verdict == "equivalent"
    assert any("GET /favicon.ico" in caveat for caveat in result.caveats)


def test_exchanges_without_session_endpoint_or_answer(one: One) -> None:
    bare = [one(id, None if id % 2 else 3.0, session=None, endpoint=None) for id in range(6)]  # noqa: A001 - the model's own word
    assert compare(bare, bare).endpoints[0].name == "GET (no template)"


_EXCHANGE = st.fixed_dictionaries(
    {
        "ms": st.none() | st.floats(0, 1e5),
        "at": st.integers(0, 10**12),
        "session": st.sampled_from(["a", "b", None]),
        "endpoint": st.sampled_from(["GET /a", "GET /b"]),
        "flags": st.sampled_from([(), ("queued",), ("never heard of",)]),
        "origin": st.none()
        | st.builds(Origin, of=st.integers(0, 5), clone=st.integers(0, 1), poll=st.sampled_from([None, 0, 1])),
    }
)
_TRACE = st.lists(_EXCHANGE, max_size=12)


@settings(max_examples=150, deadline=None)
@given(_TRACE, _TRACE)
def test_no_trace_makes_it_raise_and_the_result_is_always_json(
    one: One, a: list[dict[str, object]], b: list[dict[str, object]]
) -> None:
    sides = [[one(id, fields.pop("ms"), **fields) for id, fields in enumerate(map(dict, side))] for side in (a, b)]  # noqa: A001 - as above
    plain = to_plain(compare(*sides))
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
