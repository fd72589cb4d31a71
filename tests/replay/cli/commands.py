"""Commands run as a user runs them, and small traces to run them on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from replay.cli import main
from traces.file import TraceWriter
from traces.model import Clock, Exchange, Header, Request, Response

MS = 1_000_000
REPLAY = [sys.executable, "-m", "replay"]


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def is_one_sentence(self) -> bool:
        """Nothing on stdout, one line on stderr, and no traceback."""
        return self.out == "" and self.err.startswith("replay: ") and self.err.count("\n") == 1 and len(self.err) > 20


def call(capsys: pytest.CaptureFixture[str], *args: object) -> Said:
    """Run a command in this process."""
    with pytest.raises(SystemExit) as stop:
        main([str(arg) for arg in args])
    out, err = capsys.readouterr()
    assert isinstance(stop.value.code, int)
    return Said(stop.value.code, out, err)


@contextmanager
def started(*args: object, group: bool = False) -> Iterator[subprocess.Popen[str]]:
    """Run a command as a process of its own, at the head of a group if asked; killed at the end if it still runs."""
    process = subprocess.Popen(
        [*REPLAY, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        start_new_session=group,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str], number: int | None = None) -> Said:
    """Signal it (nothing for None) and wait for its end."""
    if number is not None:
        process.send_signal(number)
    out, err = process.communicate(timeout=60)
    return Said(process.returncode, out, err)


INTERRUPT = signal.SIGINT


def journey(number: int, start: int, steps: int, gap: int) -> list[Exchange]:
    """One session: a POST that gives an id, then GETs that carry it, `gap` ms apart; `start` in ms."""
    name = f"c0ffee{number:04d}babe{number:06x}"
    exchanges = []
    for step in range(steps):
        begin = (start + step * gap) * MS
        target = b"/v1/things" if step == 0 else f"/v1/things/{name}".encode()
        exchanges.append(
            Exchange(
                id=number * steps + step,
                clock=Clock(received=begin, sent=begin, first_byte=begin + 5 * MS, last_byte=begin + 5 * MS),
                request=Request(
                    method=b"POST" if step == 0 else b"GET", scheme=b"http", authority=b"shop.example", target=target
                ),
                response=Response(
                    status=200,
                    headers=((b"content-type", b"application/json"),),
                    body=f'{{"id":"{name}","step":{step}}}'.encode(),
                ),
                connection=f"c{number}",
            )
        )
    return exchanges


def write(path: Path, *, sessions: int = 6, steps: int = 3, gap: int = 20, apart: int = 20) -> Path:
    """A recording of such sessions, their starts `apart` ms from each other."""
    header = Header(kind="recording", id="5" * 32, epoch_ns=1_700_000_000_000_000_000, upstream="http://shop.example")
    with TraceWriter(path, header, block_bytes=2000) as writer:
        for number in range(sessions):
            for exchange in journey(number, number * apart, steps, gap):
                writer.append(exchange)
    return path
