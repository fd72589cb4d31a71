"""What we write as a HAR comes back exactly, other tools read it, and who edits it is believed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.traces.convert.hars import CHROME, EPOCH, MS, changed, file
from tests.traces.links.scene import recording
from tests.traces.strategies import exchanges
from traces.convert.har import read
from traces.convert.har_write import entry_of, write
from traces.model import Clock, Exchange, Request, Response

traces = st.lists(exchanges, min_size=1, max_size=3, unique_by=lambda e: e.id)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(traces, st.integers(0, 2 * 10**18))
def test_a_trace_comes_back_exactly(tmp_path: Path, trace: list[Exchange], epoch: int) -> None:
    path = tmp_path / "ours.har"
    assert write(trace, path, epoch_ns=epoch) == len(trace)
    back_epoch, back = read(path)
    assert (back_epoch, list(back)) == (epoch, trace)


@pytest.mark.parametrize("name", ["polar-locust.mitm", "oscarapi.mitm"])
def test_a_real_recording_comes_back_exactly(name: str, tmp_path: Path) -> None:
    trace = recording(name)
    write(trace, tmp_path / "ours.har", epoch_ns=EPOCH)
    assert list(read(tmp_path / "ours.har")[1]) == trace


ANSWER = Response(
    status=200,
    reason=b"OK",
    headers=((b"Content-Type", b"text/plain"), (b"Content-Encoding", b"gzip")),
    body=gzip.compress(b"secret", compresslevel=1, mtime=7),
)
QUESTION = Request(
    method=b"GET", scheme=b"https", authority=b"shop.test", target=b"/\xff", headers=((b"Host", b"shop.test"),)
)
OURS = Exchange(
    id=7,
    clock=Clock(
        received=1, connect_start=2, connected=1_000_001, tls_done=3_000_001, sent=4 * MS, first_byte=9 * MS + 1
    ),
    request=QUESTION,
    response=ANSWER,
    session="s1",
    flags=("queued",),
)


def test_the_standard_fields_are_true_for_other_tools() -> None:
    entry = entry_of(OURS, EPOCH)
    assert entry["startedDateTime"] == "2026-11-22T09:48:26.272000Z"
    assert entry["timings"] == {
        "blocked": 0.000001,
        "dns": -1,
        "connect": 2.999999,
        "ssl": 2.0,
        "send": 0.999999,
        "wait": 5.000001,
        "receive": 0,
    }
    assert entry["time"] == pytest.approx(9, abs=1e-5)
    assert entry["request"]["url"] == "https://shop.test/%FF"
    assert entry["response"]["content"] == {
        "size": 6,
        "mimeType": "text/plain",
        "compression": 6 - len(ANSWER.body or b""),
        "text": "secret",
    }


def rewritten(path: Path, exchange: Exchange, edit: dict[str, Any]) -> Exchange:
    write([exchange], path / "ours.har", epoch_ns=EPOCH)
    loaded = json.loads((path / "ours.har").read_text())
    loaded["log"]["entries"] = [changed(entry, **edit) for entry in loaded["log"]["entries"]]
    (path / "ours.har").write_text(json.dumps(loaded, indent=2))
    (back,) = read(path / "ours.har")[1]
    return back


def test_a_file_that_another_tool_laid_out_anew_is_still_exact(tmp_path: Path) -> None:
    assert rewritten(tmp_path, OURS, {"comment": "x"}) == OURS


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({"request__url": "https://shop.test/edited"}, replace(OURS, request=replace(QUESTION, target=b"/edited"))),
        ({"response__status": 500}, replace(OURS, response=replace(ANSWER, status=500))),
        (
            {"response__content__text": "cut"},
            replace(OURS, response=replace(ANSWER, body=gzip.compress(b"cut", mtime=0))),
        ),
        (
            {"timings__wait": 50},
            replace(
                OURS, clock=replace(OURS.clock, first_byte=54 * MS, last_byte=54 * MS), flags=("queued", "approximate")
            ),
        ),
    ],
)
def test_what_a_person_changed_is_what_is_read(edit: dict[str, Any], expected: Exchange, tmp_path: Path) -> None:
    back = rewritten(tmp_path, OURS, edit)
    assert replace(back, clock=expected.clock) == expected
    assert (back.clock.first_byte or 0) == pytest.approx(expected.clock.first_byte or 0, abs=1000)


def test_joined_files_have_ids_of_their_own(tmp_path: Path) -> None:
    entry = entry_of(OURS, EPOCH)
    assert [e.id for e in read(file(tmp_path, entry, entry, CHROME))[1]] == [0, 1, 2]


def failing() -> Iterator[Exchange]:
    yield OURS
    raise RuntimeError("the trace is torn")


def test_a_failed_write_leaves_nothing_and_spoils_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ours.har"
    path.write_text("before")
    with pytest.raises(RuntimeError):
        write(failing(), path, epoch_ns=EPOCH)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("ours.har", "before")]


def test_mitmproxy_reads_what_is_written(tmp_path: Path) -> None:
    from mitmproxy.http import HTTPFlow
    from mitmproxy.io import FlowReader

    write([replace(OURS, response=replace(ANSWER, headers=(), body=b"hi"))], tmp_path / "ours.har", epoch_ns=EPOCH)
    with (tmp_path / "ours.har").open("rb") as opened:
        (flow,) = FlowReader(opened).stream()
    assert isinstance(flow, HTTPFlow)
    assert flow.response is not None
    assert (flow.request.pretty_url, flow.response.text) == ("https://shop.test/%FF", "hi")
