"""HTTP clients that ask a recorder as fast as they are answered, and note when each had its answer whole."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import os
import threading
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.capture.origins import Asked, ok

CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
#: What a client asks for in turn: method, first part of the target, bytes sent. A recorder holds streams to their end.
LIGHT = (("GET", "small", 0), ("POST", "small", 900), ("GET", "stream", 0), ("GET", "small", 0))
#: With answers of which a few fill a block: a block is then written when it is full, else when its time is up.
HEAVY = (*LIGHT, ("GET", "large", 0))
SIZES = {b"small": 1500, b"large": 120_000}


async def shop(asked: Asked, wire: asyncio.StreamWriter) -> None:
    """Answers what clients ask for; with new bytes each time, which no compression makes less of."""
    kind = asked.target.split(b"/", 2)[1]
    if kind == b"stream":
        # In chunks, so that a stream that is cut off cannot look whole.
        for piece in (CHUNKED, _chunk(), _chunk(), _chunk(), b"0\r\n\r\n"):
            wire.write(piece)
            await wire.drain()
            await asyncio.sleep(0.01)
    else:
        wire.write(ok(os.urandom(SIZES[kind])))
        await wire.drain()


def _chunk() -> bytes:
    data = b"data: %s\n\n" % os.urandom(20).hex().encode()
    return b"%x\r\n%s\r\n" % (len(data), data)


@dataclass(frozen=True, slots=True)
class Had:
    """An answer that a client had whole.

    at:     s, monotonic: when its last byte was there.
    digest: of its body.
    """

    at: float
    digest: int


class Shoppers:
    """Several clients of one recorder, each with a connection of its own, until `with` ends or the recorder does.

    wants: LIGHT or HEAVY.
    had:   by target; no two requests have the same.
    """

    def __init__(self, host: str, port: int, wants: Sequence[tuple[str, str, int]], *, clients: int) -> None:
        self.had: dict[bytes, Had] = {}
        self._wants = wants
        self._address = (host, port)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._go, args=(number,), daemon=True) for number in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _go(self, number: int) -> None:
        client = http.client.HTTPConnection(*self._address, timeout=10)
        try:
            for turn in itertools.count():
                method, kind, length = self._wants[(number + turn) % len(self._wants)]
                target = f"/{kind}/{number}/{turn}"
                client.request(method, target, body=os.urandom(length) if length else None)
                body = client.getresponse().read()
                self.had[target.encode()] = Had(time.monotonic(), zlib.crc32(body))
                if self._stop.is_set():
                    return
        except (OSError, http.client.HTTPException):
            return  # the recorder is dead
        finally:
            client.close()
