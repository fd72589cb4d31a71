"""What the verdict is, on synthetic checkouts whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from traces.compare import Margins, compare, exit_code
from traces.model import Exchange

Make = Callable[..., list[Exchange]]


@pytest.mark.parametrize("seed", range(4))
def test_thirty_percent_on_one_of_four_endpoints_is_found_and_named_from_250_sessions(make: Make, seed: int) -> None:
    result = compare(make(250, seed=seed, run=False), make(250, seed=seed, slower={3: 1.3}))
    assert result.verdict == "regressed"
    assert result.why[0].startswith("Regressed: POST /checkouts/{id}/confirm is 1.")
    assert exit_code(result) == 1


@pytest.mark.parametrize("seed", range(6))
def test_nothing_changed_is_not_regressed(make: Make, seed: int) -> None:
    assert compare(make(250, seed=seed, run=False), make(250, seed=seed)).verdict != "regressed"


def test_nothing_changed_is_equivalent_from_enough_sessions(make: Make) -> None:
    result = compare(make(1000, run=False), make(1000))
    assert result.verdict == "equivalent"
    assert exit_code(result) == 0


def test_three_percent_failures_are_found_though_the_rest_is_as_fast(make: Make) -> None:
    result = compare(make(600, run=False), make(600, failing=0.03))
    assert result.verdict == "regressed"
    assert "fails more often" in result.why[0]


def test_faster_is_improved(make: Make) -> None:
    result = compare(make(1000, run=False), make(1000, slower={3: 0.6}))
    assert result.verdict == "improved"
    assert "confirm is 1." in result.why[0]


def test_clones_do_not_multiply_the_evidence(make: Make) -> None:
    once, often = (compare(make(120, run=False), make(120, clones=clones)) for clones in (1, 5))
    assert once.units == often.units


def test_too_few_sessions_never_certify(make: Make) -> None:
    result = compare(make(20, run=False), make(20))
    assert result.verdict == "inconclusive"
    assert any("too few to certify" in sentence for sentence in result.why)
    assert exit_code(result) == 3


def test_inconclusive_says_what_is_ruled_out_and_what_would_settle_it(make: Make) -> None:
    result = compare(make(120, run=False), make(120))
    details = " ".join(result.why)
    assert "rules out slowdowns above +" in details
    assert "needs at least" in details


def test_a_percentile_without_enough_requests_says_how_many_it_needs(make: Make) -> None:
    change = compare(make(120, run=False), make(120)).endpoints[0].change("p99")
    assert change is not None
    assert (change.ratio, change.note) == (None, "needs >= 1,000 requests")


def test_below_the_floor_nobody_is_slower(make: Make) -> None:
    tiny = [
        replace(exchange, clock=replace(exchange.clock, first_byte=(exchange.clock.sent or 0) + took))
        for exchange, took in ((exchange, 200_000 + exchange.id % 9 * 1000) for exchange in make(250))
    ]
    twice = [
        replace(exchange, clock=replace(exchange.clock, first_byte=(exchange.clock.sent or 0) + took))
        for exchange, took in ((exchange, 400_000 + exchange.id % 9 * 1000) for exchange in make(250))
    ]
    small = [result for result in compare(tiny, twice).endpoints if result.kind == "endpoint"]
    assert {result.verdict for result in small} == {"equivalent"}


def test_a_run_that_is_no_measurement_is_invalid_whatever_it_shows(make: Make) -> None:
    result = compare(make(120, run=False), make(120), invalid="the generator was saturated.")
    assert (result.verdict, result.why[0]) == ("invalid", "Invalid: the generator was saturated.")
    assert exit_code(result) == 4


def test_a_slower_condition_is_found_in_its_own_row(make: Make) -> None:
    def polled(exchanges: list[Exchange], wait_ms: int) -> list[Exchange]:
        result = []
        for exchange in exchanges:
            origin = exchange.origin
            if exchange.id % 7 != 6 or origin is None:
                result.append(exchange)
                continue
            end = exchange.clock.received + (wait_ms + exchange.id % 50) * 10**6
            late = replace(exchange.clock, received=end - 10**6, sent=end - 10**6, first_byte=end, last_byte=end)
            result.append(replace(exchange, origin=replace(origin, poll=0)))
            result.append(replace(exchange, clock=late, origin=replace(origin, poll=1)))
        return result

    result = compare(polled(make(300), 500), polled(make(300, again=1), 900))
    until = next(row for row in result.endpoints if row.kind == "until")
    assert (until.name, until.verdict) == ("until: GET /checkouts/{id}", "regressed")


def test_margins_can_be_wider(make: Make) -> None:
    wide = Margins(typical=1.0, p95=1.0, p99=1.0)
    result = compare(make(600, run=False), make(600, slower={3: 1.3}), margins=wide)
    assert result.verdict in {"not worse", "equivalent"}


def test_a_margin_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Margins(typical=0)


def test_rows_are_sorted_worst_first_and_the_session_last(make: Make) -> None:
    result = compare(make(400, run=False), make(400, slower={2: 2.0}))
    assert result.endpoints[0].name == "PUT /checkouts/{id}/address"
    assert result.endpoints[-1].name == "SESSION total"
