"""What the recorder makes of flows that nothing watched, as on a mitmproxy whose inside is not known."""

from __future__ import annotations

import time
from pathlib import Path

from mitmproxy.test import tflow

from capture.recorder import Recorder
from tests.capture.recorders import read
from traces.file import Spool, TraceWriter
from traces.model import Exchange, Header


def recorded(path: Path, *, error: bool = False, times: int = 1) -> list[Exchange]:
    """One flow of two seconds that began 3 s ago, told `times` times."""
    now = time.time()  # noqa: TID251 - mitmproxy's own instants are wall clock
    flow = tflow.tflow(resp=True, err=error)
    flow.request.timestamp_start = flow.request.timestamp_end = now - 3
    assert flow.response is not None
    flow.response.timestamp_start, flow.response.timestamp_end = now - 2, now - 1
    spool = Spool(TraceWriter(path, Header(kind="recording", id="0" * 32, epoch_ns=0)))
    recorder = Recorder(spool, epoch=time.monotonic_ns() - 10 * 10**9, max_body=1000, approximate=True)
    for _ in range(times):
        recorder.finished(flow)
    spool.close()
    return read(path)


def test_an_unwatched_flow_has_mitmproxys_instants_is_flagged_and_never_says_when_it_was_sent(tmp_path: Path) -> None:
    (exchange,) = recorded(tmp_path / "t.trace")
    clock = exchange.clock
    seconds = [round(at / 1e9, 1) for at in (clock.received, clock.first_byte or 0, clock.last_byte or 0)]
    assert (seconds, clock.sent, exchange.flags) == ([7.0, 8.0, 9.0], None, ("approximate",))


def test_a_flow_told_twice_is_recorded_once(tmp_path: Path) -> None:
    assert len(recorded(tmp_path / "t.trace", times=2)) == 1


def test_an_error_inside_a_plain_answer_is_an_error(tmp_path: Path) -> None:
    (exchange,) = recorded(tmp_path / "t.trace", error=True)
    assert (exchange.error, dict(exchange.extra)) == ("error", {})
