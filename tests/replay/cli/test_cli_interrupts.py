"""Ctrl-C in every phase: exit 130, no traceback, and what was recorded or measured is kept and can be opened."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from replay.recording import load
from replay.target import Settings, Target
from tests.capture.origins import Asked, Origin
from tests.capture.recorders import until
from tests.replay.cli.commands import INTERRUPT, ended, started, write


@pytest.fixture
def slow_trace(tmp_path: Path) -> Path:
    """Ten sessions of three requests, three sessions a second."""
    return write(tmp_path / "slow.trace", sessions=10, gap=100, apart=300)


@pytest.fixture
def big_trace(tmp_path: Path) -> Path:
    """So many sessions that understanding them takes seconds."""
    return write(tmp_path / "big.trace", sessions=6000, gap=20, apart=20)


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_a_run_interrupted_while_it_sends_keeps_what_it_measured(
    shop: Origin, slow_trace: Path, tmp_path: Path, number: signal.Signals
) -> None:
    out = tmp_path / "run.trace"
    with started("run", slow_trace, "--target", shop.url, "--out", out) as process:
        assert until(lambda: len(shop.asked) >= 4, 30)
        end = ended(process, number)
    run = load(out)
    assert (end.code, "Traceback" in end.err, run.warnings, len(run.exchanges) >= 4) == (130, False, (), True), end
    fidelity = run.summary["fidelity"]
    assert fidelity["planned"] == fidelity["sent"] + sum(fidelity["reasons"].values()) == 30


def test_a_run_interrupted_before_its_first_answer_says_so_and_leaves_a_readable_file(
    slow_trace: Path, tmp_path: Path
) -> None:
    async def silent(_asked: Asked, _wire: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    with (
        Origin(silent) as origin,
        started("run", slow_trace, "--target", origin.url, "--out", tmp_path / "run.trace") as process,
    ):
        assert until(lambda: origin.asked, 30)
        end = ended(process, INTERRUPT)
    assert (end.code, "Traceback" in end.err, (tmp_path / "run.trace").exists()) == (130, False, True), end


@pytest.mark.parametrize("wait", [0.8, pytest.param(1.5, marks=pytest.mark.slow)])
def test_a_run_interrupted_while_it_reads_and_plans_ends_at_once(shop: Origin, big_trace: Path, wait: float) -> None:
    with started("run", big_trace, "--target", shop.url) as process:
        time.sleep(wait)
        end = ended(process, INTERRUPT)
    assert (end.code, "Traceback" in end.err, shop.asked) == (130, False, []), end


def test_an_inspect_interrupted_is_130_and_says_nothing_half(big_trace: Path) -> None:
    with started("inspect", big_trace, "--sessions") as process:
        time.sleep(0.8)
        end = ended(process, INTERRUPT)
    assert (end.code, end.out, end.err.strip()) == (130, "", "replay: interrupted")


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with Target(Settings()) as running:
        yield running


@pytest.mark.slow
def test_a_drive_interrupted_is_130(target: Target) -> None:
    with started("drive", "--target", target.url, "--sessions", "500") as process:
        time.sleep(2.5)
        end = ended(process, INTERRUPT)
    assert (end.code, "Traceback" in end.err) == (130, False), end


@pytest.mark.slow
@pytest.mark.parametrize("phase", ["recording", "recorded", "replaying"])
def test_a_demo_interrupted_in_any_phase_keeps_its_recording(tmp_path: Path, phase: str) -> None:
    # As a terminal does it: the signal goes to the command, to its target, and to whoever else is in their group.
    with started("demo", "--sessions", "60", "--out", tmp_path / "demo", group=True) as process:
        if phase == "recording":
            trace = tmp_path / "demo" / "recording.trace"
            assert until(lambda: trace.exists() and trace.stat().st_size > 2000, 60)
        else:
            assert process.stdout is not None
            assert any(line.startswith(phase) for line in iter(process.stdout.readline, ""))
            time.sleep(1)
        os.killpg(process.pid, INTERRUPT)
        end = ended(process)
    recording = load(tmp_path / "demo" / "recording.trace")
    assert (end.code, "Traceback" in end.err, recording.warnings, len(recording.exchanges) > 5) == (
        130,
        False,
        (),
        True,
    ), end
