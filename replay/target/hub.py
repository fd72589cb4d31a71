"""Tells the open event streams of a checkout when its status changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

import orjson

_PING: Final = 1.0  # seconds; also the longest a stream outlives a client that left without a word


class Hub:
    """Open streams by client secret. Event loop thread only."""

    def __init__(self) -> None:
        self._open: dict[str, set[asyncio.Queue[str | None]]] = {}

    def publish(self, secret: str, status: str) -> None:
        for queue in self._open.get(secret, ()):
            queue.put_nowait(status)

    def close(self) -> None:
        """End every stream, so that a stopping server need not wait for its clients to leave."""
        for queues in self._open.values():
            for queue in queues:
                queue.put_nowait(None)

    async def stream(self, secret: str, status: Callable[[], str]) -> AsyncIterator[bytes]:
        """Server-sent events: the status at once, then every change; a comment each second in which nothing happens.

        status: read at the first step, in which the stream is also entered here: no change falls in between, and a
                client that left before that step leaves nothing behind.
        """
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._open.setdefault(secret, set()).add(queue)
        queue.put_nowait(status())
        try:
            while True:
                try:
                    changed = await asyncio.wait_for(queue.get(), _PING)
                except TimeoutError:
                    yield b": ping\r\n\r\n"
                    continue
                if changed is None:
                    return
                yield b"event: checkout.updated\r\ndata: " + orjson.dumps({"status": changed}) + b"\r\n\r\n"
        finally:
            self._open[secret].discard(queue)
            if not self._open[secret]:
                del self._open[secret]
