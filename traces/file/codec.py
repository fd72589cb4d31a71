"""One exchange, or one header, as msgpack and back (docs/trace-format.md, "Records").

An exchange is a short array, not a map: array positions cost nothing to read. What is optional goes into one map at its
end, and keys this version does not know stay in it when a trace is copied.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgpack

from traces.model import Clock, Event, Exchange, Header, HeaderPairs, Origin, Request, Response

VERSION: Final = (1, 0)

#: Optional fields that are plain text, and what they are called in an Exchange.
_TEXTS: Final = {"conn": "connection", "err": "error", "ses": "session", "ep": "endpoint", "out": "outcome"}


def _flat(headers: HeaderPairs) -> list[bytes]:
    flat: list[bytes] = []
    for pair in headers:
        flat += pair
    return flat


def encode(exchange: Exchange, pack: Callable[[Any], bytes] = msgpack.packb) -> bytes:
    """Pack one exchange; `pack` may be a kept Packer's, which packs one at a time, so it is the caller's own."""
    # The hot path of every writer: instants written out, not looped over, no copy of an empty extra: a third less CPU.
    request, response, clock = exchange.request, exchange.response, exchange.clock
    base, sent, connect_start, connected = clock.received, clock.sent, clock.connect_start, clock.connected
    tls_done, first_byte, last_byte = clock.tls_done, clock.first_byte, clock.last_byte
    optional: dict[str, Any] = dict(exchange.extra) if exchange.extra else {}
    if exchange.connection:
        optional["conn"] = exchange.connection
    if exchange.error is not None:
        optional["err"] = exchange.error
    if exchange.flags:
        optional["flags"] = exchange.flags
    if exchange.events:
        optional["ev"] = [(e.at - base, e.kind, e.from_client, e.data) for e in exchange.events]
    if exchange.session is not None:
        optional["ses"] = exchange.session
    if exchange.endpoint is not None:
        optional["ep"] = exchange.endpoint
    if exchange.outcome is not None:
        optional["out"] = exchange.outcome
    if exchange.origin is not None:
        o = exchange.origin
        optional["of"] = (o.of, o.clone, o.lap, o.poll, o.due - base, o.lateness)
    return pack(
        (
            exchange.id,
            (
                request.method,
                request.scheme,
                request.authority,
                request.target,
                request.version,
                _flat(request.headers),
                request.body,
            ),
            None
            if response is None
            else (response.status, response.reason, response.version, _flat(response.headers), response.body),
            # Offsets from the first instant are small numbers: 3 bytes instead of 9, and alike from record to record.
            (
                base,
                None if sent is None else sent - base,
                None if connect_start is None else connect_start - base,
                None if connected is None else connected - base,
                None if tls_done is None else tls_done - base,
                None if first_byte is None else first_byte - base,
                None if last_byte is None else last_byte - base,
            ),
            optional,
        )
    )


def decode(record: bytes) -> Exchange:
    """The exchange in `record`. Raises ValueError when it is not one: whatever the bytes, nothing else."""
    # The hot path of every reader: types are compared in one go a part, not by a call a field (11 us -> 8 us).
    try:
        number, request, response, clock, optional = msgpack.unpackb(record)
        base, sent, connect_start, connected, tls_done, first_byte, last_byte = clock
        if not type(number) is type(base) is int:
            raise TypeError("id and instants are integers")
        return Exchange(
            id=number,
            request=_request(request),
            response=None if response is None else _response(response),
            clock=Clock(
                received=base,
                sent=None if sent is None else base + sent,
                connect_start=None if connect_start is None else base + connect_start,
                connected=None if connected is None else base + connected,
                tls_done=None if tls_done is None else base + tls_done,
                first_byte=None if first_byte is None else base + first_byte,
                last_byte=None if last_byte is None else base + last_byte,
            ),
            **_optional(optional, base),
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, msgpack.UnpackException) as error:
        raise ValueError(f"not an exchange ({error})") from None


def _request(fields: list[Any]) -> Request:
    method, scheme, authority, target, version, headers, body = fields
    if not (
        type(method) is type(scheme) is type(authority) is type(target) is type(version) is bytes
        and (body is None or type(body) is bytes)
    ):
        raise TypeError("a request's parts are bytes")
    return Request(
        method=method,
        scheme=scheme,
        authority=authority,
        target=target,
        version=version,
        headers=_pairs(headers),
        body=body,
    )


def _response(fields: list[Any]) -> Response:
    status, reason, version, headers, body = fields
    if not (type(status) is int and type(reason) is type(version) is bytes and (body is None or type(body) is bytes)):
        raise TypeError("a response's parts are a number and bytes")
    return Response(status=status, reason=reason, version=version, headers=_pairs(headers), body=body)


def _pairs(flat: list[bytes]) -> HeaderPairs:
    b"".join(flat)  # raises TypeError when anything in it is not bytes, at a fifth of the cost of looking at each
    if len(flat) % 2:
        raise ValueError("a header without a value")
    names = iter(flat)
    return tuple(zip(names, names, strict=True))


def _optional(fields: dict[str, Any], base: int) -> dict[str, Any]:
    """The optional map as Exchange's arguments; what this version does not know goes into `extra`."""
    known: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for key, value in fields.items():
        if key in _TEXTS:
            if type(value) is not str:
                raise TypeError(f"{key} is text")
            known[_TEXTS[key]] = value
        elif key == "flags":
            known["flags"] = tuple(map(str, value))
        elif key == "ev":
            known["events"] = tuple(
                Event(at=base + at, kind=_of(str, kind), from_client=_of(bool, from_client), data=_of(bytes, data))
                for at, kind, from_client, data in value
            )
        elif key == "of":
            of, clone, lap, poll, due, lateness = value
            if {type(n) for n in (of, clone, lap, due, lateness, poll if poll is not None else 0)} != {int}:
                raise TypeError("an origin's parts are integers")
            known["origin"] = Origin(of=of, clone=clone, lap=lap, poll=poll, due=base + due, lateness=lateness)
        elif type(key) is str:
            extra[key] = value
        else:
            raise TypeError("names are text")
    if extra:
        known["extra"] = extra
    return known


