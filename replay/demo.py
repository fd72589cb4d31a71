"""The whole way on one machine: record real sessions, replay them against a fresh target, gate a candidate.

Every stage is the real one: the target and the recorder are processes of their own, the traces are files.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from replay.plan import stagger
from replay.prepare import Settings, fresh_seed, prepare
from replay.recording import Recording
from replay.run import Job, Result
from replay.target import Settings as TargetSettings
from replay.target import Slowdown, Target, orders
from replay.target.driver import DriveConfig, drive

#: Sessions a second, and their median pause (s): a few hundred short ones are recorded in half a minute.
_RATE: Final = 14.0
_THINK: Final = 0.25


class DemoFailed(Exception):
    """A stage did not do what it is there to show; the text is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What was recorded: the trace, and the orders in the target's database."""

    trace: Path
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A run: what was asked for, how it went, and the orders in the database of the target it was sent to."""

    job: Job
    result: Result
    orders: int


def record(folder: Path, *, sessions: int, progress: Callable[[str], None]) -> Recorded:
    """Drive sessions through the recorder into `folder`/recording.trace."""
    trace = folder / "recording.trace"
    with Target() as target, _recorder(target.url, trace) as proxy:
        summary = asyncio.run(
            drive(
                DriveConfig(target=proxy, catalog=target.url, sessions=sessions, rate=_RATE, think=_THINK, browse=1.0),
                lambda ended, planned: progress(f"{ended} of {planned} sessions recorded"),
            )
        )
        made = orders(target.db)
    if summary.failed:
        raise DemoFailed(f"{sum(summary.failed.values())} sessions failed while recording: {dict(summary.failed)}")
    return Recorded(trace=trace, orders=made)


Send = Callable[[Recording, Sequence[Job]], list[Result]]


def replay(recording: Recording, out: Path, *, speed: float, send: Send) -> Replayed:
    """Replay against a target of its own: nothing it issues is what the recorded one issued."""
    with Target() as target:
        job = _job(recording, target, out, speed)
        (result,) = send(recording, [job])
        return Replayed(job=job, result=result, orders=orders(target.db))


def duet(
    recording: Recording, folder: Path, *, speed: float, slow: tuple[Slowdown, ...], send: Send
) -> tuple[Replayed, Replayed]:
    """Replay against an unslowed target and the candidate at the same time: both meet the same machine."""
    with Target() as baseline, Target(TargetSettings(slow=slow)) as candidate:
        jobs = [
            _job(recording, baseline, folder / "baseline.trace", speed),
            _job(recording, candidate, folder / "candidate.trace", speed),
        ]
        schedules = stagger(jobs[0].prepared.starts, seed=jobs[0].settings.seed)
        jobs = [
            replace(job, prepared=replace(job.prepared, starts=starts))
            for job, starts in zip(jobs, schedules, strict=True)
        ]
        results = send(recording, jobs)
        first, second = (
            Replayed(job=job, result=result, orders=orders(target.db))
            for job, result, target in zip(jobs, results, (baseline, candidate), strict=True)
        )
    return first, second


def _job(recording: Recording, target: Target, out: Path, speed: float) -> Job:
    settings = Settings(target=target.url, speed=speed, seed=fresh_seed())
    return Job(prepared=prepare(recording, settings), settings=settings, out=out)


@contextmanager
def _recorder(upstream: str, trace: Path) -> Iterator[str]:
    """`replay capture` as a process; yields the URL to drive, and returns when all is on disk."""
    command = [sys.executable, "-m", "replay", "capture", "--upstream", upstream, "--out", str(trace), "--force"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)  # noqa: S603 - our own command, no shell
    try:
        line = process.stdout.readline() if process.stdout is not None else ""
        if not line.startswith("recording "):
            raise DemoFailed("the recorder did not start; try `replay capture` by itself to see why")
        yield line.split()[1]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=30)
