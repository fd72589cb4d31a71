"""Exchanges as a mitmproxy dump: for `mitmproxy -r`, mitmweb, and every addon that reads flows.

Messages come over byte for byte; instants to a microsecond, for mitmproxy's are seconds since 1970 in a float.
`received` is its request's timestamp_end, connects are its server connection's. The file is of the installed
mitmproxy's version: later ones read it, earlier ones refuse it (12 reads 11's, not the other way).

What a dump cannot hold: `sent` (mitmproxy has no such instant), a response's last_byte without a first_byte, sessions,
endpoints, origins, flags, outcomes, chunks of a stream (WebSocket messages it can), `extra`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from traces.convert.whole import whole
from traces.model import Exchange, header_value

if TYPE_CHECKING:
    from mitmproxy.connection import Server
    from mitmproxy.http import HTTPFlow
    from mitmproxy.websocket import WebSocketData

_NOWHERE = ("0.0.0.0", 0)  # noqa: S104 - nothing is bound to it: a dump wants addresses, and a trace keeps none


def write(exchanges: Iterable[Exchange], path: Path, *, epoch_ns: int) -> int:
    """Write `exchanges` to `path`, one at a time; returns how many. `path` appears whole or not at all.

    epoch_ns: the wall-clock of instant 0, ns since 1970.

    Raises OSError as the file system does.
    """
    from mitmproxy.io import FlowWriter

    count = 0
    with whole(path) as file:
        flows = FlowWriter(file)
        for exchange in exchanges:
            flows.add(flow_of(exchange, epoch_ns))
            count += 1
    return count


def flow_of(exchange: Exchange, epoch_ns: int) -> HTTPFlow:
    """One exchange as a flow that ended."""
    from mitmproxy.connection import Client
    from mitmproxy.flow import Error
    from mitmproxy.http import Headers, HTTPFlow, Request, Response

    request, response, clock = exchange.request, exchange.response, exchange.clock

    def at(instant: int) -> float:
        return _seconds(epoch_ns + instant)

    received = at(clock.received)
    server = _server(exchange, epoch_ns)
    client = Client(peername=_NOWHERE, sockname=_NOWHERE, id=exchange.connection, timestamp_start=received)
    flow = HTTPFlow(client, server)
    # The same trace gives the same dump.
    flow.id = str(UUID(int=exchange.id % 2**128))
    flow.timestamp_created = received
    host, port = server.address or ("", 0)
    flow.request = Request(
        host=host,
        port=port,
        method=request.method,
        scheme=request.scheme,
        # mitmproxy takes a request with an authority for one to a proxy, unless it is HTTP/2.
        authority=b"" if header_value(request.headers, b"host") == request.authority else request.authority,
        path=request.target,
        http_version=request.version,
        headers=Headers(request.headers),
        content=request.body,
        trailers=None,
        timestamp_start=received,
        timestamp_end=received,
    )
    if response is not None:
        first = next(t for t in (clock.first_byte, clock.last_byte, clock.sent, clock.received) if t is not None)
        flow.response = Response(
            http_version=response.version,
            status_code=response.status,
            reason=response.reason,
            headers=Headers(response.headers),
            content=response.body,
            trailers=None,
            timestamp_start=at(first),
            timestamp_end=None if clock.last_byte is None else at(clock.last_byte),
        )
    flow.websocket = _websocket(exchange, epoch_ns)
    if exchange.error is not None:
        flow.error = Error(exchange.error, at(exchange.end))
    return flow


def _server(exchange: Exchange, epoch_ns: int) -> Server:
    from mitmproxy.connection import Server

    clock, tls = exchange.clock, exchange.request.scheme == b"https"
    instants = (clock.connect_start, clock.connected, clock.tls_done)
    start, tcp, secure = (None if instant is None else _seconds(epoch_ns + instant) for instant in instants)
    return Server(
        address=_address(exchange.request.authority, 443 if tls else 80),
        id=str(UUID(int=exchange.id % 2**128)),
        tls=tls,
        timestamp_start=start,
        timestamp_tcp_setup=tcp,
        timestamp_tls_setup=secure,
    )


def _address(authority: bytes, default: int) -> tuple[str, int]:
    text = authority.decode("utf-8", "replace")
    host, colon, port = text.rpartition(":")
    if colon and port.isascii() and port.isdigit() and int(port[:6]) < 65536:
        return host.strip("[]"), int(port)
    return text.strip("[]"), default


def _websocket(exchange: Exchange, epoch_ns: int) -> WebSocketData | None:
    """The messages of a WebSocket; None where there is none: nobody switched to it, and nothing was said."""
    from mitmproxy.websocket import WebSocketData, WebSocketMessage

    messages = [
        WebSocketMessage(
            1 if event.kind == "text" else 2,  # RFC 6455's opcodes
            event.from_client,
            event.data,
            _seconds(epoch_ns + event.at),
        )
        for event in exchange.events
        if event.kind in {"text", "binary"}
    ]
    # Over HTTP/2 (RFC 8441) a WebSocket's answer is a 200.
    if not messages and (exchange.response is None or exchange.response.status != 101):
        return None
    return WebSocketData(messages=messages, timestamp_end=_seconds(epoch_ns + exchange.end))


def _seconds(ns: int) -> float:
    """The float nearest to so many ns. By an integer: 1e9 would make a float of `ns` first, and round twice."""
    return ns / 10**9
