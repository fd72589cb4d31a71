"""A mitmproxy dump (`mitmdump -w`) as exchanges.

mitmproxy's timestamps are wall clock and name other instants than ours: `request.timestamp_end` is the body complete at
the proxy, not sent upstream, so every exchange is flagged `approximate`; one whose upstream connect lies inside the
interval is flagged `connect_in_wait` as well. A WebSocket's messages are events, each dated as a whole.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from traces.file import codec
from traces.model import Clock, Event, Exchange, Request, Response

if TYPE_CHECKING:
    from mitmproxy.http import HTTPFlow

#: RFC 6455's opcodes of messages; what else a frame may be is not about the conversation.
_KINDS: Final = {1: "text", 2: "binary"}
_LAST_SECOND: Final = 7_258_118_400  # the year 2200
_T = TypeVar("_T")


class NotADump(ValueError):
    """The file is not a mitmproxy dump; its text is a sentence."""


def read(path: Path) -> tuple[int, Iterator[Exchange]]:
    """The epoch (ns since 1970) and the exchanges of the dump, in its order; flows without HTTP are passed over.

    The file is read twice: flows are dumped as they end, so the one that began first may stand last, and nothing may
    happen before the epoch. mitmproxy's instants, floats of seconds, come over to the last bit they have.

    Raises NotADump at once when the first flow cannot be read, and from the iterator when a later one cannot.
    """
    starts = _each(path, lambda _, flow: _ns(flow.request.timestamp_start))
    first = next(starts, None)
    if first is None:
        raise NotADump(f"{path} holds no HTTP flows.")
    # A torn tail is the iterator's to report.
    with contextlib.suppress(NotADump):
        for start in starts:
            first = min(first, start)
    epoch = first
    return epoch, _each(path, lambda number, flow: _exchange(number, flow, epoch))


def _each(path: Path, taken: Callable[[int, HTTPFlow], _T]) -> Iterator[_T]:
    """What `taken` makes of each flow and its 0-based number."""
    for number, flow in enumerate(_flows(path)):
        try:
            result = taken(number, flow)
        except Exception as error:  # noqa: BLE001 - what mitmproxy's reader let pass may be of any type and fail anyhow
            raise NotADump(f"HTTP flow {number} of {path} makes no sense ({error or type(error).__name__}).") from None
        yield result


def _flows(path: Path) -> Iterator[HTTPFlow]:
    from mitmproxy.http import HTTPFlow
    from mitmproxy.io import FlowReader

    with path.open("rb") as file:
        try:
            for flow in FlowReader(file).stream():
                if isinstance(flow, HTTPFlow):
                    yield flow
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - mitmproxy's reader checks little: a foreign file is a KeyError or any other
            raise NotADump(f"{path} is not a whole mitmproxy dump ({error or type(error).__name__}).") from None


def _exchange(number: int, flow: HTTPFlow, epoch: int) -> Exchange:
    request, response = flow.request, flow.response

    def at(timestamp: float | None) -> int | None:
        return None if timestamp is None else _ns(timestamp) - epoch

    received = at(request.timestamp_end or request.timestamp_start)
    connect = at(flow.server_conn.timestamp_start)
    fresh = connect is not None and received is not None and connect >= received
    exchange = Exchange(
        id=number,
        clock=Clock(
            received=received or 0,
            sent=received,
            connect_start=connect if fresh else None,
            connected=at(flow.server_conn.timestamp_tcp_setup) if fresh else None,
            tls_done=at(flow.server_conn.timestamp_tls_setup) if fresh else None,
            first_byte=at(response.timestamp_start) if response else None,
            last_byte=at(response.timestamp_end) if response else None,
        ),
        request=request_of(flow),
        response=response_of(flow),
        connection=flow.client_conn.id,
        error=flow.error.msg if flow.error else None,
        flags=("approximate", "connect_in_wait") if fresh else ("approximate",),
        events=_messages(flow, epoch),
    )
    # What a trace cannot hold, a text for a body or a number for a name, ends here and not in the midst of one.
    return codec.decode(codec.encode(exchange))


def _messages(flow: HTTPFlow, epoch: int) -> tuple[Event, ...]:
    if flow.websocket is None:
        return ()
    return tuple(
        Event(
            at=_ns(message.timestamp) - epoch,
            data=message.content,
            kind=_KINDS[message.type],
            from_client=message.from_client,
        )
        for message in flow.websocket.messages
        if message.type in _KINDS
    )


def _ns(timestamp: float) -> int:
    """Seconds as whole ns. Exactly: a product of floats would be off by as much as the float's own last bit.

    Raises ValueError when they are not of this age: a trace's instants are signed 64-bit ns, 292 years.
    """
    if not 0 <= timestamp < _LAST_SECOND:
        raise ValueError(f"{timestamp} is not seconds since 1970")
    over, under = timestamp.as_integer_ratio()
    return over * 10**9 // under


def request_of(flow: HTTPFlow) -> Request:
    """The flow's request, byte for byte as mitmproxy kept it."""
    request = flow.request
    data = request.data
    host = data.headers.get("host")
    return Request(
        method=data.method,
        scheme=data.scheme,
        authority=data.authority
        or (host.encode("utf-8", "surrogateescape") if host else _netloc(request.host, request)),
        target=data.path,
        version=data.http_version,
        headers=tuple(data.headers.fields),
        body=data.content,
    )


def response_of(flow: HTTPFlow) -> Response | None:
    """The flow's response, or None when none came."""
    if flow.response is None:
        return None
    data = flow.response.data
    return Response(
        status=data.status_code,
        reason=data.reason,
        version=data.http_version,
        headers=tuple(data.headers.fields),
        body=data.content,
    )


def _netloc(host: str, request: object) -> bytes:
    port = getattr(request, "port", 80)
    return f"{host}:{port}".encode("utf-8", "surrogateescape")
