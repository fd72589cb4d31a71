"""What was finished a second ago survives the writer's sudden death, at whatever instant it comes."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from traces.file import TraceReader

#: Finishes exchanges as fast as a busy recorder and tells, on stdout, when each was finished.
WRITER = """
import sys, time
from pathlib import Path
from traces.file import Spool, TraceWriter
from traces.model import Clock, Exchange, Header, Request, Response
spool = Spool(TraceWriter(Path(sys.argv[1]), Header(kind="recording", id="0" * 32, epoch_ns=0)))
request = Request(method=b"GET", scheme=b"http", authority=b"shop", target=b"/")
response = Response(status=200, body=b"x" * 400)
for n in range(10_000_000):
    exchange = Exchange(id=n, clock=Clock(received=n), request=request, response=response)
    print(n, time.monotonic(), flush=True)
    spool.put(exchange)
    time.sleep(0.001)
"""


def killed(path: Path, after: float) -> tuple[int, int]:
    """Let a writer run for `after` seconds and kill it; returns (finished a second before, of these missing)."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        end = time.monotonic() + after
        while time.monotonic() < end:
            lines.append(process.stdout.readline())
        died = time.monotonic()
        process.kill()
        lines += process.stdout.readlines()
    finished = {int(n) for n, at in (line.split() for line in lines if line.endswith("\n")) if float(at) < died - 1.0}
    with TraceReader(path) as reader:
        return len(finished), len(finished - {e.id for e in reader})


def test_a_killed_writer_loses_nothing_finished_a_second_before(tmp_path: Path) -> None:
    finished, missing = killed(tmp_path / "a.trace", 1.8)
    assert (finished > 100, missing) == (True, 0)


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing_finished_a_second_before(tmp_path: Path) -> None:
    rng = random.Random(11)
    times = [rng.uniform(0.9, 2.5) for _ in range(200)]
    # Eight at a time: done in a minute, and the writers are not starved.
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: killed(tmp_path / f"{n}.trace", times[n]), range(200)))
    assert (sum(finished for finished, _ in results) > 10_000, sum(missing for _, missing in results)) == (True, 0)
