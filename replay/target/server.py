"""A target in a process of its own, for tests and for the demo: what it costs is not charged to who measures it."""

from __future__ import annotations

import select
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import orjson

from replay.target.errors import TargetError
from replay.target.settings import Settings, dump

_START: Final = 30.0  # seconds; it takes about one, and many on a machine that is busy with other tests
_STOP: Final = 5.0


class Target:
    """A running target.

    url, provider_url: of the API and of the payment provider's double, without a trailing slash.
    db: its SQLite file; gone after `stop` unless the settings named one.
    pid: of the child process.

    The child ends at `stop`, and by itself when this process dies, for then its standard input does.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        """Start one and wait until it answers. Raises TargetError with a sentence when it cannot start."""
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "replay.target", dump(settings or Settings())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.pid = self._process.pid
        try:
            line = _first_line(self._process.stdout)
            if "error" in line:
                raise TargetError(line["error"])
        except BaseException:
            self.stop()
            raise
        self.url = line["url"]
        self.provider_url = line["provider_url"]
        self.db = Path(line["db"])

    def stop(self) -> None:
        """Ask the child to end, and see that it does; harmless when it already has."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def orders(db: Path) -> int:
    """How many orders the database file of a target holds, read from outside, running or not."""
    # Read-only but not immutable: a running target's newest orders stand in the write-ahead log.
    connection = sqlite3.connect(f"{db.absolute().as_uri()}?mode=ro", uri=True)
    try:
        return int(connection.execute("select count(*) from orders").fetchone()[0])
    finally:
        connection.close()


def _first_line(stdout: IO[bytes] | None) -> dict[str, str]:
    assert stdout is not None  # noqa: S101 - we asked for a pipe; this tells mypy
    readable, _, _ = select.select([stdout], [], [], _START)
    line = stdout.readline() if readable else b""
    if not line:
        raise TargetError("The target did not start; what it says on standard error is the reason.")
    fields: dict[str, str] = orjson.loads(line)
    return fields
