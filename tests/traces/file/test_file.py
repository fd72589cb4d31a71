"""A trace file gives back what was put in, whatever happens to the file in between."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.traces.strategies import exchanges
from traces.file import CorruptBlock, NotATrace, Spool, TraceReader, TraceWriter, UnsupportedVersion, codec
from traces.model import Clock, Exchange, Header, Request, Response

HEADER = Header(kind="recording", id="0" * 32, epoch_ns=1_700_000_000_000_000_000, config={"speed": 5})


def an_exchange(number: int, body: bytes = b"{}") -> Exchange:
    return Exchange(
        id=number,
        clock=Clock(received=number * 1000, sent=number * 1000 + 5, first_byte=number * 1000 + 10),
        request=Request(method=b"GET", scheme=b"http", authority=b"shop", target=b"/%d" % number),
        response=Response(status=200, body=body),
    )


def write(path: Path, many: list[Exchange], block_bytes: int = 2000) -> None:
    with TraceWriter(path, HEADER, block_bytes=block_bytes) as writer:
        for exchange in many:
            writer.append(exchange)


@given(exchanges)
def test_an_exchange_survives_packing_unchanged(exchange: Exchange) -> None:
    assert codec.decode(codec.encode(exchange)) == exchange


@given(st.binary(max_size=200))
def test_any_bytes_decode_to_an_exchange_or_a_value_error(junk: bytes) -> None:
    try:
        result: object = codec.decode(junk)
    except ValueError:
        result = None
    assert result is None or isinstance(result, Exchange)


def test_a_trace_gives_back_header_and_exchanges_in_order(tmp_path: Path) -> None:
    many = [an_exchange(n) for n in range(500)]
    write(tmp_path / "a.trace", many)
    with TraceReader(tmp_path / "a.trace") as reader:
        assert (reader.header, list(reader), reader.torn, reader.losses) == (HEADER, many, False, [])


def test_a_torn_file_gives_every_whole_block_and_says_what_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.trace"
    many = [an_exchange(n, os.urandom(100)) for n in range(200)]
    write(path, many)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with TraceReader(path) as reader:
        got = list(reader)
        assert got == many[: len(got)]
        assert len(got) > 100
        assert reader.torn
        assert "cut off" in reader.losses[0].why


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_flipped_bit_costs_at_most_its_block_and_never_gives_a_wrong_exchange(
    tmp_path: Path, data: st.DataObject
) -> None:
    path = tmp_path / "a.trace"
    many = [an_exchange(n, bytes([n]) * 40) for n in range(60)]
    write(path, many, block_bytes=700)
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    try:
        with TraceReader(path) as reader:
            got = list(reader)
            noticed = bool(reader.losses) or reader.torn
    except (NotATrace, CorruptBlock):
        return
    assert noticed
    assert [e for e in many if e in got] == got
    assert len(got) >= 50


@pytest.mark.parametrize(
    ("content", "kind", "word"),
    [
        (b"", NotATrace, "empty"),
        (b"hello, I am not a trace at all", NotATrace, "not a trace"),
        (b"\x89RPRS\r\n\x1a", CorruptBlock, "no readable header"),
    ],
)
def test_what_is_no_trace_is_refused_with_a_sentence(
    tmp_path: Path, content: bytes, kind: type[Exception], word: str
) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(kind, match=word):
        TraceReader(tmp_path / "x")


def test_a_newer_major_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "VERSION", (2, 0))
    write(tmp_path / "new.trace", [])
    monkeypatch.setattr(codec, "VERSION", (1, 0))
    with pytest.raises(UnsupportedVersion, match=r"format 2\.0"):
        TraceReader(tmp_path / "new.trace")


def test_a_spool_has_everything_on_disk_within_its_sync_interval(tmp_path: Path) -> None:
    path = tmp_path / "a.trace"
    spool = Spool(TraceWriter(path, HEADER))
    spool.put(an_exchange(1))
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with TraceReader(path) as reader:
            if list(reader):
                break
        time.sleep(0.05)
    with TraceReader(path) as reader:
        assert [e.id for e in reader] == [1]
    spool.close()


def test_a_full_disk_keeps_what_was_written_whole_and_counts_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.trace"
    writer = TraceWriter(path, HEADER, block_bytes=500)
    writer.append(an_exchange(1, os.urandom(600)))

    class Full:
        """The same file on a disk with room for ten more bytes."""

        def __init__(self, real: object) -> None:
            self.real, self.room = real, 10

        def write(self, data: memoryview) -> int:
            if not self.room:
                raise OSError(errno.ENOSPC, "No space left on device")
            count: int = self.real.write(data[: self.room])  # type: ignore[attr-defined]  # a raw file behind `object`
            self.room -= count
            return count

        def __getattr__(self, name: str) -> object:
            return getattr(self.real, name)

    monkeypatch.setattr(writer, "_file", Full(writer._file))
    spool = Spool(writer)
    for n in range(2, 40):
        spool.put(an_exchange(n, os.urandom(600)))
    spool.close()
    assert spool.error is not None
    with TraceReader(path) as reader:
        assert ([e.id for e in reader], reader.torn, reader.losses) == ([1], True, [])
