"""Who is compared with whom, and what is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from traces.compare import compare
from traces.compare.table import tabulate
from traces.compare.twins import TWIN_LEFT, WARM_UP, align
from traces.model import Exchange

Make = Callable[..., list[Exchange]]


def test_a_recording_and_its_run_are_paired(make: Make) -> None:
    assert align(tabulate(make(20, run=False)), tabulate(make(20))).paired


def test_two_runs_of_one_recording_are_paired(make: Make) -> None:
    assert align(tabulate(make(20)), tabulate(make(20, again=1))).paired


def test_two_recordings_are_not_paired_though_their_ids_are_the_same(make: Make) -> None:
    monday = make(20, run=False)
    friday = [
        replace(exchange, clock=replace(exchange.clock, received=exchange.clock.received + 1_234_567))
        for exchange in make(20, run=False, seed=3)
    ]
    result = compare(monday, friday)
    assert not result.paired
    assert any("share no twins" in caveat for caveat in result.caveats)


def test_the_caller_can_say_that_ids_do_not_mean_twins(make: Make) -> None:
    assert not align(tabulate(make(20)), tabulate(make(20)), pair=False).paired


def test_clones_weigh_as_much_as_their_twin(make: Make) -> None:
    twins = align(tabulate(make(40, run=False)), tabulate(make(40, clones=3)))
    assert len(twins.b) == 3 * len(twins.a)
    assert twins.sessions == (38, 38)


def test_a_session_in_the_warm_up_of_either_side_leaves_both(make: Make) -> None:
    twins = align(tabulate(make(100, run=False)), tabulate(make(100)))
    assert (WARM_UP, 35, 35) in twins.left_out


def test_the_twin_of_an_unclean_exchange_leaves_too(make: Make) -> None:
    run = [replace(exchange, flags=("queued",)) if exchange.id == 300 else exchange for exchange in make(100)]
    twins = align(tabulate(make(100, run=False)), tabulate(run))
    assert ("queued", 0, 1) in twins.left_out
    assert (TWIN_LEFT, 1, 0) in twins.left_out


def test_a_burst_has_no_warm_up(make: Make) -> None:
    burst = [replace(exchange, clock=replace(exchange.clock, received=exchange.id % 7)) for exchange in make(50)]
    result = compare(make(50, run=False), burst)
    assert result.sessions == (47, 47)


def test_too_many_requests_without_a_twin_are_at_best_inconclusive(make: Make) -> None:
    reference = make(300, run=False)
    result = compare(reference, [exchange for exchange in make(300) if exchange.id % 20])
    assert result.verdict == "inconclusive"
    assert any("have no twin" in sentence for sentence in result.why)


def test_what_a_session_is_called_in_the_run_does_not_matter(make: Make) -> None:
    renamed = [replace(exchange, session=f"{exchange.session}#0") for exchange in make(120)]
    plain = compare(make(120, run=False), make(120))
    assert compare(make(120, run=False), renamed).endpoints == plain.endpoints
