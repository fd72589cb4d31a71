"""What a trace holds at a glance, read in one pass: whatever its size, the memory of a block and of what is counted."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from traces import lens
from traces.model import Exchange, HeaderPairs

#: Latencies kept per endpoint for its percentiles; beyond that every other one is forgotten, then every fourth ...
_KEPT: Final = 20_000
#: Endpoints told apart; the rest is counted together.
_ENDPOINTS: Final = 5_000
#: Characters of a body that `exchange` shows.
_BODY: Final = 20_000


@dataclass(slots=True)
class Totals:
    """Counts over a trace; instants in ns after its epoch."""

    exchanges: int = 0
    first: int | None = None
    last: int = 0
    failed: int = 0
    streams: int = 0
    flags: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)

    def add(self, exchange: Exchange) -> None:
        """Count one exchange in."""
        self.exchanges += 1
        received = exchange.clock.received
        self.first = received if self.first is None else min(self.first, received)
        self.last = max(self.last, exchange.end)
        self.failed += exchange.error is not None
        self.streams += bool(exchange.events)
        self.flags.update(exchange.flags)
        self.statuses[status(exchange)] += 1

    @property
    def seconds(self) -> float:
        """From the first request to the last answer."""
        return (self.last - (self.first or 0)) / 1e9


class _Sample:
    """A bounded, evenly thinned sample of a stream of numbers."""

    def __init__(self) -> None:
        self._values = array("q")
        self._every = 1
        self._seen = 0

    def add(self, value: int) -> None:
        if self._seen % self._every == 0:
            self._values.append(value)
            if len(self._values) >= _KEPT:
                self._values = self._values[::2]
                self._every *= 2
        self._seen += 1

    def at(self, share: float) -> float | None:
        """A percentile in ms."""
        ordered = sorted(self._values)
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1e6, 3) if ordered else None


def endpoints(exchanges: Iterable[Exchange], name: Callable[[Exchange], str]) -> list[dict[str, Any]]:
    """One row an endpoint: n, p50 and p95 of first_byte - sent in ms (None when unknown), statuses."""
    waits: defaultdict[str, _Sample] = defaultdict(_Sample)
    statuses: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for exchange in exchanges:
        endpoint = name(exchange)
        if endpoint not in statuses and len(statuses) >= _ENDPOINTS:
            endpoint = "(others)"
        statuses[endpoint][status(exchange)] += 1
        if (wait := exchange.clock.wait) is not None:
            waits[endpoint].add(wait)
    return [
        {
            "endpoint": endpoint,
            "n": counter.total(),
            "p50_ms": waits[endpoint].at(0.5),
            "p95_ms": waits[endpoint].at(0.95),
            "statuses": dict(sorted(counter.items())),
        }
        for endpoint, counter in sorted(statuses.items())
    ]


def exchange(one: Exchange) -> dict[str, Any]:
    """One exchange in plain data, bodies decoded; bytes that are no text as their number."""
    request, response, clock = one.request, one.response, one.clock
    return {
        "id": one.id,
        "session": one.session,
        "endpoint": one.endpoint,
        "connection": one.connection,
        "error": one.error,
        "outcome": one.outcome,
        "flags": list(one.flags),
        "clock_ms": {
            name: None if instant is None else round((instant - clock.received) / 1e6, 3)
            for name in ("sent", "connect_start", "connected", "tls_done", "first_byte", "last_byte")
            for instant in (getattr(clock, name),)
        },
        "received_s": clock.received / 1e9,
        "request": {
            "line": f"{_text(request.method)} {_text(request.target)} {_text(request.version)}",
            "headers": _headers(request.headers),
            "body": _body(request.headers, request.body),
        },
        "response": None
        if response is None
        else {
            "line": f"{_text(response.version)} {response.status} {_text(response.reason)}",
            "headers": _headers(response.headers),
            "body": _body(response.headers, response.body),
        },
        "events": [
            {"at_ms": round((e.at - clock.received) / 1e6, 3), "kind": e.kind, "data": _shown(e.data)}
            for e in one.events
        ],
        "of": None if one.origin is None else one.origin.of,
    }


def status(exchange: Exchange) -> str:
    """The status as text; "none" when no answer came."""
    return str(exchange.response.status) if exchange.response else "none"


def _headers(pairs: HeaderPairs) -> list[str]:
    return [f"{_text(name)}: {_text(value)}" for name, value in pairs]


def _body(headers: HeaderPairs, body: bytes | None) -> str | None:
    return None if body is None else _shown(lens.decoded_body(headers, body))


def _shown(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return f"({len(data)} bytes that are no text)"
    return text if len(text) <= _BODY else f"{text[:_BODY]} ... ({len(text)} characters)"


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
