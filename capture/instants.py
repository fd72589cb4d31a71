"""When bytes really moved through mitmproxy: the one place that knows, and the one that checks mitmproxy's version.

mitmproxy has no hook for "the request has gone upstream", its timestamps are wall clock, and its hooks run some turns
of the event loop after what they report. So this file stands between a connection handler and its protocol layers,
where every byte and every hook passes, and reads the monotonic clock there.

Rule 1: nothing here changes what passes, or can fail a user's request.
Rule 2: where mitmproxy is not as known, `install` says so and the recorder flags its exchanges `approximate`.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Final

from mitmproxy import connection, version
from mitmproxy.http import HTTPFlow
from mitmproxy.proxy import commands, events, layer, server
from mitmproxy.proxy.layers import tls
from mitmproxy.proxy.layers.http import _hooks as http

_KNOWN: Final = ("11.", "12.")


@dataclass(slots=True)
class Upstream:
    """The instants of one upstream connection, monotonic ns; `used` once an exchange has claimed its connect."""

    connect_start: int | None = None
    connected: int | None = None
    tls_done: int | None = None
    written: int | None = None
    used: bool = False


@dataclass(slots=True)
class Marks:
    """The instants of one exchange, monotonic ns, and the upstream connection it went over.

    The connection is held here because an origin that closes after its answer is forgotten before the answer's hook.
    """

    received: int | None = None
    sent: int | None = None
    first_byte: int | None = None
    last_byte: int | None = None
    upstream: Upstream | None = None


_flows: dict[str, Marks] = {}
_upstreams: dict[str, Upstream] = {}
_installed = False


def install() -> str | None:
    """Begin to watch; idempotent. Returns None, or the sentence that says why instants will be approximate."""
    global _installed  # noqa: PLW0603 - mitmproxy's handler class is global, and so is whether it is wrapped
    if not version.VERSION.startswith(_KNOWN):
        return f"mitmproxy {version.VERSION} is not one whose inside is known here; clock points are approximate."
    if _installed:
        return None
    original = server.ConnectionHandler.server_event

    async def server_event(self: server.ConnectionHandler, event: events.Event) -> None:
        if not isinstance(self.layer, _Watch):
            self.layer = _Watch(self.layer)  # type: ignore[assignment]  # stands in for the layer, see __getattr__
        await original(self, event)

    server.ConnectionHandler.server_event = server_event  # type: ignore[method-assign]  # the point of this file
    _installed = True
    return None


def marks(flow_id: str) -> Marks:
    """The instants of a flow so far; those not seen are None."""
    return _flows.get(flow_id) or Marks()


def forget_flow(flow_id: str) -> None:
    """Drop what is known of a finished flow."""
    _flows.pop(flow_id, None)


def forget_upstream(connection_id: str) -> None:
    """Drop what is known of a closed connection."""
    _upstreams.pop(connection_id, None)


class _Watch:
    """Stands in for a handler's top layer and notes when events come in and commands go out."""

    def __init__(self, inner: layer.Layer) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def handle_event(self, event: events.Event) -> Generator[commands.Command, Any, None]:
        now = time.monotonic_ns()
        failed = isinstance(event, events.OpenConnectionCompleted) and event.reply is not None
        if isinstance(event, events.OpenConnectionCompleted) and not failed:
            _at(event.command.connection).connected = now
        for command in self.inner.handle_event(event):
            # Before it is carried out: from Python 3.12 on a hook runs at once, not some turns of the loop later.
            _note(command, now)
            yield command
            # Back here means that the handler has carried the command out: bytes are with the socket now.
            if isinstance(command, commands.SendData) and isinstance(command.connection, connection.Server):
                _at(command.connection).written = time.monotonic_ns()
        if isinstance(event, events.OpenConnectionCompleted) and failed:
            # Its exchange has its error by now, and no disconnect will be told of what never connected.
            forget_upstream(event.command.connection.id)


def _note(command: commands.Command, arrived: int) -> None:
    """Book one command; `arrived` is when the event that led to it came in."""
    if isinstance(command, commands.OpenConnection):
        _at(command.connection).connect_start = time.monotonic_ns()
    elif isinstance(command, http.HttpRequestHook):
        _of(command.flow).received = arrived
    elif isinstance(command, http.HttpResponseHeadersHook):
        _went(command.flow).first_byte = arrived
    elif isinstance(command, http.HttpResponseHook):
        _of(command.flow).last_byte = arrived
    elif isinstance(command, http.HttpErrorHook):
        mark = _of(command.flow)
        if mark.first_byte is None:
            _went(command.flow)
    elif isinstance(command, tls.TlsEstablishedServerHook):
        _at(command.data.conn).tls_done = arrived


def _went(flow: HTTPFlow) -> Marks:
    """The marks of a flow with its upstream, and with the last write there since the request came."""
    mark = _of(flow)
    mark.upstream = _upstreams.get(flow.server_conn.id)
    written = None if mark.upstream is None else mark.upstream.written
    if written is not None and written >= (mark.received or 0):
        mark.sent = written
    return mark


def _of(flow: HTTPFlow) -> Marks:
    return _flows.setdefault(flow.id, Marks())


def _at(conn: connection.Connection) -> Upstream:
    return _upstreams.setdefault(conn.id, Upstream())
