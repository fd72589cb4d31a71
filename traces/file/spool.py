"""A thread that writes a trace, so that whoever serves users or keeps time never waits for the disk.

Used by the recorder and by the engine alike: `put` never blocks and never fails.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from traces.file.writer import TraceWriter
from traces.model import Exchange

#: Everything is synced at least this often (s): what a power cut may cost.
SYNC_SECONDS: Final = 1.0


class Spool:
    """Owns a writer and the thread that feeds it.

    limit: exchanges that may wait; what comes when it is full is dropped and counted in `dropped`.

    After the disk fails (full, gone) `error` holds the OSError, later exchanges are dropped and counted, and what was
    written stays whole.
    """

    def __init__(self, writer: TraceWriter, *, limit: int = 100_000) -> None:
        self.writer = writer
        self.error: OSError | None = None
        self.dropped = 0
        self._queue: queue.SimpleQueue[Exchange | None] = queue.SimpleQueue()
        self._limit = limit
        self._thread = threading.Thread(target=self._work, name="trace-writer", daemon=True)
        self._thread.start()

    @property
    def written(self) -> int:
        """Exchanges handed to the writer."""
        return self.writer.exchanges

    def put(self, exchange: Exchange) -> None:
        """Queue one exchange for writing; drops and counts it when the queue is full or the disk has failed."""
        if self.error is not None or self._queue.qsize() >= self._limit:
            self.dropped += 1
            return
        self._queue.put(exchange)

    def close(self, summary: Mapping[str, Any] | None = None) -> None:
        """Write what waits, then the footer; returns when it is on disk. Sets `error` rather than raising."""
        if self._thread.is_alive():
            self.writer.summary = dict(summary or {})
            self._queue.put(None)
            self._thread.join()

    def _work(self) -> None:
        synced = time.monotonic()
        while True:
            try:
                item = self._queue.get(timeout=max(0.0, synced + SYNC_SECONDS - time.monotonic()))
            except queue.Empty:
                pass
            else:
                if item is None:
                    break
                if self.error is not None:
                    self.dropped += 1
                else:
                    self._try(partial(self.writer.append, item))
            if time.monotonic() - synced >= SYNC_SECONDS:
                self._try(self._sync)
                synced = time.monotonic()
        self._try(self.writer.close)

    def _sync(self) -> None:
        if self.error is None:
            self.writer.flush(sync=True)

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except OSError as error:
            self.error = self.error or error
