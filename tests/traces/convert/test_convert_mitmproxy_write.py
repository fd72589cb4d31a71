"""mitmproxy reads what is written, and so do we."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader

from tests.traces.links.scene import recording
from tests.traces.strategies import exchanges
from traces.convert.mitmproxy_dump import read
from traces.convert.mitmproxy_write import write
from traces.model import Clock, Event, Exchange, Request, Response

EPOCH = 1_795_340_906_272_000_001
INSTANTS = ("received", "connect_start", "connected", "tls_done", "first_byte", "last_byte")

ASKED = Request(
    method=b"GET",
    scheme=b"https",
    authority=b"shop.test:8443",
    target=b"/a%2Fb",
    headers=((b"Host", b"shop.test:8443"),),
)
ONE = Exchange(
    id=3,
    clock=Clock(
        received=1000,
        sent=9_000,
        connect_start=2_000,
        connected=4_000,
        tls_done=8_000,
        first_byte=11_000,
        last_byte=12_000,
    ),
    request=ASKED,
    response=Response(status=200, reason=b"OK", headers=((b"A", b"1"), (b"a", b"\xff")), body=b"\x00"),
    connection="c1",
)


def flows(path: Path) -> list[HTTPFlow]:
    with path.open("rb") as file:
        return [flow for flow in FlowReader(file).stream() if isinstance(flow, HTTPFlow)]


def written(path: Path, exchange: Exchange) -> HTTPFlow:
    assert write([exchange], path / "a.mitm", epoch_ns=EPOCH) == 1
    (flow,) = flows(path / "a.mitm")
    return flow


def instants(trace: list[Exchange], epoch: int) -> list[int]:
    found = [getattr(e.clock, name) for e in trace for name in INSTANTS]
    return [-1 if at is None else at + epoch for at in found]


def test_a_flow_is_what_mitmproxy_would_have_recorded(tmp_path: Path) -> None:
    flow = written(tmp_path, ONE)
    assert flow.request.pretty_url == "https://shop.test:8443/a%2Fb"
    assert flow.request.first_line_format == "relative"
    assert flow.server_conn.address == ("shop.test", 8443)
    assert flow.response is not None
    assert flow.response.headers.fields == ((b"A", b"1"), (b"a", b"\xff"))


@pytest.mark.parametrize(
    ("authority", "address"),
    [
        (b"shop.test", ("shop.test", 443)),
        (b"[::1]:8000", ("::1", 8000)),
        (b"[::1]", ("::1", 443)),
        (b"shop.test:99999", ("shop.test:99999", 443)),
        (b"", ("", 443)),
    ],
)
def test_an_authority_is_an_address(authority: bytes, address: tuple[str, int], tmp_path: Path) -> None:
    assert written(tmp_path, replace(ONE, request=replace(ASKED, authority=authority))).server_conn.address == address


def test_websocket_messages_are_mitmproxys(tmp_path: Path) -> None:
    events = (
        Event(at=15_000, data=b"hi", kind="text", from_client=True),
        Event(at=16_000, data=b"\xff", kind="binary"),
        Event(at=17_000, data=b"chunk"),
    )
    assert ONE.response is not None
    flow = written(tmp_path, replace(ONE, response=replace(ONE.response, status=101), events=events))
    assert flow.websocket is not None
    assert [(m.content, m.is_text, m.from_client) for m in flow.websocket.messages] == [
        (b"hi", True, True),
        (b"\xff", False, False),
    ]


def test_what_went_wrong_is_the_flows_error(tmp_path: Path) -> None:
    flow = written(tmp_path, replace(ONE, response=None, error="reset"))
    assert flow.response is None
    assert flow.error is not None
    assert flow.error.msg == "reset"


def test_the_same_trace_gives_the_same_dump(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write([ONE], tmp_path / name, epoch_ns=EPOCH)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(exchanges, min_size=1, max_size=3))
def test_messages_come_back_byte_for_byte(tmp_path: Path, trace: list[Exchange]) -> None:
    # A request must name where it goes to.
    trace = [replace(e, request=replace(e.request, authority=e.request.authority or b"a")) for e in trace]
    write(trace, tmp_path / "a.mitm", epoch_ns=EPOCH)
    assert [(e.request, e.response, e.connection, e.error) for e in read(tmp_path / "a.mitm")[1]] == [
        (e.request, e.response, e.connection, e.error) for e in trace
    ]


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    steps = [draw(st.integers(0, 10**12)) for _ in range(7)]
    received, connect, connected, tls, sent, first, last = (sum(steps[: n + 1]) for n in range(7))
    if draw(st.booleans()):
        return Clock(received=received, sent=received, first_byte=first, last_byte=last)
    return Clock(
        received=received,
        connect_start=connect,
        connected=connected,
        tls_done=draw(st.sampled_from([None, tls])),
        sent=sent,
        first_byte=first,
        last_byte=draw(st.sampled_from([None, last])),
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(clocks().map(lambda clock: replace(ONE, clock=clock)), min_size=1, max_size=3))
def test_instants_come_back_to_a_microsecond(tmp_path: Path, trace: list[Exchange]) -> None:
    write(trace, tmp_path / "a.mitm", epoch_ns=EPOCH)
    epoch, back = read(tmp_path / "a.mitm")
    assert instants(list(back), epoch) == pytest.approx(instants(trace, EPOCH), abs=1000, rel=0)


@pytest.mark.parametrize("name", ["polar-locust.mitm", "oscarapi.mitm"])
def test_a_real_recording_comes_back_without_loss(name: str, tmp_path: Path) -> None:
    trace = recording(name)
    write(trace, tmp_path / "a.mitm", epoch_ns=EPOCH)
    epoch, found = read(tmp_path / "a.mitm")
    back = list(found)
    assert [replace(e, clock=ONE.clock) for e in back] == [replace(e, clock=ONE.clock) for e in trace]
    assert instants(back, epoch) == pytest.approx(instants(trace, EPOCH), abs=1000, rel=0)


def failing() -> Iterator[Exchange]:
    yield ONE
    raise RuntimeError("the trace is torn")


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        write(failing(), tmp_path / "a.mitm", epoch_ns=EPOCH)
    assert list(tmp_path.iterdir()) == []
