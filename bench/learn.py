"""What learning costs: CPU an exchange and peak memory at 10,000 and 100,000 exchanges.

Each size is measured in a process of its own that reads the trace from disk, so that neither memory nor caches of one
measurement are another's. Reading is part of learning, which may read a trace as often as it likes; one pass of
nothing but reading is timed beside it. CPU is the process's own (`time.process_time`).
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from traces.file import Store, TraceWriter
from traces.model import Header

_SIZES: Final = (10_000, 100_000)
_HEADER: Final = Header(kind="recording", id="0" * 32, epoch_ns=1_795_338_000_000_000_000)


def main() -> None:
    """Print the table as Markdown."""
    print("## Learning (sessions, endpoints, links of a mix of worlds, from a file)\n")
    print("| exchanges | exchanges a CPU-second | goal | us an exchange | of it one reading | peak RSS, MB | before |")
    print("|---|---|---|---|---|---|---|")
    for size in _SIZES:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "mix.trace"
            _child("write", str(path), str(size))
            it = json.loads(_child("learn", str(path)))
        each, read = (1e6 * it[key] / it["count"] for key in ("learn", "read"))
        print(
            f"| {it['count']:,} | {1e6 / each:,.0f} | 3,000 | {each:.0f} | {read:.0f} "
            f"| {it['peak']:.0f} | {it['before']:.0f} |",
            flush=True,
        )
    print()


def _child(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", "bench.learn", *words], capture_output=True, text=True, check=True)  # noqa: S603 - our own command
    return done.stdout


def _write(path: Path, size: int) -> None:
    from bench.twins.mix import mixed

    with TraceWriter(path, _HEADER) as writer:
        for exchange in mixed(size):
            writer.append(exchange)


def _learn(path: Path) -> dict[str, Any]:
    from traces.analysis import analyse

    store = Store(path)
    begin = time.process_time()
    count = sum(1 for _ in store)
    read = time.process_time() - begin
    before = _peak()
    begin = time.process_time()
    analysis = analyse(store)
    learn = time.process_time() - begin
    links = len(analysis.graph.links)
    return {"count": count, "read": read, "learn": learn, "before": before, "peak": _peak(), "links": links}


def _peak() -> float:
    """Peak RSS of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if sys.argv[1] == "write":
        _write(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        print(json.dumps(_learn(Path(sys.argv[2]))))
