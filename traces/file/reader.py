"""Read a trace: front to back, or only the blocks that can hold what is wanted.

A damaged block costs itself and is named, a torn end is no error, and memory is one block whatever the file's size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import msgpack

from traces.file import codec, frames, index
from traces.file.errors import CorruptBlock, NotATrace, UnsupportedVersion
from traces.file.index import Block, Selection
from traces.file.walk import Loss, Walker
from traces.model import Exchange, Header


class TraceReader:
    """A trace open for reading: its `header`, and its exchanges by iterating, in the order they were written.

    After an iteration `losses` names what could not be read, `torn` says that the footer is missing (the writer was
    killed, or the copy is short), and `summary` is what the writer left in it. Raises NotATrace, UnsupportedVersion or
    CorruptBlock (the header itself) from the constructor; iteration raises nothing but OSError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn = False
        self.summary: Mapping[str, Any] = {}
        self._file: BinaryIO = path.open("rb")
        self._walker = Walker(self._file)
        try:
            self.header = self._open()
        except BaseException:
            self._file.close()
            raise

    @property
    def losses(self) -> list[Loss]:
        """What the last iteration could not read."""
        return self._walker.losses

    def __iter__(self) -> Iterator[Exchange]:
        for number, offset, frame, raw in self._blocks():
            yield from self._decoded(number, offset, frame.stored, raw)

    def records(self) -> Iterator[bytes]:
        """Every exchange as it is packed, its block's checksums held: to count, copy or hand on without decoding."""
        for number, offset, frame, raw in self._blocks():
            try:
                yield from _records(raw)
            except (ValueError, msgpack.UnpackException) as error:
                self._lose(number, offset, frame.stored, str(error))

    def placed(self) -> Iterator[tuple[int, Exchange]]:
        """Every exchange with the offset of its block, whose `block` gives it again."""
        for number, offset, frame, raw in self._blocks():
            for exchange in self._decoded(number, offset, frame.stored, raw):
                yield offset, exchange

    def block(self, offset: int) -> list[bytes]:
        """The packed exchanges of the block at `offset`. Raises ValueError when there is none, or not a whole one."""
        frame = self._walker.head(offset)
        if frame is None or frame.kind != frames.EXCHANGES:
            raise ValueError("no block here")
        return list(_records(self._walker.payload(offset, frame)))

    def blocks(self) -> Iterator[Block]:
        """Where what is: from the index, or from the frames' heads where there is none. Reads no exchange."""
        self._walker.losses = []
        try:
            places = self._index_places()
            yield from (block for place in places for block in self._index(place))
        except ValueError:
            yield from self._rebuilt()

    def select(self, wanted: Selection) -> Iterator[Exchange]:
        """The wanted exchanges; blocks that cannot hold one are not read."""
        for number, block in enumerate(self.blocks()):
            if not wanted.may_hold(block):
                continue
            frame = self._walker.head(block.offset)
            try:
                if frame is None or frame.kind != frames.EXCHANGES:
                    raise ValueError("no block here")
                raw = self._walker.payload(block.offset, frame)
            except ValueError as error:
                self._lose(number, block.offset, frame.stored if frame else 0, str(error))
                continue
            yield from filter(wanted.wants, self._decoded(number, block.offset, frame.stored, raw))

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
        offset = len(magic)
        frame = self._walker.head(offset)
        if frame is None or frame.kind != frames.HEADER:
            raise CorruptBlock(f"{self.path} has no readable header, so it cannot be used", index=0, offset=offset)
        try:
            (major, minor), features, header = codec.decode_header(self._walker.payload(offset, frame))
        except ValueError as error:
            raise CorruptBlock(f"{self.path}: the header: {error}", index=0, offset=offset) from None
        if major > codec.VERSION[0]:
            raise UnsupportedVersion(
                f"{self.path} has format {major}.{minor}, this version reads {codec.VERSION[0]}.x. Update reprise."
            )
        if needed := [name for name in features if name.startswith("!")]:
            raise UnsupportedVersion(f"{self.path} needs {needed[0][1:]!r}, unknown to this version. Update reprise.")
        self._start = offset + frames.SIZE + frame.stored
        return header

    def _blocks(self) -> Iterator[tuple[int, int, frames.Frame, bytes]]:
        """Every whole exchange block, in order; the footer on the way."""
        self._walker.losses, self.torn, ended = [], False, False
        for number, offset, frame, raw in self._walker.frames(self._start):
            if frame.kind == frames.EXCHANGES:
                yield number, offset, frame, raw
            elif frame.kind == frames.END:
                ended = self._finish(number, offset, frame, raw)
        self.torn = not ended

    def _finish(self, number: int, offset: int, frame: frames.Frame, raw: bytes) -> bool:
        """Take the footer in, and see that nothing but the trailer follows it; False when it is no footer."""
        try:
            self.summary = codec.decode_footer(raw).summary
        except ValueError as error:
            self._lose(number, offset, frame.stored, str(error))
            return False
        after = offset + frames.SIZE + frame.stored
        self._file.seek(after)
        if (rest := self._file.read(frames.TRAILER_SIZE + 1)) != frames.pack_trailer(offset):
            why = "the file's last bytes are not its trailer"
            self._walker.losses.append(Loss(index=number, offset=after, length=len(rest), why=why))
        return True

    def _decoded(self, number: int, offset: int, stored: int, raw: bytes) -> Iterator[Exchange]:
        try:
            for record in _records(raw):
                yield codec.decode(record)
        except (ValueError, msgpack.UnpackException) as error:
            self._lose(number, offset, stored, str(error))

    def _lose(self, number: int, offset: int, stored: int, why: str) -> None:
        self._walker.losses.append(Loss(index=number, offset=offset, length=frames.SIZE + stored, why=why))

    def _index_places(self) -> list[int]:
        """Where the INDEX frames are, by the footer. Raises ValueError when there is no whole footer."""
        self.torn = True
        self._file.seek(0, 2)
        size = self._file.tell()
        self._file.seek(max(self._start, size - frames.TRAILER_SIZE))
        place = frames.parse_trailer(self._file.read(frames.TRAILER_SIZE))
        frame = self._walker.head(place)
        if frame is None or frame.kind != frames.END:
            raise ValueError("no footer")
        footer = codec.decode_footer(self._walker.payload(place, frame))
        self.torn, self.summary = False, footer.summary
        return footer.indexes

    def _index(self, place: int) -> Iterator[Block]:
        frame = self._walker.head(place)
        if frame is None or frame.kind != frames.INDEX:
            raise ValueError("no index here")
        return index.unpack(self._walker.payload(place, frame))

    def _rebuilt(self) -> Iterator[Block]:
        for _, offset, frame in self._walker.heads(self._start):
            if frame.kind == frames.EXCHANGES:
                yield Block(offset=offset, records=frame.records, first=frame.first, last=frame.last)


def _records(raw: bytes) -> Iterator[bytes]:
    """The packed exchanges in a block's raw bytes. Raises ValueError when something else stands among them."""
    unpacker = msgpack.Unpacker(max_buffer_size=frames.MAX_RAW, raw=True)
    unpacker.feed(raw)
    for record in unpacker:
        if type(record) is not bytes:
            raise ValueError("something other than a record stands in it")
        yield record
