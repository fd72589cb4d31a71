"""Read a trace front to back, block by block; a damaged block costs itself and is named, a torn end is no error.

Memory is one block, whatever the file's size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import msgpack
import zstandard

from traces.file import codec, frames
from traces.file.errors import CorruptBlock, NotATrace, UnsupportedVersion
from traces.file.frames import Frame
from traces.model import Exchange, Header

_SCAN: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A stretch of the file that could not be read.

    index:  0-based number of the block that should stand there.
    offset: bytes from the start of the file.
    length: bytes passed over before the next whole block.
    """

    index: int
    offset: int
    length: int
    why: str

    def __str__(self) -> str:
        return f"block {self.index} at byte {self.offset}: {self.why} ({self.length} bytes passed over)"


class TraceReader:
    """A trace open for reading: its `header`, and its exchanges by iterating, in the order they were written.

    After an iteration `losses` names what could not be read, `torn` says that the footer is missing (the writer was
    killed, or the copy is short), and `summary` is what the writer left in it. Raises NotATrace, UnsupportedVersion or
    CorruptBlock (the header itself) from the constructor; iteration raises nothing but OSError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.losses: list[Loss] = []
        self.torn = False
        self.summary: Mapping[str, Any] = {}
        self._decompressor = zstandard.ZstdDecompressor()
        self._file: BinaryIO = path.open("rb")
        try:
            self.header = self._open()
        except BaseException:
            self._file.close()
            raise
        self._start = self._file.tell()

    def __iter__(self) -> Iterator[Exchange]:
        for index, offset, frame, raw in self._blocks():
            try:
                for record in msgpack.Unpacker(_Bytes(raw), max_buffer_size=frames.MAX_RAW):
                    yield codec.decode(record)
            except (ValueError, TypeError, msgpack.UnpackException) as error:
                self.losses.append(Loss(index=index, offset=offset, length=frames.SIZE + frame.stored, why=str(error)))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> Header:
        magic = self._file.read(len(frames.MAGIC))
        if not magic:
            raise NotATrace(f"{self.path} is empty: nothing was recorded into it. Record again, or check the name.")
        if magic != frames.MAGIC:
            raise NotATrace(
                f"{self.path} is not a trace. `replay convert` turns a mitmproxy dump into one; else check the name."
            )
        frame = frames.parse(self._file.read(frames.SIZE))
        if frame is None or frame.kind != frames.HEADER:
            raise CorruptBlock(f"{self.path} has no readable header, so it cannot be used", index=0, offset=len(magic))
        try:
            raw = frames.unpack(frame, self._file.read(frame.stored), self._decompressor)
            (major, minor), features, header = codec.decode_header(raw)
        except ValueError as error:
            raise CorruptBlock(f"{self.path}: the header: {error}", index=0, offset=len(magic)) from None
        if major > codec.VERSION[0]:
            raise UnsupportedVersion(
                f"{self.path} has format {major}.{minor}, this version reads {codec.VERSION[0]}.x. Update reprise."
            )
        if needed := [name for name in features if name.startswith("!")]:
            raise UnsupportedVersion(f"{self.path} needs {needed[0][1:]!r}, unknown to this version. Update reprise.")
        return header

    def _blocks(self) -> Iterator[tuple[int, int, Frame, bytes]]:
        """Yield (index, offset, frame, raw) of each whole exchange block; book what lies between as losses."""
        self.losses, self.torn = [], True
        offset, index = self._start, 0
        while True:
            self._file.seek(offset)
            head = self._file.read(frames.SIZE)
            if not head:
                return
            frame = frames.parse(head)
            why = "no frame here" if len(head) == frames.SIZE else "cut off inside a frame's head"
            if frame is not None:
                try:
                    raw = frames.unpack(frame, self._file.read(frame.stored), self._decompressor)
                except ValueError as error:
                    why = str(error)
                else:
                    if frame.kind == frames.END:
                        self.torn = False
                        self.summary = codec.decode_summary(raw)
                        return
                    if frame.kind == frames.EXCHANGES:
                        yield index, offset, frame, raw
                        index += 1
                    offset += frames.SIZE + frame.stored
                    continue
            found = self._next_marker(offset + 1)
            self.losses.append(Loss(index=index, offset=offset, length=found - offset, why=why))
            offset, index = found, index + 1

    def _next_marker(self, offset: int) -> int:
        """Where the next frame head that checks out begins, or the end of the file."""
        overlap = frames.SIZE - 1
        self._file.seek(offset)
        window, base = b"", offset
        while chunk := self._file.read(_SCAN):
            window += chunk
            at = window.find(frames.MARKER)
            while at >= 0 and at + frames.SIZE <= len(window):
                if frames.parse(window[at : at + frames.SIZE]) is not None:
                    return base + at
                at = window.find(frames.MARKER, at + 1)
            keep = min(overlap, len(window))
            base += len(window) - keep
            window = window[len(window) - keep :]
        return base + len(window)


class _Bytes:
    """The least file there is, for msgpack's unpacker: it reads a block's records in place."""

    def __init__(self, data: bytes) -> None:
        self._data: bytes | None = data

    def read(self, _size: int = -1) -> bytes:
        data, self._data = self._data or b"", None
        return data
