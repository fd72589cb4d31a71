"""A mitmproxy dump comes over byte for byte, and what is not one is refused in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader

from tests.traces.links.scene import shared
from traces.convert.mitmproxy_dump import NotADump, read
from traces.model import Exchange

RECORDINGS = ["polar-locust.mitm", "oscarapi.mitm"]


def flows(path: Path) -> list[HTTPFlow]:
    with path.open("rb") as file:
        return [flow for flow in FlowReader(file).stream() if isinstance(flow, HTTPFlow)]


def theirs(flow: HTTPFlow) -> list[Any]:
    request, response = flow.request.data, flow.response
    sent = [request.method, request.path, tuple(request.headers.fields), request.content, flow.client_conn.id]
    return sent if response is None else [*sent, response.status_code, response.headers.fields, response.raw_content]


def ours(exchange: Exchange) -> list[Any]:
    request, response = exchange.request, exchange.response
    sent = [request.method, request.target, request.headers, request.body, exchange.connection]
    return sent if response is None else [*sent, response.status, response.headers, response.body]


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_real_recording_comes_over_byte_for_byte(name: str) -> None:
    path = shared(name)
    assert [ours(e) for e in read(path)[1]] == [theirs(flow) for flow in flows(path)]


@pytest.mark.parametrize("name", RECORDINGS)
def test_instants_are_in_order_and_none_is_before_the_epoch(name: str) -> None:
    clocks = [e.clock for e in read(shared(name))[1]]
    assert all(0 <= c.received <= (c.first_byte or 0) <= (c.last_byte or 0) for c in clocks)


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_exchange_says_that_its_instants_are_mitmproxys(name: str) -> None:
    assert all("approximate" in e.flags for e in read(shared(name))[1])


def test_a_torn_dump_gives_its_whole_flows_and_then_says_so(tmp_path: Path) -> None:
    torn = tmp_path / "torn.mitm"
    torn.write_bytes(shared("polar-locust.mitm").read_bytes()[:-100])
    whole: list[Exchange] = []
    with pytest.raises(NotADump, match=r"torn\.mitm is not a whole mitmproxy dump \(.+\)\.$"):
        whole.extend(read(torn)[1])
    assert len(whole) == 89


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b'{"log": {"version": "1.2"}}',
        b"PK\x03\x04zip",
        b"5:hello,",
        b"4:true!",
        b"0:~",
        b"2:1;#",
        b"\x1f\x8b",
        b"99999999999999:a",
        b"18:7:version;3:one;}",
        b"\xff" * 300,
    ],
)
def test_a_foreign_file_is_refused_in_a_sentence(content: bytes, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.write_bytes(content)
    with pytest.raises(NotADump, match=r"(?s)foreign (is not a whole mitmproxy dump|holds no HTTP flows).*\.$"):
        read(foreign)


def test_a_damaged_dump_is_refused_or_read_and_nothing_else(tmp_path: Path) -> None:
    raw, damaged = bytearray(shared("polar-locust.mitm").read_bytes()[:16_000]), tmp_path / "damaged"
    ends = set()
    for position in range(0, 4000, 61):
        damaged.write_bytes(raw[:position] + bytes([raw[position] ^ 0x15]) + raw[position + 1 :])
        try:
            ends.add(len(list(read(damaged)[1])))
        except NotADump:
            ends.add(-1)
    assert -1 in ends


def test_a_file_that_is_not_there_is_the_systems_to_report(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "nothing")
