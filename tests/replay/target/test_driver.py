"""The driver: what it plans, what it sends to a real target, and how it says that it cannot."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.cli import main
from replay.target import DEFAULT_TOKEN, Settings, Target, TargetError, orders
from replay.target.driver import DriveConfig, DriveSummary, drive
from replay.target.journeys import Journey, plan
from replay.target.people import invent
from replay.target.tally import Tally

NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing listens there


def planned(**fields: Any) -> list[Journey]:
    return plan(DriveConfig(**{"target": NOWHERE, "provider": NOWHERE, "sessions": 4000, **fields}))


def share(journeys: list[Journey], trait: str) -> float:
    return sum(bool(getattr(journey, trait)) for journey in journeys) / len(journeys)


@pytest.fixture(scope="module")
def driven() -> Iterator[tuple[DriveSummary, int, list[tuple[int, int]]]]:
    """One drive with everything in it: its summary, the orders in the database, the progress it told."""
    told: list[tuple[int, int]] = []
    with Target(Settings(worker_delay=0.05)) as target:
        config = DriveConfig(
            target=target.url,
            provider=target.provider_url,
            sessions=40,
            rate=40,
            think=0.01,
            paid=0.4,
            stream=0.4,
        )
        summary = asyncio.run(drive(config, lambda ended, of: told.append((ended, of))))
        yield summary, orders(target.db), told


def test_one_seed_gives_one_plan() -> None:
    assert planned(seed=5) == planned(seed=5)


def test_another_seed_gives_another_plan() -> None:
    assert planned(seed=5) != planned(seed=6)


def test_sessions_start_at_the_rate_whatever_the_target_does() -> None:
    assert planned(rate=8.0)[-1].start == pytest.approx(4000 / 8.0, rel=0.1)


def test_the_first_session_starts_at_once_and_the_others_in_order() -> None:
    starts = [journey.start for journey in planned()]
    assert (starts[0], all(a <= b for a, b in pairwise(starts))) == (0.0, True)


@pytest.mark.parametrize(
    ("trait", "expected"), [("paid", 0.3), ("streams", 0.15), ("abandons", 0.15), ("returns", 0.10)]
)
def test_shares_are_kept(trait: str, expected: float) -> None:
    assert share(planned(paid=0.3), trait) == pytest.approx(expected, abs=0.02)


def test_six_in_ten_sessions_list_the_products() -> None:
    listing = Counter(journey.steps[0].name for journey in planned())
    assert listing["products"] / 4000 == pytest.approx(0.6, abs=0.03)


def test_some_sessions_create_more_than_one_checkout_and_confirm_once() -> None:
    counts = [Counter(step.name for step in journey.steps) for journey in planned()]
    assert (max(count["create"] for count in counts), max(count["confirm"] for count in counts)) == (4, 1)


def test_only_weighted_steps_are_added() -> None:
    names = {step.name for journey in planned(weights={"get": 1.0}) for step in journey.steps}
    assert names == {"products", "create", "get", "update", "confirm", "outcome", "portal"}


def test_thinking_is_around_the_median_asked_for() -> None:
    thinks = sorted(step.think for journey in planned(think=0.3) for step in journey.steps if step.think)
    assert thinks[len(thinks) // 2] == pytest.approx(0.3, rel=0.05)


@given(st.integers(), st.text("0123456789abcdef", min_size=1))
def test_nobody_invented_can_receive_mail(seed: int, tag: str) -> None:
    assert invent(random.Random(seed), tag).email.endswith((f".{tag}@example.com", f".{tag}@example.org"))


@given(st.lists(st.floats(0, 10), min_size=1))
def test_a_percentile_is_one_of_the_latencies(latencies: list[float]) -> None:
    assert Tally(latencies=latencies).summary(1.0).p99_ms in [latency * 1000 for latency in latencies]


def test_percentiles_are_by_nearest_rank() -> None:
    summary = Tally(latencies=[n / 1000 for n in range(1, 101)]).summary(1.0)
    assert (summary.p50_ms, summary.p99_ms) == (50.0, 99.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sessions": 0},
        {"rate": 0},
        {"think": -1},
        {"stream": 1.1},
        {"paid": 0.5, "provider": None},
        {"weights": {"pay": 1}},
        {"weights": {"get": 0}},
    ],
)
def test_what_cannot_be_driven_is_refused_at_once(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"above 0|shares|provider|no step|be above"):
        DriveConfig(**{"target": NOWHERE, **wrong})


def test_every_session_completes_or_abandons_as_planned(driven: tuple[DriveSummary, int, Any]) -> None:
    summary = driven[0]
    assert (summary.completed + summary.abandoned, summary.failed) == (40, {})


def test_the_database_holds_an_order_for_every_confirm(driven: tuple[DriveSummary, int, Any]) -> None:
    summary, count, _ = driven
    assert count == summary.confirmed


def test_every_answer_is_a_success(driven: tuple[DriveSummary, int, Any]) -> None:
    summary = driven[0]
    assert (set(summary.statuses), sum(summary.statuses.values())) == ({200, 201}, summary.requests)


def test_progress_is_told_for_every_session(driven: tuple[DriveSummary, int, Any]) -> None:
    assert driven[2] == [(ended, 40) for ended in range(1, 41)]


def test_a_refusing_target_fails_sessions_with_their_reason() -> None:
    with Target(Settings(ttl=0.001)) as target:
        config = DriveConfig(target=target.url, sessions=5, rate=100, think=0.01, seed=3)
        summary = asyncio.run(drive(config))
    assert (summary.completed, {reason.partition(": ")[2] for reason in summary.failed}) == (0, {"status 410"})


def test_an_order_that_never_comes_fails_the_session() -> None:
    with Target(Settings(worker_delay=600)) as target:
        config = DriveConfig(target=target.url, sessions=2, rate=100, think=0.01, stream=0.5, seed=3, patience=0.5)
        summary = asyncio.run(drive(config))
    assert summary.failed == {"outcome: not done within 0.5 s": summary.confirmed}


def test_a_target_that_goes_away_fails_the_sessions_left() -> None:
    with Target(Settings(worker_delay=0.01)) as target:
        config = DriveConfig(target=target.url, sessions=30, rate=50, think=0.001)
        # Called first when the first session ends, a fraction of a second into the drive; stopping twice is harmless.
        summary = asyncio.run(drive(config, lambda *_: target.stop()))
    assert (summary.sessions, any("no answer" in reason for reason in summary.failed)) == (30, True)


def test_a_target_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(TargetError, match=r"Cannot reach http://127\.0\.0\.1:9 "):
        asyncio.run(drive(DriveConfig(target=NOWHERE)))


def test_a_service_that_is_no_checkout_api_is_one_sentence(target: Target) -> None:
    with pytest.raises(TargetError, match="answers /v1/products/ with 404"):
        asyncio.run(drive(DriveConfig(target=target.provider_url)))


def test_a_wrong_token_is_one_sentence(target: Target) -> None:
    with pytest.raises(TargetError, match="does not accept this token"):
        asyncio.run(drive(DriveConfig(target=target.url, token=DEFAULT_TOKEN)))


def test_the_command_prints_its_summary_as_json(target: Target, capsys: pytest.CaptureFixture[str]) -> None:
    args = ["--token", "polar_oat_test", "--sessions", "3", "--rate", "100/s", "--think", "1ms", "--stream", "0%"]
    with pytest.raises(SystemExit) as stop:
        main(["drive", "--target", target.url, *args, "--weights", "get=1", "--json"])
    assert (stop.value.code, json.loads(capsys.readouterr().out)["sessions"]) == (0, 3)


def test_the_command_prints_its_summary_for_people(target: Target, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["drive", "--target", target.url, "--token", "polar_oat_test", "--sessions", "1", "--think", "1ms"])
    assert capsys.readouterr().out.startswith("1 sessions in ")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "Cannot reach http://127.0.0.1:9"),
        (["--paid", "30%"], "provider"),
        (["--paid", "130%"], "above 100%"),
        (["--weights", "get=many"], "create=10"),
        (["--weights", "pay=1"], "create, update, get"),
    ],
)
def test_what_cannot_be_driven_is_one_sentence_and_exit_2(
    args: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["drive", "--target", NOWHERE, *args])
    assert (stop.value.code, words in capsys.readouterr().err) == (2, True)
