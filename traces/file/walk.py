"""From frame to frame through a trace, whatever its state: whole frames come out, what lies between is a loss.

Memory is one frame, whatever the file's size or what it claims.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import zstandard

from traces.file import frames
from traces.file.frames import Frame

_SCAN: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A stretch of the file that could not be read.

    index:  0-based number of the block that should stand there.
    offset: bytes from the start of the file.
    length: bytes passed over before the next whole frame.
    """

    index: int
    offset: int
    length: int
    why: str

    def __str__(self) -> str:
        return f"block {self.index} at byte {self.offset}: {self.why} ({self.length} bytes passed over)"


class Walker:
    """Reads frames of an open trace. `losses` gathers what could not be read."""

    def __init__(self, file: BinaryIO) -> None:
        self.losses: list[Loss] = []
        self._file = file
        self._decompressor = zstandard.ZstdDecompressor()

    def head(self, offset: int) -> Frame | None:
        """The frame head at `offset`, or None when none checks out there."""
        self._file.seek(offset)
        return frames.parse(self._file.read(frames.SIZE))

    def payload(self, offset: int, frame: Frame) -> bytes:
        """The frame's raw bytes. Raises ValueError with the reason when they are not what the head says."""
        self._file.seek(offset + frames.SIZE)
        return frames.unpack(frame, self._file.read(frame.stored), self._decompressor)

    def frames(self, offset: int) -> Iterator[tuple[int, int, Frame, bytes]]:
        """Yield (block number, offset, frame, raw bytes) of every whole frame from `offset` on; books the rest."""
        index = 0
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
                    yield index, offset, frame, raw
                    if frame.kind == frames.END:
                        return
                    index += frame.kind == frames.EXCHANGES
                    offset += frames.SIZE + frame.stored
                    continue
            found = self._next_head(offset + 1)
            self.losses.append(Loss(index=index, offset=offset, length=found - offset, why=why))
            offset, index = found, index + 1

    def heads(self, offset: int) -> Iterator[tuple[int, int, Frame]]:
        """Yield (block number, offset, frame head) without reading a payload; books what lies between."""
        index = 0
        end = self._file.seek(0, 2)
        while offset < end:
            frame = self.head(offset)
            if frame is not None and offset + frames.SIZE + frame.stored <= end:
                yield index, offset, frame
                if frame.kind == frames.END:
                    return
                index += frame.kind == frames.EXCHANGES
                offset += frames.SIZE + frame.stored
                continue
            found = self._next_head(offset + 1)
            why = "no frame here" if frame is None else f"cut off: {frame.stored} bytes should follow"
            self.losses.append(Loss(index=index, offset=offset, length=found - offset, why=why))
            offset, index = found, index + 1

    def _next_head(self, offset: int) -> int:
        """Where the next frame head that checks out begins, or the end of the file."""
        self._file.seek(offset)
        window, base = b"", offset
        while chunk := self._file.read(_SCAN):
            window += chunk
            at = window.find(frames.MARKER)
            while at >= 0 and at + frames.SIZE <= len(window):
                if frames.parse(window[at : at + frames.SIZE]) is not None:
                    return base + at
                at = window.find(frames.MARKER, at + 1)
            # A head may straddle two chunks.
            keep = min(frames.SIZE - 1, len(window))
            base += len(window) - keep
            window = window[len(window) - keep :]
        return base + len(window)
