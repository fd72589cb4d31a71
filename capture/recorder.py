"""Turns mitmproxy flows into exchanges and hands them to the spool; the proxy never waits for it.

Rule 1: a hook only snapshots; the spool's thread packs and writes.
Rule 2: whatever goes wrong here, the user's request goes on.
"""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mitmproxy.connection import ConnectionState

from capture import instants
from traces.convert.mitmproxy_dump import request_of, response_of
from traces.file import Spool
from traces.model import Clock, Event, Exchange

if TYPE_CHECKING:
    from mitmproxy.http import HTTPFlow

#: Streams that must reach the client piece by piece: buffered, a client of Polar's /stream sees nothing for 25 s.
_STREAMED: Final = ("text/event-stream", "application/x-ndjson", "multipart/x-mixed-replace")
_RECORDED: Final = "reprise.recorded"

_log = logging.getLogger(__name__)


class Recorder:
    """Collects what the hooks tell and writes one exchange per finished flow.

    epoch:    monotonic ns of the trace's instant 0.
    max_body: bytes of a body kept; of a longer one its length and SHA-256 are.
    """

    def __init__(self, spool: Spool, *, epoch: int, max_body: int, approximate: bool) -> None:
        self.spool = spool
        self.exchanges = 0
        self.failed = 0
        self._epoch = epoch
        self._max_body = max_body
        self._approximate = approximate
        self._events: dict[str, list[Event]] = {}

    def response_headers(self, flow: HTTPFlow) -> None:
        """The response's head is here: let an event stream through as it comes, noting each piece."""
        kind = flow.response.headers.get("content-type", "") if flow.response else ""
        if flow.response is None or not kind.lower().startswith(_STREAMED):
            return
        pieces, kept = self._events.setdefault(flow.id, []), 0

        def through(data: bytes) -> bytes:
            nonlocal kept
            kept += len(data)
            # A stream may run for days: what is longer than a body may be goes by unnoted.
            if data and kept <= self._max_body:
                pieces.append(Event(at=time.monotonic_ns() - self._epoch, data=data))
            return data

        flow.response.stream = through

    def finished(self, flow: HTTPFlow) -> None:
        """The flow is over, well or not: record it."""
        try:
            # mitmproxy tells of a client that leaves a stream twice: as an error, then as the answer's end.
            if not flow.metadata.get(_RECORDED):
                flow.metadata[_RECORDED] = True
                self.spool.put(self._exchange(flow))
                self.exchanges += 1
        except Exception:  # noqa: BLE001 - rule 2
            self.failed += 1
            _log.exception("an exchange could not be recorded")
        finally:
            instants.forget_flow(flow.id)
            self._events.pop(flow.id, None)

    def _exchange(self, flow: HTTPFlow) -> Exchange:
        marks = instants.marks(flow.id)
        upstream = marks.upstream or instants.Upstream()
        fresh = upstream.connected is not None and not upstream.used
        upstream.used = True
        now = time.monotonic_ns()
        events = tuple(self._events.get(flow.id, ())) + self._messages(flow, now)
        # A client that leaves an open stream has what it wanted; before the head, or inside a plain body, it gave up.
        left = flow.id in self._events and _client_left(flow)
        extra: dict[str, Any] = {"left_by": "client"} if left else {}
        request = request_of(flow)
        response = response_of(flow)
        if request.body is not None and len(request.body) > self._max_body:
            extra["request_body"] = _digest(request.body)
            request = replace(request, body=None)
        if response is not None and response.body is not None and len(response.body) > self._max_body:
            extra["response_body"] = _digest(response.body)
            response = replace(response, body=None)
        return Exchange(
            id=self.exchanges,
            clock=self._wall_clock(flow, now)
            if marks.received is None
            else Clock(
                received=marks.received - self._epoch,
                sent=self._since(marks.sent),
                connect_start=self._since(upstream.connect_start) if fresh else None,
                connected=self._since(upstream.connected) if fresh else None,
                tls_done=self._since(upstream.tls_done) if fresh else None,
                first_byte=self._since(marks.first_byte),
                last_byte=self._since(marks.last_byte),
            ),
            request=request,
            response=response,
            connection=flow.client_conn.id,
            error=flow.error.msg if flow.error and not left else None,
            flags=("approximate",) if self._approximate or marks.received is None or _is_multiplexed(flow) else (),
            events=events,
            extra=extra,
        )

    def _since(self, instant: int | None) -> int | None:
        return None if instant is None else instant - self._epoch

    def _behind(self, now: int) -> int:
        """What turns mitmproxy's wall clock (ns) into instants of the trace."""
        return now - self._epoch - time.time_ns()

    def _wall_clock(self, flow: HTTPFlow, now: int) -> Clock:
        """Clock points of a flow that was not watched: mitmproxy's own, whose `sent` is nobody's knowledge."""
        behind = self._behind(now)

        def at(timestamp: float | None) -> int | None:
            return None if timestamp is None else int(timestamp * 1e9) + behind

        return Clock(
            received=int((flow.request.timestamp_end or flow.request.timestamp_start) * 1e9) + behind,
            first_byte=at(flow.response.timestamp_start) if flow.response else None,
            last_byte=at(flow.response.timestamp_end) if flow.response else None,
        )

    def _messages(self, flow: HTTPFlow, now: int) -> tuple[Event, ...]:
        """A WebSocket's messages; mitmproxy dates them by wall clock, read against the present instant."""
        if flow.websocket is None:
            return ()
        behind = self._behind(now)
        return tuple(
            Event(
                at=int(message.timestamp * 1e9) + behind,
                data=message.content,
                kind="text" if message.is_text else "binary",
                from_client=message.from_client,
            )
            for message in flow.websocket.messages
        )


def _is_multiplexed(flow: HTTPFlow) -> bool:
    """Several requests share the upstream connection, so its last write need not be this one's."""
    return flow.server_conn.alpn == b"h2"


def _client_left(flow: HTTPFlow) -> bool:
    """It was the client that ended this flow early, by closing its connection or (HTTP/2) its stream."""
    if flow.error is None:
        return False
    return not flow.client_conn.state & ConnectionState.CAN_READ or "by client" in flow.error.msg


def _digest(body: bytes) -> dict[str, Any]:
    return {"length": len(body), "sha256": hashlib.sha256(body).hexdigest()}
