"""A trace's exchanges by their place, read again and again in the memory of a few blocks."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from traces.file import codec
from traces.file.reader import TraceReader
from traces.file.walk import Loss
from traces.model import Exchange, Header

#: Bytes of unpacked records kept: sessions overlap, so the next wanted is most often near the last.
_KEPT: Final = 6 * 1024 * 1024


class Store:
    """The exchanges of a trace file. Its `header`, and after one pass `losses`, `torn` and `summary`, as TraceReader.

    Places count what can be read, from 0, in the order written. The file is open only while it is read. Raises as
    TraceReader; `store[place]` raises IndexError beyond the last pass's end, and ValueError when the file has changed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.losses: list[Loss] = []
        self.torn = False
        self.summary: Mapping[str, Any] = {}
        self._count = 0
        self._firsts: list[int] = []
        self._offsets: list[int] = []
        self._recent: OrderedDict[int, list[bytes]] = OrderedDict()
        self._kept = 0
        with TraceReader(path) as reader:
            self.header: Header = reader.header

    def __len__(self) -> int:
        """Exchanges that the last pass read."""
        return self._count

    def __iter__(self) -> Iterator[Exchange]:
        self._firsts, self._offsets = [], []
        count = 0
        with TraceReader(self.path) as reader:
            for offset, exchange in reader.placed():
                if not self._offsets or self._offsets[-1] != offset:
                    self._offsets.append(offset)
                    self._firsts.append(count)
                count += 1
                self._count = max(self._count, count)
                yield exchange
            self._count = count
            self.losses, self.torn, self.summary = reader.losses, reader.torn, reader.summary

    def __getitem__(self, place: int) -> Exchange:
        if not 0 <= place < self._count:
            raise IndexError(place)
        block = bisect_right(self._firsts, place) - 1
        return codec.decode(self._records(self._offsets[block])[place - self._firsts[block]])

    def _records(self, offset: int) -> list[bytes]:
        records = self._recent.get(offset)
        if records is not None:
            self._recent.move_to_end(offset)
            return records
        with TraceReader(self.path) as reader:
            records = reader.block(offset)
        self._recent[offset] = records
        self._kept += sum(map(len, records))
        while len(self._recent) > 1 and self._kept > _KEPT:
            _, oldest = self._recent.popitem(last=False)
            self._kept -= sum(map(len, oldest))
        return records
