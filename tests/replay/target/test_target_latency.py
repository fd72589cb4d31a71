"""The pure part of the target: its latencies, its slowdowns, its limits and its settings."""

from __future__ import annotations

import statistics
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.target import MEDIANS, Limit, Settings, Slowdown, slowdown
from replay.target.latency import Latency, is_slow_period, uniforms, worker_delay
from replay.target.limits import Limiter
from replay.target.limits import parse as parse_limit
from replay.target.settings import dump, load

SEEDS: Final = st.integers()
ENDPOINTS: Final = st.sampled_from(sorted(MEDIANS))
COUNTS: Final = st.integers(0, 10**6)
TIMES: Final = st.floats(0, 10**6)
CHANGES: Final = st.builds(Slowdown, endpoint=ENDPOINTS, factor=st.floats(0.1, 10), extra=st.floats(0, 1))


@given(SEEDS, ENDPOINTS, COUNTS, TIMES)
def test_two_targets_with_one_seed_have_one_latency(seed: int, endpoint: str, n: int, at: float) -> None:
    assert Latency(seed=seed).seconds(endpoint, n, at) == Latency(seed=seed).seconds(endpoint, n, at)


@given(SEEDS, ENDPOINTS, COUNTS, TIMES)
def test_a_latency_is_above_zero_and_bounded(seed: int, endpoint: str, n: int, at: float) -> None:
    # exp(0.3 * 8.2) is the farthest a 52-bit uniform reaches, then a spike in a slow period.
    assert 0 < Latency(seed=seed).seconds(endpoint, n, at) < MEDIANS[endpoint] * 12 * 10 * 1.8


@given(SEEDS, CHANGES, COUNTS, TIMES)
def test_a_slowdown_is_exactly_its_factor_and_its_extra(seed: int, change: Slowdown, n: int, at: float) -> None:
    plain = Latency(seed=seed).seconds(change.endpoint, n, at)
    slowed = Latency(seed=seed, slow=(change,)).seconds(change.endpoint, n, at)
    assert slowed == plain * change.factor + change.extra


@given(SEEDS, CHANGES, ENDPOINTS, COUNTS, TIMES)
def test_a_slowdown_leaves_the_other_endpoints_alone(
    seed: int, change: Slowdown, other: str, n: int, at: float
) -> None:
    slow = () if other == change.endpoint else (change,)
    assert Latency(seed=seed, slow=slow).seconds(other, n, at) == Latency(seed=seed).seconds(other, n, at)


@given(SEEDS, st.text(), COUNTS)
def test_uniforms_lie_strictly_between_0_and_1(seed: int, name: str, n: int) -> None:
    assert all(0 < u < 1 for u in uniforms(seed, name, n))


@pytest.mark.parametrize(("endpoint", "median"), MEDIANS.items())
def test_the_median_of_many_is_the_one_promised(endpoint: str, median: float) -> None:
    quiet = next(float(at) for at in range(100) if not is_slow_period(7, at))
    drawn = [Latency(seed=7).seconds(endpoint, n, quiet) for n in range(4000)]
    assert statistics.median(drawn) == pytest.approx(median, rel=0.02)


def test_about_one_request_in_a_hundred_is_a_spike() -> None:
    quiet = next(float(at) for at in range(100) if not is_slow_period(7, at))
    drawn = [Latency(seed=7).seconds("get", n, quiet) for n in range(20_000)]
    # Three sigma of the body; it adds one in a thousand of its own, and hides some of the smallest spikes.
    assert 0.006 < sum(seconds > MEDIANS["get"] * 2.46 for seconds in drawn) / len(drawn) < 0.014


def test_six_percent_of_the_time_is_slow() -> None:
    slow = [is_slow_period(7, tenth / 10) for tenth in range(200_000)]
    assert statistics.mean(slow) == pytest.approx(0.06, rel=0.1)


def test_a_slow_period_slows_every_endpoint_alike() -> None:
    quiet, slow = (next(t / 10 for t in range(1000) if is_slow_period(7, t / 10) is wanted) for wanted in (False, True))
    ratios = {
        endpoint: Latency(seed=7).seconds(endpoint, 0, slow) / Latency(seed=7).seconds(endpoint, 0, quiet)
        for endpoint in MEDIANS
    }
    assert ratios == pytest.approx(dict.fromkeys(MEDIANS, 1.8))


def test_the_workers_median_delay_is_the_one_asked_for() -> None:
    assert statistics.median(worker_delay(7, n, 0.4) for n in range(4000)) == pytest.approx(0.4, rel=0.03)


@pytest.mark.parametrize(
    ("text", "factor", "extra"),
    [
        ("confirm=+30%", 1.3, 0.0),
        ("confirm=x2", 2.0, 0.0),
        ("confirm=x0.5", 0.5, 0.0),
        ("confirm=+40ms", 1.0, 0.04),
        ("confirm=+1.5s", 1.0, 1.5),
    ],
)
def test_a_slowdown_is_read(text: str, factor: float, extra: float) -> None:
    assert slowdown.parse(text, MEDIANS) == Slowdown(endpoint="confirm", factor=factor, extra=extra)


@pytest.mark.parametrize(
    "text", ["confirm", "confirm=", "confirm=30%", "confirm=x0", "confirm=-5%", "confirm=+3 apples"]
)
def test_what_is_no_slowdown_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"slowdown|factor"):
        slowdown.parse(text, MEDIANS)


def test_an_unknown_endpoint_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(ValueError, match=r"'pay'.*create, update, get, confirm, stream, orders, order, products"):
        slowdown.parse("pay=x2", MEDIANS)


@given(st.integers(1, 50), st.integers(0, 200), st.floats(0, 1e6))
def test_a_window_admits_as_many_as_the_limit_says(count: int, asked: int, now: float) -> None:
    limiter = Limiter(limit=Limit(count=count, window=60))
    assert sum(limiter.wait("ann", now) == 0 for _ in range(asked)) == min(count, asked)


@given(st.floats(0, 1e6))
def test_who_waits_as_long_as_told_is_admitted(now: float) -> None:
    limiter = Limiter(limit=Limit(count=1, window=60))
    limiter.wait("ann", now)
    wait = limiter.wait("ann", now)
    # A ten-thousandth of a second covers the rounding of now + wait.
    assert limiter.wait("ann", now + wait + 1e-4) == 0


def test_callers_are_counted_apart() -> None:
    limiter = Limiter(limit=Limit(count=1, window=60))
    assert [limiter.wait(caller, 0.0) for caller in ("ann", "bob")] == [0, 0]


def test_a_limit_is_read() -> None:
    assert parse_limit("100/min") == Limit(count=100, window=60.0)


@pytest.mark.parametrize("text", ["100", "0/min", "many/s", "1.5/s", "10/day"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rate limit"):
        parse_limit(text)


@given(SEEDS, st.lists(CHANGES).map(tuple), st.none() | st.builds(Limit, count=st.integers(1, 9), window=st.just(60.0)))
def test_settings_reach_the_child_unchanged(seed: int, slow: tuple[Slowdown, ...], limit: Limit | None) -> None:
    settings = Settings(seed=seed % 2**63, slow=slow, rate_limit=limit)
    assert load(dump(settings)) == settings
