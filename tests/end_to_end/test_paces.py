"""Orders that are all made, however fast the replay, however many copies, however slow or quick the worker behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
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

pytestmark = pytest.mark.slow

#: Median seconds from a confirm to its order.
USUAL, QUICK = 0.3, 0.02


@dataclass(frozen=True, slots=True)
class Recorded:
    trace: Recording
    orders: int


Record = Callable[[float], Recorded]


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Sessions as they go with a worker of this pace, recorded once for each."""
    made: dict[float, Recorded] = {}

    def once(worker: float) -> Recorded:
        if worker not in made:
            trace = tmp_path_factory.mktemp("paces") / "recording.trace"
            with Target(TargetSettings(worker_delay=worker)) as target:
                with recording(target.url, trace) as recorder:
                    config = DriveConfig(
                        target=f"http://{recorder.host}:{recorder.port}",
                        catalog=target.url,
                        sessions=60,
                        rate=20.0,
                        think=0.05,
                        browse=1.0,
                    )
                    summary = asyncio.run(drive(config))
                assert not summary.failed, summary
                made[worker] = Recorded(load(trace), orders(target.db))
        return made[worker]

    return once


@pytest.mark.parametrize(
    ("recorded_worker", "worker", "speed", "multiply"),
    [
        (USUAL, USUAL, 1, 1),
        (USUAL, USUAL, 5, 1),
        (USUAL, USUAL, 5, 10),
        (USUAL, 10 * USUAL, 5, 2),
        (USUAL, USUAL / 10, 5, 2),
        (QUICK, 10 * QUICK, 5, 2),
        (QUICK, 50 * QUICK, 1, 1),
    ],
)
def test_every_order_is_made_again(
    record: Record, tmp_path: Path, *, recorded_worker: float, worker: float, speed: float, multiply: int
) -> None:
    recorded = record(recorded_worker)
    with Target(TargetSettings(worker_delay=worker)) as target:
        settings = Settings(target=target.url, speed=speed, multiply=multiply, seed=3)
        job = Job(prepared=prepare(recorded.trace, settings), settings=settings, out=tmp_path / "run.trace")
        (result,) = asyncio.run(run(recorded.trace, [job]))
        made = orders(target.db)
    assert _told(result, made) == (recorded.orders * multiply, 60 * multiply, ())


def _told(result: Result, made: int) -> tuple[int, int, tuple[str, ...]]:
    return made, result.fidelity.completed, result.unbound
