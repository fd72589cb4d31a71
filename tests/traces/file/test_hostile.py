"""Whatever the bytes: no wrong exchange, no hang, no traceback, and no more memory than the file admits to."""

from __future__ import annotations

import random
import subprocess
import sys
import zlib
from pathlib import Path

import msgpack
import pytest
import zstandard

from tests.traces.file.test_file import HEADER, an_exchange, write
from traces.file import TraceError, TraceReader, TraceWriter, frames
from traces.file.frames import _CRC, _FIELDS

DATA = Path(__file__).parents[2] / "data"


def forged(kind: int, payload: bytes, raw: int, stored: int | None = None) -> bytes:
    """A frame whose checksums hold, whatever it claims."""
    size = len(payload) if stored is None else stored
    head = _FIELDS.pack(frames.MARKER, kind, 1, 0, size, raw, 1, 1, 0, 0, zlib.crc32(payload))
    return head + _CRC.pack(zlib.crc32(head)) + payload


def nested(depth: int) -> bytes:
    return msgpack.packb(b"\x91" * depth)  # type: ignore[no-any-return]  # msgpack has no types


BOMB = zstandard.ZstdCompressor().compress(bytes(1_000_000_000))
SMALL = zstandard.ZstdCompressor().compress(b"x" * 100)
DEEP = nested(200_000)


@pytest.mark.parametrize(
    "frame",
    [
        forged(2, BOMB, 1_000_000_000),
        forged(2, BOMB, 1000),
        forged(2, SMALL, 99),
        forged(2, SMALL, 100),
        forged(2, SMALL, 100, stored=60_000_000),
        forged(2, zstandard.ZstdCompressor().compress(DEEP), len(DEEP)),
        forged(2, zstandard.ZstdCompressor().compress(b"\xc6\xff\xff\xff\xff"), 5),
        forged(2, zstandard.ZstdCompressor().compress(b"\xdd\xff\xff\xff\xff"), 5),
        forged(9, SMALL, 100),
        forged(4, SMALL, 100),
    ],
    ids=[
        "bomb",
        "bomb that lies",
        "size lie",
        "no records",
        "length lie",
        "nesting",
        "huge bin",
        "huge array",
        "kind",
        "index",
    ],
)
def test_a_forged_frame_costs_itself_and_little_memory(tmp_path: Path, frame: bytes) -> None:
    path = tmp_path / "a.trace"
    write(path, [an_exchange(n) for n in range(20)])
    content = path.read_bytes()
    with TraceReader(path) as reader:
        place = next(iter(reader.blocks())).offset
    path.write_bytes(content[:place] + frame + content[place:])
    code = (
        "import resource, sys; from pathlib import Path; from traces.file import TraceReader\n"
        "base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "r = TraceReader(Path(sys.argv[1])); n = len(list(r))\n"
        "print(n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=30
    )
    count, grown = map(int, result.stdout.split())
    # A block declares at most 64 MiB here; four times the 256 KiB that a real one declares is far below what grows.
    assert (count, grown < 64 * 1024) == (20, True)


def test_random_damage_never_yields_a_wrong_exchange(tmp_path: Path) -> None:
    path = tmp_path / "a.trace"
    many = [an_exchange(n, bytes([n]) * 60) for n in range(120)]
    write(path, many, block_bytes=900)
    whole = path.read_bytes()
    known = {e.id: e for e in many}
    rng = random.Random(7)
    wrong = []
    for _ in range(400):
        content = bytearray(whole)
        for _ in range(rng.randint(1, 20)):
            at = rng.randrange(len(content))
            content[at : at + rng.randint(0, 30)] = rng.randbytes(rng.randint(0, 30))
        path.write_bytes(content)
        try:
            with TraceReader(path) as reader:
                wrong += [e for e in reader if known.get(e.id) != e]
        except TraceError:
            continue
    assert wrong == []


def test_the_format_page_is_enough_to_write_a_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.trace"
    many = [an_exchange(n, b'{"n":%d}' % n) for n in range(50)]
    write(path, many)
    result = subprocess.run(
        [sys.executable, "-I", str(DATA / "plain_reader.py"), str(path)], capture_output=True, text=True, check=True
    )
    header, *lines = map(__import__("json").loads, result.stdout.splitlines())
    assert header == [HEADER.kind, HEADER.id, HEADER.epoch_ns]
    assert [(line[0], line[1], line[3], line[4]) for line in lines] == [
        (e.id, e.request.target.decode(), 200, zlib.crc32(b'{"n":%d}' % e.id)) for e in many
    ]


def test_the_plain_reader_takes_nothing_of_ours() -> None:
    text = (DATA / "plain_reader.py").read_text()
    assert [line for line in text.splitlines() if "import" in line and ("traces" in line or "replay" in line)] == []


@pytest.mark.parametrize("golden", sorted(DATA.glob("v*.trace")), ids=lambda p: p.stem)
def test_a_trace_of_every_version_reads_as_it_did_when_it_was_written(golden: Path) -> None:
    with TraceReader(golden) as reader:
        got = list(reader)
        assert (len(got), reader.losses, reader.torn) == (12, [], False)
    assert got[3].extra["of a later version"] == {"kept": [1, 2, 3]}


def test_there_is_a_golden_trace_of_this_version() -> None:
    from traces.file.codec import VERSION

    assert (DATA / f"v{VERSION[0]}.{VERSION[1]}.trace").exists()


def test_a_file_that_is_all_markers_is_read_in_linear_time(tmp_path: Path) -> None:
    path = tmp_path / "a.trace"
    with TraceWriter(path, HEADER):
        pass
    path.write_bytes(path.read_bytes()[:-80] + frames.MARKER * 500_000)
    with TraceReader(path) as reader:
        assert (list(reader), reader.torn, len(reader.losses)) == ([], True, 1)
