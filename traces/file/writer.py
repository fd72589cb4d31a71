"""Write a trace: records gather in a block, a block goes to disk whole, and a sync says when it is safe.

What is on disk is always a row of whole frames: when a write fails half-way (a full disk) the half is cut off again.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgpack
import zstandard

from traces.file import codec, frames, index
from traces.file.codec import Footer
from traces.file.index import Block
from traces.model import Exchange, Header

#: What a damaged block costs at the most; half of it compresses 1 % worse, twice it half a percent better.
BLOCK_BYTES: Final = 1024 * 1024
#: Matches of less than six bytes are chance among ids and instants, and following them costs size and time: at equal
#: CPU this is 12 % smaller than zstd's own level 5 on checkout bodies (`make bench`). A hash table of 2^16 stays in the
#: cache: 4 % less CPU than 2^17. The window is a whole block: with 128 KiB the demo's recording is 13 % larger.
_COMPRESSION: Final = zstandard.ZstdCompressionParameters(
    window_log=20,
    chain_log=17,
    hash_log=16,
    search_log=5,
    min_match=6,
    target_length=8,
    strategy=zstandard.STRATEGY_LAZY,
)
#: A record's msgpack bin head, at its longest.
_BIN_HEAD: Final = 5


class TraceWriter:
    """Writes one trace file; not thread-safe (see `Spool` for writing from an event loop).

    A block is written when it holds `block_bytes` of records or when `flush` is called; after `sync` returns, the disk
    has it. Raises OSError as the file system does; after one, the file still ends in a whole block, the block that
    failed is counted in `lost` instead of `exchanges`, and `close` may be called. `summary`, plain data about the whole
    (a run's fidelity certificate), goes into the footer.
    """

    def __init__(self, path: Path, header: Header, *, overwrite: bool = True, block_bytes: int = BLOCK_BYTES) -> None:
        self.path = path
        self.exchanges = 0
        self.lost = 0
        self.summary: dict[str, Any] = {}
        self._block_bytes = block_bytes
        self._compressor = zstandard.ZstdCompressor(compression_params=_COMPRESSION)
        # Both are kept: a Packer for each exchange and a block joined from a list of records cost 1 us more.
        self._pack = msgpack.Packer().pack
        self._block = msgpack.Packer(autoreset=False)
        self._records = self._size = 0
        self._first = self._last = 0
        self._sessions, self._endpoints = index.Labels(), index.Labels()
        self._blocks: list[Block] = []
        self._indexes: list[int] = []
        self._sequence = 0
        self._file = path.open("wb" if overwrite else "xb", buffering=0)
        self._end = 0
        try:
            self._put(frames.MAGIC)
            self._frame(frames.HEADER, codec.encode_header(header), 0, 0, 0)
        except OSError:
            self._file.close()
            raise

    @property
    def pending(self) -> int:
        """Records appended and not yet written."""
        return self._records

    @property
    def size(self) -> int:
        """Bytes written to the file so far."""
        return self._end

    def append(self, exchange: Exchange) -> None:
        """Add one exchange; writes a block when enough have gathered."""
        self.append_record(
            codec.encode(exchange, self._pack),
            exchange.clock.received,
            exchange.end,
            exchange.session,
            exchange.endpoint,
        )

    def append_record(
        self, record: bytes, first: int, last: int, session: str | None = None, endpoint: str | None = None
    ) -> None:
        """Add one already packed exchange, with its earliest and latest instant in ns, and its labels."""
        size = len(record) + _BIN_HEAD
        if size > frames.MAX_RAW:
            raise ValueError(f"an exchange of {len(record)} bytes is above the limit of a block")
        if self._size + size > frames.MAX_RAW:
            self.flush()
        if not self._records:
            self._first, self._last = first, last
        else:
            self._first, self._last = min(self._first, first), max(self._last, last)
        # Each record stands in a msgpack bin of its own: a reader skips it, or hands it on, without decoding it.
        self._block.pack(record)
        self._sessions.add(session)
        self._endpoints.add(endpoint)
        self._records += 1
        self._size += size
        self.exchanges += 1
        if self._size >= self._block_bytes:
            self.flush()

    def flush(self) -> None:
        """Write what has gathered as one block."""
        if self._records:
            count = self._records
            block = Block(
                offset=self._end,
                records=count,
                first=self._first,
                last=self._last,
                sessions=self._sessions.take(),
                endpoints=self._endpoints.take(),
            )
            try:
                with self._block.getbuffer() as raw:
                    self._frame(frames.EXCHANGES, raw, count, self._first, self._last)
            except OSError:
                self.exchanges -= count
                self.lost += count
                raise
            finally:
                # Forgotten after a failed write too: the caller knows of it, and a retry cannot double the block.
                self._block.reset()
                self._records = self._size = 0
            self._blocks.append(block)
            if len(self._blocks) >= index.BLOCKS:
                self._write_index()

    def sync(self) -> None:
        """Return when the disk has all that was written; may be called from another thread."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Write the last block and the footer, sync, and close; calling it again does nothing."""
        if self._file.closed:
            return
        try:
            self.flush()
            self._write_index()
            place = self._end
            self._frame(frames.END, codec.encode_footer(Footer(self.exchanges, self._indexes, self.summary)), 0, 0, 0)
            self._put(frames.pack_trailer(place))
            os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write_index(self) -> None:
        if self._blocks:
            place = self._end
            self._frame(frames.INDEX, index.pack(self._blocks), 0, 0, 0)
            self._indexes.append(place)
            self._blocks = []

    def _frame(self, kind: int, raw: bytes | memoryview, records: int, first: int, last: int) -> None:
        self._put(
            frames.pack(
                kind,
                raw,
                records=records,
                sequence=self._sequence,
                first=first,
                last=last,
                compressor=self._compressor,
            )
        )
        self._sequence += 1

    def _put(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError:
            # A device or a pipe cannot be cut; the reader passes over a half frame anyway.
            with contextlib.suppress(OSError):
                os.ftruncate(self._file.fileno(), self._end)
                self._file.seek(self._end)
            raise
        self._end += len(data)