def _of(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} expected, not {type(value).__name__}")
    return value


def encode_header(header: Header) -> bytes:
    """Pack the header of a trace."""
    packed: bytes = msgpack.packb(
        {
            **header.extra,
            "version": VERSION,
            "features": [],
            "kind": header.kind,
            "id": header.id,
            "epoch_ns": header.epoch_ns,
            "tools": dict(header.tools),
            "upstream": header.upstream,
            "parent": header.parent,
            "config": dict(header.config),
        }
    )
    return packed


def decode_header(raw: bytes) -> tuple[tuple[int, int], list[str], Header]:
    """The format version, its features and the header in `raw`. Raises ValueError when it is not one."""
    try:
        fields: Mapping[str, Any] = msgpack.unpackb(raw)
        major, minor = fields["version"]
        known = {"version", "features", "kind", "id", "epoch_ns", "tools", "upstream", "parent", "config"}
        header = Header(
            kind=fields["kind"],
            id=_of(str, fields["id"]),
            epoch_ns=_of(int, fields["epoch_ns"]),
            tools=_of(dict, fields["tools"]),
            upstream=_of(str, fields["upstream"]),
            parent=fields["parent"],
            config=_of(dict, fields["config"]),
            extra={key: value for key, value in fields.items() if key not in known},
        )
        return (_of(int, major), _of(int, minor)), [str(name) for name in fields.get("features", [])], header
    except (ValueError, TypeError, KeyError, AttributeError, msgpack.UnpackException) as error:
        raise ValueError(f"not a header ({error})") from None


@dataclass(frozen=True, slots=True)
class Footer:
    """What ends a whole trace: how many exchanges, where the INDEX frames are, and the writer's summary."""

    exchanges: int
    indexes: list[int]
    summary: Mapping[str, Any]


def encode_footer(footer: Footer) -> bytes:
    """Pack a footer."""
    packed: bytes = msgpack.packb(
        {"exchanges": footer.exchanges, "indexes": footer.indexes, "summary": dict(footer.summary)}
    )
    return packed


def decode_footer(raw: bytes) -> Footer:
    """The footer in `raw`. Raises ValueError when it is not one."""
    try:
        fields = msgpack.unpackb(raw)
        indexes = [_of(int, place) for place in fields["indexes"]]
        return Footer(_of(int, fields["exchanges"]), indexes, _of(dict, fields.get("summary", {})))
    except (ValueError, TypeError, KeyError, AttributeError, msgpack.UnpackException) as error:
        raise ValueError(f"not a footer ({error})") from None
