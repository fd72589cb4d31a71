"""The trace format beside a mitmproxy dump and HAR: bytes, CPU to write and read, memory.

The same exchanges go into each. CPU is the process's own (`time.process_time`), each figure the median of several
passes that take turns, so that a machine whose speed drifts changes all of them alike; ratios are what to trust.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from bench.corpus import COUNT, exchanges
from traces.file import TraceReader, TraceWriter
from traces.model import Exchange, Header

_PASSES = 5
#: mitmproxy reads a fiftieth of the rate; a part is enough to know its own.
_DUMP_SHARE = 10
_HEADER = Header(kind="recording", id="0" * 32, epoch_ns=1_795_000_000_000_000_000)


def main() -> None:
    """Print the table as Markdown."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # First, while this process is small: a child's peak counts the pages it was forked with.
        rss, opened = _memory(folder), _opened(folder)
        many = list(exchanges())
        trace, dump, har = folder / "a.trace", folder / "a.mitm", folder / "a.har"
        _write_trace(trace, many)
        _write_dump(dump, many)
        part = folder / "part.mitm"
        _write_dump(part, many[: COUNT // _DUMP_SHARE])
        _har_by_mitmproxy(dump, har)
        steps: dict[str, Callable[[], int]] = {
            "write": lambda: _write_trace(folder / "b.trace", many),
            "write dump": lambda: _write_dump(folder / "b.mitm", many[: COUNT // _DUMP_SHARE]),
            "records": lambda: _count(trace, raw=True),
            "exchanges": lambda: _count(trace, raw=False),
            "read dump": lambda: _read_dump(part),
        }
        cost = _cpu(steps)
        sizes = [path.stat().st_size / COUNT for path in (trace, dump, har)]
    _print(sizes, cost, rss, opened)


def _print(sizes: list[float], cost: dict[str, float], rss: float, opened: float) -> None:
    ours, theirs, hars = sizes
    records, values, per = cost["records"], cost["exchanges"], cost["read dump"]
    rows = [
        ("bytes an exchange, of a dump's", f"{ours:.0f}", f"{theirs:.0f}", "1/7", f"1/{theirs / ours:.1f}"),
        ("bytes an exchange, of HAR's", f"{ours:.0f}", f"{hars:.0f}", "1/12", f"1/{hars / ours:.1f}"),
        (
            "write, CPU us an exchange",
            f"{cost['write']:.1f}",
            f"{cost['write dump']:.0f}",
            "30",
            f"{cost['write']:.1f}",
        ),
        ("records read a CPU-second", f"{1e6 / records:,.0f}", f"{1e6 / per:,.0f}", "150,000", f"{1e6 / records:,.0f}"),
        ("the same, times mitmproxy's reader", "", "", "100", f"{per / records:.0f}"),
        ("exchanges read a CPU-second", f"{1e6 / values:,.0f}", f"{1e6 / per:,.0f}", "80,000", f"{1e6 / values:,.0f}"),
        ("verify, repair, cut, inspect 200,000: MB RSS", f"{rss:.0f}", "", "100", f"{rss:.0f}"),
        ("100,000 opened for replay: MB RSS", f"{opened:.0f}", "", "250", f"{opened:.0f}"),
    ]
    print(f"## Trace format ({COUNT:,} generated exchanges, bodies of 0.5 to 4 KB)\n")
    print("| | trace | the other | goal | reached |\n|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def _cpu(steps: dict[str, Callable[[], int]]) -> dict[str, float]:
    """CPU microseconds an exchange of each step: the median of passes that take turns."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(_PASSES):
        for name, step in steps.items():
            begin = time.process_time()
            count = step()
            taken[name].append((time.process_time() - begin) / count * 1e6)
    return {name: statistics.median(values) for name, values in taken.items()}


def _write_trace(path: Path, many: Iterable[Exchange]) -> int:
    with TraceWriter(path, _HEADER) as writer:
        for exchange in many:
            writer.append(exchange)
        return writer.exchanges


def _count(path: Path, *, raw: bool) -> int:
    with TraceReader(path) as reader:
        return sum(1 for _ in (reader.records() if raw else reader))


def _write_dump(path: Path, many: Iterable[Exchange]) -> int:
    from traces.convert import mitmproxy_write

    return mitmproxy_write.write(many, path, epoch_ns=_HEADER.epoch_ns)


def _read_dump(path: Path) -> int:
    from mitmproxy.io import FlowReader

    with path.open("rb") as file:
        return sum(1 for _ in FlowReader(file).stream())


def _har_by_mitmproxy(dump: Path, har: Path) -> None:
    """mitmproxy's own export, so that the HAR is as large as other tools make it."""
    mitmdump = Path(sys.executable).with_name("mitmdump")
    subprocess.run([mitmdump, "-q", "-n", "-r", dump, "--set", f"hardump={har}"], check=True)  # noqa: S603 - fixed words


def _memory(folder: Path) -> float:
    """Peak RSS in MB of a process that verifies, copies and cuts a trace ten times the corpus."""
    big = folder / "big.trace"
    with TraceWriter(big, _HEADER) as writer:
        for _ in range(10):
            for exchange in exchanges(COUNT):
                writer.append(exchange)
    return max(
        _peak(*words)
        for words in (
            ("verify", big),
            ("verify", big, "--repair", folder / "repaired.trace"),
            ("cut", big, folder / "cut.trace", "--from", "10s", "--to", "60s"),
            ("inspect", big),
        )
    )


def _opened(folder: Path) -> float:
    """Peak RSS in MB of `replay run --dry-run` of 100,000 exchanges: learned, compiled, scheduled, ready to be sent."""
    path = folder / "opened.trace"
    with TraceWriter(path, replace(_HEADER, upstream="http://127.0.0.1:8000")) as writer:
        for exchange in exchanges(100_000):
            writer.append(exchange)
    return _peak("run", path, "--target", "http://127.0.0.1:9", "--dry-run")


def _peak(*words: str | Path) -> float:
    code = (
        "import resource, sys\nfrom replay.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)  # noqa: S603 - our own command
    return int(done.stderr.split()[-1]) / 1024
