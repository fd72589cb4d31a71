"""What must hold for any two traces: symmetry, order, identity, repeatability."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from traces.compare import Comparison, compare
from traces.model import Exchange

Make = Callable[..., list[Exchange]]
_SEED = st.integers(0, 10_000)
_SESSIONS = st.integers(2, 60)
_FEW = settings(max_examples=20, deadline=None)


def _ratios(result: Comparison) -> dict[tuple[str, str], float]:
    return {
        (row.name, change.metric): change.ratio
        for row in result.endpoints
        for change in row.changes
        if change.ratio is not None
    }


@_FEW
@given(_SEED, _SESSIONS)
def test_a_trace_against_itself_has_ratio_one_and_is_not_regressed(make: Make, seed: int, sessions: int) -> None:
    trace = make(sessions, seed=seed, run=False, failing=0.1)
    result = compare(trace, trace)
    assert result.verdict != "regressed"
    assert set(_ratios(result).values()) <= {1.0}


@_FEW
@given(_SEED, _SESSIONS)
def test_swapping_the_sides_mirrors_the_ratios(make: Make, seed: int, sessions: int) -> None:
    a, b = make(sessions, seed=seed, run=False), make(sessions, seed=seed, slower={1: 1.4})
    there, back = _ratios(compare(a, b)), _ratios(compare(b, a))
    assert {key: 1 / ratio for key, ratio in back.items()} == pytest.approx(there)


@_FEW
@given(_SEED, _SESSIONS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(make: Make, seed: int, sessions: int, random: Random) -> None:
    a, b = make(sessions, seed=seed, run=False), make(sessions, seed=seed, clones=2, failing=0.05)
    before = compare(a, b)
    random.shuffle(a)
    random.shuffle(b)
    assert compare(a, b) == before


@_FEW
@given(_SEED, st.floats(0.2, 5))
def test_scaling_the_candidate_scales_every_ratio(make: Make, seed: int, factor: float) -> None:
    everywhere = dict.fromkeys(range(4), factor)
    reference = make(40, seed=seed, run=False)
    plain, scaled = compare(reference, make(40, seed=seed)), compare(reference, make(40, seed=seed, slower=everywhere))
    expected = {key: ratio * factor for key, ratio in _ratios(plain).items()}
    assert _ratios(scaled) == pytest.approx(expected, rel=1e-4)


def test_the_same_seed_gives_the_same_comparison(make: Make) -> None:
    first, second = (compare(make(60, run=False), make(60), seed=4) for _ in range(2))
    assert first == second
