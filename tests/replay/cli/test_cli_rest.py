"""The commands on traces at rest, as a user calls them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.traces.file.test_file import HEADER, an_exchange
from traces.file import TraceReader, TraceWriter
from traces.model import Exchange

MANY = [replace(an_exchange(n), connection=f"c{n // 10}") for n in range(100)]


def replay(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "replay", *map(str, words)], capture_output=True, text=True, check=False
    )


def read(path: Path) -> list[Exchange]:
    with TraceReader(path) as reader:
        return list(reader)


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "a.trace"
    with TraceWriter(path, HEADER, block_bytes=2000) as writer:
        for exchange in MANY:
            writer.append(exchange)
    return path


def test_a_whole_trace_verifies(trace: Path) -> None:
    done = replay("verify", trace)
    assert (done.returncode, done.stdout) == (0, "100 exchanges and every checksum hold\n")


def test_a_flipped_bit_is_named_with_its_block_and_place(trace: Path) -> None:
    with TraceReader(trace) as reader:
        block = list(reader.blocks())[2]
    content = bytearray(trace.read_bytes())
    content[block.offset + 60] ^= 4
    trace.write_bytes(content)
    done = replay("verify", trace)
    assert (done.returncode, f"lost: block 2 at byte {block.offset}: checksum differs" in done.stdout) == (6, True)


def test_repair_writes_a_whole_trace_of_what_is_whole(trace: Path, tmp_path: Path) -> None:
    trace.write_bytes(trace.read_bytes()[:3000])
    done = replay("verify", trace, "--repair", tmp_path / "b.trace")
    assert (done.returncode, replay("verify", tmp_path / "b.trace").returncode) == (0, 0)


def test_cut_by_time_keeps_what_arrived_in_it(trace: Path, tmp_path: Path) -> None:
    replay("cut", trace, tmp_path / "b.trace", "--from", "20us", "--to", "30us")
    assert read(tmp_path / "b.trace") == MANY[20:30]


def test_cut_by_session_keeps_whole_sessions(trace: Path, tmp_path: Path) -> None:
    replay("cut", trace, tmp_path / "b.trace", "--session", "s30")
    assert [e.id for e in read(tmp_path / "b.trace")] == list(range(30, 40))


def test_a_sample_is_of_whole_sessions_and_grows_with_its_share(trace: Path, tmp_path: Path) -> None:
    kept = []
    for share in ("30%", "60%"):
        replay("cut", trace, tmp_path / "b.trace", "--sample", share)
        kept.append({e.connection for e in read(tmp_path / "b.trace")})
        assert len(read(tmp_path / "b.trace")) == 10 * len(kept[-1])
    assert kept[0] < kept[1]


def test_merge_puts_two_recorders_traces_in_order(trace: Path, tmp_path: Path) -> None:
    with TraceWriter(tmp_path / "b.trace", replace(HEADER, id="2" * 32)) as writer:
        writer.append(an_exchange(1000))
    replay("merge", trace, tmp_path / "b.trace", "--out", tmp_path / "c.trace")
    assert len(read(tmp_path / "c.trace")) == 101


def test_inspect_shows_one_exchange_with_its_body_decoded(trace: Path) -> None:
    shown = json.loads(replay("inspect", trace, "--exchange", "7", "--json").stdout)
    assert (shown["request"]["line"], shown["response"]["body"]) == ("GET /7 HTTP/1.1", "{}")


def test_an_exchange_that_is_not_there_is_a_usage_error(trace: Path) -> None:
    done = replay("inspect", trace, "--exchange", "700")
    assert (done.returncode, "has no exchange 700" in done.stderr) == (2, True)


def test_inspect_takes_templates_from_an_openapi_document(trace: Path, tmp_path: Path) -> None:
    (tmp_path / "api.json").write_text(json.dumps({"paths": {"/{thing}": {}}}))
    rows = json.loads(replay("inspect", trace, "--endpoints", "--json", "--openapi", tmp_path / "api.json").stdout)
    assert [(row["endpoint"], row["n"]) for row in rows] == [("GET /{thing}", 100)]


@pytest.mark.parametrize("name", ["b.har", "b.gor", "b.gor.gz", "b.mitm"])
def test_a_trace_goes_into_every_format_and_back(trace: Path, tmp_path: Path, name: str) -> None:
    assert replay("convert", trace, tmp_path / name).returncode == 0
    assert replay("convert", tmp_path / name, tmp_path / "c.trace").returncode == 0
    assert [(e.request.target, e.response) for e in read(tmp_path / "c.trace")] == [
        (e.request.target, replace(e.response, reason=back.response.reason))
        for e, back in zip(MANY, read(tmp_path / "c.trace"), strict=True)
        if e.response is not None and back.response is not None
    ]


def test_a_file_of_no_known_format_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x00\x01hello")
    done = replay("convert", tmp_path / "x", tmp_path / "y.trace")
    assert (done.returncode, done.stderr.count("\n"), (tmp_path / "y.trace").exists()) == (6, 1, False)


def test_nonsense_inside_a_har_is_named_by_its_entry(tmp_path: Path) -> None:
    (tmp_path / "x.har").write_text('{"log": {"entries": [3]}}')
    done = replay("convert", tmp_path / "x.har", tmp_path / "y.trace")
    assert (done.returncode, "entries[0]" in done.stderr) == (6, True)
