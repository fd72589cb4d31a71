"""A trace larger than memory is read again where it is needed, and says the same each time."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.traces.file.test_file import HEADER, an_exchange
from traces.file import Store, TraceReader, TraceWriter, store

MANY = [an_exchange(n) for n in range(400)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with TraceWriter(tmp_path / "a.trace", HEADER, block_bytes=1500) as writer:
        for exchange in MANY:
            writer.append(exchange)
    return tmp_path / "a.trace"


def test_a_place_gives_what_a_pass_gave_there(path: Path) -> None:
    kept = Store(path)
    passed = list(kept)
    places = list(range(len(MANY)))
    random.Random(1).shuffle(places)
    assert (passed, [kept[place] for place in places]) == (MANY, [MANY[place] for place in places])


def test_places_hold_though_only_one_block_is_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_KEPT", 1)
    kept = Store(path)
    assert [exchange.id for exchange in kept] == [kept[place].id for place in range(len(MANY))]


def test_beyond_the_last_there_is_nothing(path: Path) -> None:
    kept = Store(path)
    before_a_pass = len(kept)
    list(kept)
    assert (before_a_pass, len(kept)) == (0, len(MANY))
    with pytest.raises(IndexError):
        kept[len(MANY)]


def test_a_damaged_block_is_no_place_and_the_others_keep_theirs(path: Path) -> None:
    with TraceReader(path) as reader:
        second = list(reader.blocks())[1]
    data = bytearray(path.read_bytes())
    data[second.offset + 60] ^= 1
    path.write_bytes(data)
    kept = Store(path)
    left = list(kept)
    assert (len(left), [kept[n] for n in range(len(left))], len(kept.losses)) == (
        len(MANY) - second.records,
        left,
        1,
    )


def test_a_torn_file_says_so_after_a_pass(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3000])
    kept = Store(path)
    count = sum(1 for _ in kept)
    assert (kept.torn, 0 < count < len(MANY), kept[count - 1].id) == (True, True, count - 1)


def test_a_file_that_was_replaced_is_noticed(path: Path) -> None:
    kept = Store(path)
    list(kept)
    with TraceWriter(path, HEADER, block_bytes=90_000) as writer:
        writer.append(MANY[0])
    with pytest.raises(ValueError, match="block"):
        kept[399]
