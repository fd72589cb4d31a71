"""The whole way with real processes: record, replay against a fresh target, count the orders that were made."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from replay.prepare import Settings, prepare
from replay.recording import Recording, load
from replay.run import Job, Result, run
from replay.target import Settings as TargetSettings
from replay.target import Target, orders
from replay.target.driver import DriveConfig, drive
from tests.capture.recorders import recording


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the driver did, as the recorder saw it, and the orders in the database of the target it did it to."""

    trace: Recording
    orders: int


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    trace = tmp_path_factory.mktemp("whole") / "recording.trace"
    with Target(TargetSettings(worker_delay=0.1)) as target:
        with recording(target.url, trace) as recorder:
            config = DriveConfig(
                target=f"http://{recorder.host}:{recorder.port}",
                catalog=target.url,
                sessions=60,
                rate=25.0,
                think=0.05,
                browse=1.0,
            )
            summary = asyncio.run(drive(config))
        assert not summary.failed, summary
        yield Recorded(load(trace), orders(target.db))


@dataclass(frozen=True, slots=True)
class Replayed:
    result: Result
    trace: Recording
    orders: int


@pytest.fixture(scope="module", params=[1, 2])
def replayed(
    recorded: Recorded, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> tuple[int, Replayed]:
    """How many copies, and the run at 5x against a target of its own."""
    out = tmp_path_factory.mktemp("whole") / "run.trace"
    with Target() as target:
        settings = Settings(target=target.url, speed=5.0, multiply=request.param, seed=3)
        job = Job(prepared=prepare(recorded.trace, settings), settings=settings, out=out)
        (result,) = asyncio.run(run(recorded.trace, [job]))
        return request.param, Replayed(result, load(out), orders(target.db))


def test_a_replay_makes_as_many_orders_as_were_recorded_and_binds_every_value(
    recorded: Recorded, replayed: tuple[int, Replayed]
) -> None:
    multiply, done = replayed
    assert (done.orders, done.result.unbound, done.result.fidelity.invalid) == (recorded.orders * multiply, (), None)


def test_a_runs_trace_holds_each_attempt_and_its_certificate(
    recorded: Recorded, replayed: tuple[int, Replayed]
) -> None:
    result, trace = replayed[1].result, replayed[1].trace
    assert (len(trace.exchanges), trace.summary["fidelity"]["planned"], trace.header.parent, trace.warnings) == (
        result.fidelity.attempts,
        result.fidelity.planned,
        recorded.trace.header.id,
        (),
    )


def test_no_value_the_recorded_target_issued_is_sent_to_the_new_one(
    recorded: Recorded, replayed: tuple[int, Replayed]
) -> None:
    secrets = {
        segment
        for e in recorded.trace.exchanges
        for segment in e.request.target.split(b"/")
        if segment.startswith(b"polar_c_") or len(segment) == 36
    }
    sent = b"\n".join(e.request.target + (e.request.body or b"") for e in replayed[1].trace.exchanges)
    assert (len(secrets) > 50, [secret for secret in secrets if secret in sent]) == (True, [])


def demo(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "replay", "demo", *args], capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.slow
def test_a_short_demo_passes(tmp_path: Path) -> None:
    done = demo("--sessions", "60", "--out", str(tmp_path / "demo"))
    assert (done.returncode, "Traceback" in done.stderr, (tmp_path / "demo" / "gate.html").exists()) == (
        0,
        False,
        True,
    ), done


@pytest.mark.slow
def test_the_full_demo_passes(tmp_path: Path) -> None:
    done = demo("--out", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, ""), done


@pytest.mark.slow
def test_the_demo_finds_a_slowed_endpoint_and_names_it(tmp_path: Path) -> None:
    done = demo("--slow", "confirm=+60%", "--out", str(tmp_path))
    named = [line.split()[1] for line in done.stdout.splitlines() if line.endswith("REGRESSED")]
    # What a session takes in all includes it, and may show it too.
    assert (done.returncode, {*named} - {"total"}) == (1, {"/v1/checkouts/client/{client_secret}/confirm"}), done
