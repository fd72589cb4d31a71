"""`replay capture` as a process, and what it wrote."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from traces.file import TraceReader
from traces.model import Exchange

REPLAY = [sys.executable, "-m", "replay"]


@dataclass(slots=True)
class Recorder:
    """A running recorder. `stop` ends it; then `code`, `said` (stdout) and `complained` (stderr) are known."""

    process: subprocess.Popen[str]
    trace: Path
    host: str
    port: int
    said: str = ""
    complained: str = ""
    code: int | None = None
    clients: list[http.client.HTTPConnection] = field(default_factory=list)

    def connect(self) -> http.client.HTTPConnection:
        """A new client connection."""
        client = http.client.HTTPConnection(self.host, self.port, timeout=20)
        self.clients.append(client)
        return client

    def get(self, path: str = "/") -> tuple[int, bytes]:
        """Status and body of one GET on a connection of its own."""
        client = self.connect()
        client.request("GET", path)
        with client.getresponse() as response:
            return response.status, response.read()

    def stop(self, number: int = signal.SIGINT) -> Recorder:
        """Signal it and wait for its end."""
        if self.code is None:
            for client in self.clients:
                client.close()
            self.process.send_signal(number)
            said, self.complained = self.process.communicate(timeout=30)
            self.said += said
            self.code = self.process.returncode
        return self

    def exchanges(self) -> list[Exchange]:
        """Stop it and read what it recorded."""
        self.stop()
        return read(self.trace)


@contextmanager
def recording(
    upstream: str,
    trace: Path,
    *options: str,
    setup: Callable[[], None] | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[Recorder]:
    """Run `replay capture` until the block ends. `setup` runs in the child before it starts; `env` is ours if None."""
    command = [*REPLAY, "capture", "--upstream", upstream, "--out", str(trace), *options]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
        preexec_fn=setup,  # noqa: PLW1509 - sets a limit and nothing else; no thread of ours holds a lock then
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.startswith("recording "), process.communicate()
        address = urlsplit(first.split()[1])
        recorder = Recorder(process, trace, address.hostname or "", address.port or 0, said=first)
        yield recorder
        recorder.stop()
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def read(trace: Path) -> list[Exchange]:
    """The exchanges of a trace, by the instant they came in."""
    with TraceReader(trace) as reader:
        return sorted(reader, key=lambda e: e.clock.received)


def until(true: Callable[[], object], seconds: float = 10) -> bool:
    """Whether it became true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return sorted(values)[len(values) // 2]
