"""What a trace holds: exchanges with their clock points, and the header that says where they came from.

Values only: frozen, no I/O, no clock. Bytes stay the bytes that were on the wire; text is only made where a person
or a codec needs it. Every instant is an integer of nanoseconds after the trace's epoch, on one monotonic scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

Kind = Literal["recording", "replay"]
HeaderPairs = tuple[tuple[bytes, bytes], ...]

#: Why first_byte - sent of an exchange is not one clean interval (DESIGN: clock points). Such an exchange is left out
#: of every verdict, counted, and shown.
FLAGS: Final = ("connect_in_wait", "queued", "slow_hook", "buffered", "downgraded", "recorder_lag", "approximate")

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The named instants of one exchange, in ns after the trace's epoch (monotonic).

    received:      last request byte at the recorder; in a run: when the request was due.
    sent:          last byte of the request handed to the upstream socket.
    connect_start: the upstream connect began; None on a reused connection, like the next two.
    connected:     TCP is up.
    tls_done:      TLS is up; None without TLS.
    first_byte:    response head complete, or None when none came.
    last_byte:     response body complete, or None when it was cut off.
    """

    received: int
    sent: int | None = None
    connect_start: int | None = None
    connected: int | None = None
    tls_done: int | None = None
    first_byte: int | None = None
    last_byte: int | None = None

    @property
    def wait(self) -> int | None:
        """first_byte - sent in ns, the compared interval; None when either end is missing."""
        if self.sent is None or self.first_byte is None:
            return None
        return self.first_byte - self.sent

    @property
    def end(self) -> int:
        """The last instant known of this exchange."""
        end = self.received
        for instant in (self.sent, self.first_byte, self.last_byte):
            if instant is not None and instant > end:
                end = instant
        return end


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it was on the wire.

    scheme:    b"http" or b"https".
    authority: host[:port] as the client named it (Host or :authority).
    target:    the raw request target, still percent-encoded: b"/a%2Fb?x=1".
    version:   b"HTTP/1.1", b"HTTP/2.0".
    headers:   byte pairs in recorded order and case, duplicates kept.
    body:      the raw, still content-encoded bytes; None means not kept, which is not the same as empty.
    """

    method: bytes
    scheme: bytes
    authority: bytes
    target: bytes
    version: bytes = b"HTTP/1.1"
    headers: HeaderPairs = ()
    body: bytes | None = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One response as it was on the wire; `headers` and `body` as in `Request`."""

    status: int
    reason: bytes = b""
    version: bytes = b"HTTP/1.1"
    headers: HeaderPairs = ()
    body: bytes | None = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One piece of a stream (an SSE chunk, a WebSocket message).

    at:        ns after the trace's epoch.
    from_client: True for what the client sent.
    kind:      "chunk", "text" or "binary".
    """

    at: int
    data: bytes
    kind: str = "chunk"
    from_client: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Which part of which recording an exchange of a run repeats.

    of:       the recorded exchange's id.
    clone:    0-based copy of the session (`--multiply`).
    lap:      0-based pass over the recording (`--loop`).
    poll:     0-based attempt when the request was repeated until its condition held, else None.
    due:      when it should have gone, ns after the run's epoch.
    lateness: sent - due, in ns.
    """

    of: int
    clone: int = 0
    lap: int = 0
    poll: int | None = None
    due: int = 0
    lateness: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what came back for it.

    id:         permanent, unique in its trace.
    connection: the client connection it came in on; opaque, equal means same.
    response:   None when none came; `error` then says why.
    error:      "refused", "reset", "timeout", "unbound: ..." and the like; None when all went well.
    flags:      why its interval is not clean, of FLAGS.
    session:    the user's journey it belongs to, once known.
    endpoint:   its template, "POST /v1/checkouts/client/{client_secret}/confirm", once known.
    outcome:    in a run: "same", or "differs: ..." against the recorded answer.
    origin:     only in a run.
    extra:      fields of a later minor version, kept when a trace is copied.
    """

    id: int
    clock: Clock
    request: Request
    response: Response | None = None
    connection: str = ""
    error: str | None = None
    flags: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    session: str | None = None
    endpoint: str | None = None
    outcome: str | None = None
    origin: Origin | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)

    @property
    def end(self) -> int:
        """The last instant known of this exchange, in ns: of its clock points or of its last event."""
        return max(self.clock.end, self.events[-1].at) if self.events else self.clock.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Where a trace came from; written first, before any exchange.

    kind:     "recording" (capture, convert) or "replay" (a run).
    id:       names this trace for good: 32 hex digits, random for a recording.
    epoch_ns: wall-clock of instant 0, ns since 1970; the only wall-clock in a trace.
    tools:    name -> version of what wrote it.
    upstream: the recorded or replayed service, "http://127.0.0.1:8000".
    parent:   for a run: the id of the recording it replays; for a copy: of its source.
    config:   what was in force, as plain data.
    """

    kind: Kind
    id: str
    epoch_ns: int
    tools: Mapping[str, str] = field(default_factory=dict)
    upstream: str = ""
    parent: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One user's journey.

    start:   when its first request arrived, ns after the trace's epoch.
    numbers: its exchanges in the order they arrived, at least one; each counted by arrival in the whole trace.
    why:     what holds them together: "value flow", "cookie", "connection" or "alone".
    """

    id: str
    start: int
    numbers: tuple[int, ...]
    why: str = "value flow"


def header_value(headers: HeaderPairs, name: bytes) -> bytes | None:
    """The first value of `name` (lower case), or None."""
    for key, value in headers:
        if key.lower() == name:
            return value
    return None
