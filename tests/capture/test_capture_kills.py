"""A recorder that is killed in the midst of its work, whenever it is, has on disk what finished a second before."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.capture.origins import Origin
from tests.capture.recorders import REPLAY, recording
from tests.capture.shoppers import HEAVY, LIGHT, Shoppers, shop
from traces.file import TraceReader
from traces.model import Exchange

#: How often a recorder is killed: a minute of it. The whole promise, `REPRISE_KILLS=200`, takes four or more.
KILLS = int(os.environ.get("REPRISE_KILLS", "50"))
#: More recorders than cores: each is kept waiting as on a machine with other work.
SIDE_BY_SIDE = 5
CLIENTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """What one killed recorder left.

    finished: answers that clients had whole at least a second before the kill.
    lost:     those of them that are not in the file, or differ there.
    missing:  s before the kill at which a client had the oldest answer that is not in the file; below 1 is no loss.
    cut:      the file ends in the midst of a block.
    mended:   the file opened by itself, and `verify --repair` made a whole trace of all that is in it.
    """

    finished: int
    lost: list[bytes]
    missing: float
    cut: bool
    mended: bool


def killed(upstream: str, trace: Path, after: float, *, heavy: bool, env: Mapping[str, str]) -> Kill:
    """Put a recorder under load for `after` seconds, kill it and look at what it left."""
    with (
        recording(upstream, trace, env=env) as recorder,
        Shoppers(recorder.host, recorder.port, HEAVY if heavy else LIGHT, clients=CLIENTS) as shoppers,
    ):
        time.sleep(after)
        # Read before the kill: what finished a second before this instant did so before the death as well.
        died = time.monotonic()
        recorder.stop(signal.SIGKILL)
    kept, torn, losses = look(trace)
    missing = {target: had for target, had in shoppers.had.items() if kept.get(target) != had.digest}
    copy = trace.with_suffix(".whole")
    repair = subprocess.run(
        [*REPLAY, "verify", str(trace), "--repair", str(copy)], capture_output=True, env=env, timeout=60, check=False
    )
    kill = Kill(
        finished=sum(had.at <= died - 1 for had in shoppers.had.values()),
        lost=[target for target, had in missing.items() if had.at <= died - 1],
        missing=max((died - had.at for had in missing.values()), default=0.0),
        cut=losses > 0,
        mended=torn and losses <= 1 and repair.returncode == 0 and look(copy) == (kept, False, 0),
    )
    for file in (trace, copy):
        file.unlink()
    return kill


def look(trace: Path) -> tuple[dict[bytes, int], bool, int]:
    """The checksum of each answer's body by target, whether the file has no end, and how many stretches are lost."""
    with TraceReader(trace) as reader:
        return {e.request.target: checksum(e) for e in reader}, reader.torn, len(reader.losses)


def checksum(exchange: Exchange) -> int:
    # Of what was streamed no body is kept, but its pieces.
    body = exchange.response.body if exchange.response else None
    return zlib.crc32(b"".join(event.data for event in exchange.events) if body is None else body)


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Ours, with bytecode kept: starting a recorder costs two more seconds of CPU where all of it is compiled anew."""
    env = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("bytecode"))}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run([sys.executable, "-c", "import capture.proxy, replay.cli.verify"], env=env, check=True)
    return env


@pytest.mark.slow
def test_random_kills_of_a_recorder_under_load_lose_nothing_finished_a_second_before(
    tmp_path: Path, env: dict[str, str]
) -> None:
    rng = random.Random(7)
    times = [rng.uniform(1.1, 2.6) for _ in range(KILLS)]
    with Origin(shop) as origin, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:

        def kill(n: int) -> Kill:
            return killed(origin.url, tmp_path / f"{n}.trace", times[n], heavy=n % 2 == 1, env=env)

        kills = list(pool.map(kill, range(KILLS)))
    finished, oldest = sum(kill.finished for kill in kills), max(kill.missing for kill in kills)
    print(f"{KILLS} kills, {finished} answers finished a second before; the oldest not on disk: {oldest:.2f} s")
    print(f"{sum(kill.cut for kill in kills)} files ended in the midst of a block")
    assert [kill for kill in kills if kill.lost or not kill.mended] == []
    assert finished > 5 * KILLS
