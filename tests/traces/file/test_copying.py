"""Copies keep all of what they keep, and say where it came from."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.traces.file.test_file import HEADER, an_exchange, write
from tests.traces.strategies import exchanges
from traces.file import TraceReader, TraceWriter, copying
from traces.model import Exchange


def read(path: Path) -> list[Exchange]:
    with TraceReader(path) as reader:
        return list(reader)


def test_repairing_a_torn_trace_gives_a_whole_one_with_all_that_was_whole(tmp_path: Path) -> None:
    write(tmp_path / "a.trace", [an_exchange(n, b"x" * 90) for n in range(300)])
    content = (tmp_path / "a.trace").read_bytes()
    (tmp_path / "a.trace").write_bytes(content[: len(content) // 2])
    with TraceReader(tmp_path / "a.trace") as torn:
        count = copying.repair(torn, tmp_path / "b.trace")
    with TraceReader(tmp_path / "b.trace") as whole:
        got = list(whole)
        assert (got, whole.torn, whole.losses, whole.header) == (read(tmp_path / "a.trace"), False, [], HEADER)
    assert count == len(got) > 50


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(many=st.lists(exchanges, min_size=1, max_size=5))
def test_a_copy_keeps_every_field_of_an_exchange(tmp_path: Path, many: list[Exchange]) -> None:
    write(tmp_path / "a.trace", many)
    with TraceReader(tmp_path / "a.trace") as source:
        copying.keep(source, tmp_path / "b.trace", source, "all")
    assert read(tmp_path / "b.trace") == many


def test_the_same_cut_of_the_same_trace_is_the_same_file(tmp_path: Path) -> None:
    write(tmp_path / "a.trace", [an_exchange(n) for n in range(50)])
    for name in ("b", "c"):
        with TraceReader(tmp_path / "a.trace") as source:
            copying.keep(source, tmp_path / f"{name}.trace", list(source)[:10], "first ten")
    assert (tmp_path / "b.trace").read_bytes() == (tmp_path / "c.trace").read_bytes()


def test_merged_recordings_are_in_order_on_one_clock_with_ids_of_their_own(tmp_path: Path) -> None:
    write(tmp_path / "a.trace", [an_exchange(n) for n in range(0, 100, 2)])
    later = replace(HEADER, id="1" * 32, epoch_ns=HEADER.epoch_ns + 500)
    with TraceWriter(tmp_path / "b.trace", later) as writer:
        for n in range(1, 100, 2):
            writer.append(an_exchange(n))
    with ExitStack() as stack:
        sources = copying.open_all([tmp_path / "a.trace", tmp_path / "b.trace"], stack)
        copying.merge(sources, tmp_path / "c.trace")
    got = read(tmp_path / "c.trace")
    assert [e.id for e in got] == list(range(100))
    assert [e.clock.received for e in got] == sorted(n * 1000 + 500 * (n % 2) for n in range(100))
    assert [e.extra["was"] for e in got[:2]] == [["0" * 32, 0], ["1" * 32, 1]]


def test_a_recording_and_a_run_are_not_merged(tmp_path: Path) -> None:
    write(tmp_path / "a.trace", [an_exchange(1)])
    with TraceWriter(tmp_path / "b.trace", replace(HEADER, kind="replay", parent="0" * 32)) as writer:
        writer.append(an_exchange(2))
    with ExitStack() as stack:
        sources = copying.open_all([tmp_path / "a.trace", tmp_path / "b.trace"], stack)
        with pytest.raises(copying.CannotMerge, match="only recordings"):
            copying.merge(sources, tmp_path / "c.trace")
