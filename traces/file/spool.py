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

#: A block is written at least this often (s), so that a killed process loses less than a second, and a sync to the disk
#: follows at once, so that a power cut does not cost much more.
FLUSH_SECONDS: Final = 0.5


class Spool:
    """Owns a writer and the thread that feeds it.

    limit: exchanges that may wait; what comes when the queue is full is dropped and counted in `dropped`.
    flush: seconds between two blocks at the most, > 0.

    After the disk fails (full, gone) `error` holds the OSError, later exchanges are dropped and counted, and what was
    written stays whole. An exchange that cannot be packed is dropped and counted too.
    """

    def __init__(self, writer: TraceWriter, *, limit: int = 100_000, flush: float = FLUSH_SECONDS) -> None:
        self.writer = writer
        self.error: OSError | None = None
        self._dropped = 0
        self._queue: queue.SimpleQueue[Exchange | None] = queue.SimpleQueue()
        self._limit = limit
        self._flush = flush
        self._syncing: threading.Thread | None = None
        self._thread = threading.Thread(target=self._work, name="trace-writer", daemon=True)
        self._thread.start()

    @property
    def written(self) -> int:
        """Exchanges written, or gathering for the next block."""
        return self.writer.exchanges

    @property
    def dropped(self) -> int:
        """Exchanges that are not and will not be in the file."""
        return self._dropped + self.writer.lost

    def put(self, exchange: Exchange) -> None:
        """Queue one exchange for writing; drops and counts it when the queue is full or the disk has failed."""
        if self.error is not None or self._queue.qsize() >= self._limit:
            self._dropped += 1
            return
        self._queue.put(exchange)

    def close(self, summary: Mapping[str, Any] | None = None) -> None:
        """Write what waits, then the footer; returns when it is on disk. Sets `error` rather than raising."""
        if self._thread.is_alive():
            self.writer.summary = dict(summary or {})
            self._queue.put(None)
            self._thread.join()

    def _work(self) -> None:
        flushed = time.monotonic()
        while True:
            try:
                item = self._queue.get(timeout=max(0.0, flushed + self._flush - time.monotonic()))
            except queue.Empty:
                pass
            else:
                if item is None:
                    break
                self._append(item)
            if time.monotonic() - flushed >= self._flush:
                self._try(self.writer.flush)
                self._sync()
                flushed = time.monotonic()
        if self._syncing is not None:
            self._syncing.join()
        self._try(self.writer.close)

    def _append(self, exchange: Exchange) -> None:
        if self.error is not None:
            self._dropped += 1
            return
        try:
            self._try(partial(self.writer.append, exchange))
        except (ValueError, TypeError, OverflowError):
            # Too large for a block, or not what it should be: that one exchange's loss, not the recording's.
            self._dropped += 1

    def _sync(self) -> None:
        """Sync beside the writing: a disk that takes its time must not hold up the next block."""
        if self.error is None and (self._syncing is None or not self._syncing.is_alive()):
            self._syncing = threading.Thread(target=self._try, args=(self.writer.sync,), daemon=True)
            self._syncing.start()

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except OSError as error:
            self.error = self.error or error
