"""Only the blocks that can hold what is wanted are read, whatever became of the index."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.traces.file.test_file import HEADER, an_exchange
from traces.file import Selection, TraceReader, TraceWriter, index
from traces.model import Exchange

SECOND = 1_000_000_000


def labelled(number: int) -> Exchange:
    exchange = an_exchange(number)
    instant = number * SECOND
    return replace(
        exchange,
        clock=replace(exchange.clock, received=instant, sent=instant + 1, first_byte=instant + 2),
        session=f"s{number // 10}",
        endpoint="GET /odd" if number % 2 else "GET /even",
    )


MANY = [labelled(n) for n in range(1000)]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(index, "BLOCKS", 16)
    with TraceWriter(tmp_path / "a.trace", HEADER, block_bytes=1500) as writer:
        for exchange in MANY:
            writer.append(exchange)
    return tmp_path / "a.trace"


def bytes_read(reader: TraceReader) -> list[int]:
    """Count what is read of the file from now on."""
    counted = [0]
    read = reader._file.read

    def counting(size: int = -1) -> bytes:
        data = read(size)
        counted[0] += len(data)
        return data

    class File:
        def __getattr__(self, name: str) -> object:
            return counting if name == "read" else getattr(real, name)

    real = reader._file
    reader._file = reader._walker._file = File()  # type: ignore[assignment]  # counts in front of the real file
    return counted


def test_the_last_minute_is_read_without_the_rest(path: Path) -> None:
    with TraceReader(path) as reader:
        counted = bytes_read(reader)
        got = list(reader.select(Selection(since=940 * SECOND)))
        assert (got, counted[0] < path.stat().st_size / 5) == (MANY[940:], True)


def test_one_session_is_read_without_the_rest(path: Path) -> None:
    with TraceReader(path) as reader:
        counted = bytes_read(reader)
        got = list(reader.select(Selection(sessions=frozenset({"s50"}))))
        assert (got, counted[0] < path.stat().st_size / 4) == (MANY[500:510], True)


def test_endpoints_are_selected_exactly(path: Path) -> None:
    with TraceReader(path) as reader:
        assert list(reader.select(Selection(endpoints=frozenset({"GET /odd"})))) == MANY[1::2]


def test_a_selection_by_time_needs_no_footer(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])
    with TraceReader(path) as reader:
        assert (list(reader.select(Selection(since=500 * SECOND, until=600 * SECOND))), reader.torn) == (
            MANY[500:600],
            True,
        )


def test_a_damaged_index_is_rebuilt_from_the_frames(path: Path) -> None:
    content = bytearray(path.read_bytes())
    with TraceReader(path) as reader:
        reader._index_places()
        place = reader._index_places()[1]
    content[place + 60] ^= 0xFF
    path.write_bytes(content)
    with TraceReader(path) as reader:
        got = list(reader.select(Selection(since=990 * SECOND)))
        assert got == MANY[990:]


def test_a_damaged_block_costs_itself_in_a_selection_too(path: Path) -> None:
    with TraceReader(path) as reader:
        block = list(reader.blocks())[5]
    content = bytearray(path.read_bytes())
    content[block.offset + 60] ^= 0xFF
    path.write_bytes(content)
    with TraceReader(path) as reader:
        got = list(reader.select(Selection()))
        assert (len(got), reader.losses[0].offset) == (len(MANY) - block.records, block.offset)


def test_a_block_of_unlabelled_exchanges_is_read_for_any_session(tmp_path: Path) -> None:
    with TraceWriter(tmp_path / "b.trace", HEADER) as writer:
        writer.append(MANY[0])
        writer.append(an_exchange(5000))
    with TraceReader(tmp_path / "b.trace") as reader:
        assert ([b.sessions for b in reader.blocks()], list(reader.select(Selection(sessions=frozenset({"s0"}))))) == (
            [None],
            [MANY[0]],
        )
