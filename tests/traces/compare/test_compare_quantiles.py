"""Percentiles from bins against numpy, the bootstrap against scipy, the distances against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from traces.compare.bootstrap import Resamples, percentiles, typical
from traces.compare.describe import distance, ecdf
from traces.compare.quantiles import WIDTH, cumulated, quantile, weighted_quantiles
from traces.compare.quantities import Quantity, Sample
from traces.compare.units import MOST, evidence
from traces.compare.verdict import holm

_MS = st.lists(st.floats(0.01, 60_000), min_size=1, max_size=300)
_LEVELS = [0.5, 0.9, 0.95, 0.99]


def _sample(ms: list[float], unit: list[int] | None = None) -> Sample:
    values = np.array(ms)
    order = np.argsort(values)
    units = np.array(unit if unit is not None else range(len(ms)), np.int64)
    return Sample(
        ms=values[order],
        unit=units[order],
        start=np.arange(len(ms)),
        timeouts=0,
        sessions=len(ms),
        failing=np.zeros(0, np.int64),
    )


def _pair(a: list[float], b: list[float]) -> Quantity:
    logs = np.log(np.array(b) / np.array(a)) if len(a) == len(b) else np.zeros(0)
    return Quantity(
        name="GET /", kind="endpoint", a=_sample(a), b=_sample(b), twin_unit=np.arange(len(logs)), twin_log=logs
    )


@given(_MS)
def test_a_quantile_from_bins_is_within_one_bin_of_numpys(ms: list[float]) -> None:
    unit = np.zeros(len(ms), np.int64)
    found = weighted_quantiles(*cumulated(np.array(ms), unit, 1), np.ones((1, 1)), _LEVELS)[:, 0]
    exact = np.log(np.quantile(ms, _LEVELS, method="inverted_cdf"))
    assert (np.abs(found - exact) <= WIDTH).all()


@given(_MS, st.sampled_from(_LEVELS))
def test_the_exact_quantile_is_numpys_inverted_cdf(ms: list[float], level: float) -> None:
    assert quantile(np.sort(ms), level) == np.quantile(ms, level, method="inverted_cdf")


def test_failures_stand_in_the_last_bin() -> None:
    table, middle = cumulated(np.array([1.0, 2.0, np.inf]), np.zeros(3, np.int64), 1)
    assert weighted_quantiles(table, middle, np.ones((1, 1)), [0.5, 0.99])[:, 0].tolist()[1] == np.inf


def test_the_standard_error_agrees_with_scipys_bootstrap() -> None:
    random = np.random.default_rng(5)
    a, b = np.exp(random.normal(3, 0.5, (2, 200)))
    ours = percentiles(_pair(a.tolist(), b.tolist()), Resamples.draw(200, 200, paired=True, seed=1), ["p50"])["p50"].se

    def ratio(index: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> float:
        return float(np.log(np.median(b[index.astype(int)]) / np.median(a[index.astype(int)])))

    theirs = stats.bootstrap(
        (np.arange(200),), ratio, vectorized=False, n_resamples=1999, method="percentile", rng=random
    ).standard_error
    assert ours == pytest.approx(theirs, rel=0.1)


def test_the_typical_ratio_has_the_standard_error_of_a_mean() -> None:
    random = np.random.default_rng(6)
    a, b = np.exp(random.normal(3, 0.5, (2, 400)))
    found = typical(_pair(a.tolist(), b.tolist()), Resamples.draw(400, 400, paired=True, seed=1))
    assert found.se == pytest.approx(stats.sem(np.log(b / a)), rel=0.05)
    assert found.log == pytest.approx(np.log(b / a).mean())


@given(st.lists(st.floats(0.1, 1000), min_size=2, max_size=60), st.lists(st.floats(0.1, 1000), min_size=2, max_size=60))
def test_the_distances_are_scipys(a: list[float], b: list[float]) -> None:
    found = distance(_pair(a, b))
    assert found is not None
    assert found.ks == pytest.approx(stats.ks_2samp(a, b, method="asymp").statistic)
    assert found.wasserstein == pytest.approx(stats.wasserstein_distance(a, b))
    u = stats.mannwhitneyu(b, a).statistic
    assert found.cliff == pytest.approx(2 * u / (len(a) * len(b)) - 1)


@given(st.lists(st.floats(0.1, 1000), min_size=1, max_size=2000))
def test_a_distribution_curve_rises_and_stays_small(ms: list[float]) -> None:
    curve = ecdf(_sample(ms))
    assert len(curve) <= 200
    assert list(curve) == sorted(curve)
    assert curve[-1][1] == 1.0


def test_a_distribution_curve_ends_below_one_when_some_failed() -> None:
    assert ecdf(_sample([1.0, 2.0, 3.0, np.inf]))[-1] == (3.0, 0.75)


@given(st.integers(1, 5 * MOST))
def test_units_are_as_many_as_sessions_up_to_a_limit_and_equally_large(sessions: int) -> None:
    sizes = np.bincount(evidence(sessions))
    assert len(sizes) == min(sessions, MOST)
    assert sizes.max() - sizes.min() <= 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_only_raises_p_values_and_does_not_care_for_order(p: list[float]) -> None:
    adjusted = holm(p)
    order = np.random.default_rng(len(p)).permutation(len(p))
    assert (adjusted >= np.array(p) - 1e-12).all()
    assert holm(np.array(p)[order].tolist()) == pytest.approx(adjusted[order])


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]).tolist() == pytest.approx([0.03, 0.06, 0.06])


def test_the_same_seed_draws_the_same_weights() -> None:
    first, second = (Resamples.draw(30, 30, paired=True, seed=9) for _ in range(2))
    assert (first.a == second.a).all()
