"""A small recording, and a server that answers it with ids of its own."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.capture.origins import Asked, Origin, ok
from tests.replay.cli.commands import write


@pytest.fixture(scope="session")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("traces") / "small.trace")


@pytest.fixture
def shop() -> Iterator[Origin]:
    numbers = itertools.count(1)

    async def script(asked: Asked, wire: asyncio.StreamWriter) -> None:
        name = asked.target.rpartition(b"/")[2]
        if asked.method == b"POST":
            name = b"feed%04dbeef%06x" % (next(numbers), 7)
        wire.write(ok(b'{"id":"%s","step":1}' % name, b"content-type: application/json"))
        await wire.drain()

    with Origin(script) as running:
        yield running
