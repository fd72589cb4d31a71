"""What a WebSocket said comes over from a dump that mitmproxy wrote, and goes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader, FlowWriter
from mitmproxy.test import tflow
from mitmproxy.websocket import WebSocketMessage

from tests.traces.strategies import exchanges
from traces.convert.mitmproxy_dump import NotADump, read
from traces.convert.mitmproxy_write import write
from traces.model import Event, Exchange

EPOCH = 1_795_340_906_272_000_001
SECOND = 10**9
#: Seconds since 1970 as mitmproxy has them: floats, a few hundred ns apart.
NOW = 1_795_340_906.272


def dump(path: Path, *messages: tuple[int, bool, bytes, float]) -> Path:
    """A dump by mitmproxy itself of one WebSocket that began at NOW; opcode, from the client, content, s since 1970."""
    flow = tflow.twebsocketflow()
    flow.request.timestamp_start = flow.request.timestamp_end = NOW
    assert flow.websocket is not None
    flow.websocket.messages = [WebSocketMessage(*message) for message in messages]
    out = path / "theirs.mitm"
    with out.open("wb") as file:
        FlowWriter(file).add(flow)
    return out


def messages(path: Path) -> list[tuple[int, bool, bytes, float, bool, bool]]:
    """What mitmproxy itself reads."""
    with path.open("rb") as file:
        flows = [flow for flow in FlowReader(file).stream() if isinstance(flow, HTTPFlow)]
    return [message.get_state() for flow in flows if flow.websocket for message in flow.websocket.messages]


def test_messages_are_events_with_their_instant_direction_and_kind(tmp_path: Path) -> None:
    path = dump(
        tmp_path, (1, True, "héllo".encode(), NOW + 1), (2, False, b"\x00\xff", NOW + 2.5), (1, False, b"", NOW)
    )
    (exchange,) = read(path)[1]
    assert [replace(event, at=round(event.at, -3)) for event in exchange.events] == [
        Event(at=SECOND, data="héllo".encode(), kind="text", from_client=True),
        Event(at=2_500_000_000, data=b"\x00\xff", kind="binary"),
        Event(at=0, data=b"", kind="text"),
    ]


def test_the_upgrade_itself_is_the_exchange(tmp_path: Path) -> None:
    (exchange,) = read(dump(tmp_path, (1, True, b"hi", NOW)))[1]
    assert exchange.response is not None
    assert (exchange.request.method, exchange.response.status) == (b"GET", 101)


def test_a_flow_without_a_websocket_has_no_events(tmp_path: Path) -> None:
    with (tmp_path / "plain.mitm").open("wb") as file:
        FlowWriter(file).add(tflow.tflow(resp=True))
    (exchange,) = read(tmp_path / "plain.mitm")[1]
    assert exchange.events == ()


def test_frames_that_are_no_messages_are_passed_over(tmp_path: Path) -> None:
    path = dump(tmp_path, (9, True, b"ping", NOW), (1, True, b"hi", NOW), (8, False, b"", NOW))
    (exchange,) = read(path)[1]
    assert [event.data for event in exchange.events] == [b"hi"]


@pytest.mark.parametrize("at", [float("nan"), float("inf"), -1.0, 1e300])
def test_a_message_out_of_time_is_refused_in_a_sentence(at: float, tmp_path: Path) -> None:
    exchanges = read(dump(tmp_path, (1, True, b"hi", at)))[1]
    with pytest.raises(NotADump, match=r"^HTTP flow 0 of .*theirs\.mitm makes no sense \(.+ since 1970\)\.$"):
        list(exchanges)


said = st.tuples(st.sampled_from([1, 2]), st.booleans(), st.binary(max_size=20), st.floats(NOW, NOW + 10**7))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(said, max_size=4))
def test_a_dump_that_goes_through_a_trace_says_the_same_to_the_last_bit(
    tmp_path: Path, said: list[tuple[int, bool, bytes, float]]
) -> None:
    theirs = dump(tmp_path, *said)
    epoch, through = read(theirs)
    write(through, tmp_path / "ours.mitm", epoch_ns=epoch)
    assert messages(tmp_path / "ours.mitm") == messages(theirs)


def conversation(trace: list[Exchange]) -> list[list[Event]]:
    """The messages without their instants; pieces of a stream are none."""
    return [[replace(e, at=0) for e in exchange.events if e.kind != "chunk"] for exchange in trace]


def instants(trace: list[Exchange], epoch: int) -> list[int]:
    return [event.at + epoch for exchange in trace for event in exchange.events if event.kind != "chunk"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(exchanges, min_size=1, max_size=3))
def test_a_trace_that_goes_through_a_dump_says_the_same_to_a_microsecond(tmp_path: Path, trace: list[Exchange]) -> None:
    # A request must name where it goes to.
    trace = [replace(e, request=replace(e.request, authority=e.request.authority or b"a")) for e in trace]
    write(trace, tmp_path / "ours.mitm", epoch_ns=EPOCH)
    epoch, found = read(tmp_path / "ours.mitm")
    back = list(found)
    assert conversation(back) == conversation(trace)
    assert instants(back, epoch) == pytest.approx(instants(trace, EPOCH), abs=1000, rel=0)
