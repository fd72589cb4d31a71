"""One exchange, or one header, as msgpack and back (docs/trace-format.md, "Records").

An exchange is a short array, not a map: array positions cost nothing to read. What is optional goes into one map at its
end, and keys this version does not know stay in it when a trace is copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgpack

from traces.model import Clock, Event, Exchange, Header, HeaderPairs, Origin, Request, Response

VERSION: Final = (1, 0)

_OPTIONAL: Final = ("conn", "err", "flags", "ev", "ses", "ep", "out", "of")


def _flat(headers: HeaderPairs) -> list[bytes]:
    return [part for pair in headers for part in pair]


def _pairs(flat: list[bytes]) -> HeaderPairs:
    return tuple(zip(flat[::2], flat[1::2], strict=True))


def encode(exchange: Exchange) -> bytes:
    """Pack one exchange."""
    request, response, clock = exchange.request, exchange.response, exchange.clock
    base = clock.received
    optional: dict[str, Any] = dict(exchange.extra)
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
    packed: bytes = msgpack.packb(
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
                *(
                    None if t is None else t - base
                    for t in (
                        clock.sent,
                        clock.connect_start,
                        clock.connected,
                        clock.tls_done,
                        clock.first_byte,
                        clock.last_byte,
                    )
                ),
            ),
            optional,
        )
    )
    return packed


def decode(record: bytes) -> Exchange:
    """The exchange in `record`. Raises ValueError when it is not one: whatever the bytes, nothing else."""
    try:
        number, request, response, clock, optional = msgpack.unpackb(record)
        method, scheme, authority, target, version, headers, body = request
        base, *offsets = clock
        sent, connect_start, connected, tls_done, first_byte, last_byte = (
            None if offset is None else base + offset for offset in offsets[:6]
        )
        origin = optional.get("of")
        return Exchange(
            id=_of(int, number),
            request=Request(
                method=_of(bytes, method),
                scheme=_of(bytes, scheme),
                authority=_of(bytes, authority),
                target=_of(bytes, target),
                version=_of(bytes, version),
                headers=_pairs(headers),
                body=None if body is None else _of(bytes, body),
            ),
            response=None if response is None else _response(response),
            clock=Clock(
                received=_of(int, base),
                sent=sent,
                connect_start=connect_start,
                connected=connected,
                tls_done=tls_done,
                first_byte=first_byte,
                last_byte=last_byte,
            ),
            connection=_of(str, optional.get("conn", "")),
            error=optional.get("err"),
            flags=tuple(optional.get("flags", ())),
            events=tuple(
                Event(at=base + at, kind=kind, from_client=from_client, data=data)
                for at, kind, from_client, data in optional.get("ev", ())
            ),
            session=optional.get("ses"),
            endpoint=optional.get("ep"),
            outcome=optional.get("out"),
            origin=None
            if origin is None
            else Origin(
                of=_of(int, origin[0]),
                clone=origin[1],
                lap=origin[2],
                poll=origin[3],
                due=base + origin[4],
                lateness=_of(int, origin[5]),
            ),
            extra={key: value for key, value in optional.items() if key not in _OPTIONAL},
        )
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, msgpack.UnpackException) as error:
        raise ValueError(f"not an exchange ({error})") from None


def _response(fields: list[Any]) -> Response:
    status, reason, version, headers, body = fields
    return Response(
        status=_of(int, status),
        reason=_of(bytes, reason),
        version=_of(bytes, version),
        headers=_pairs(headers),
        body=None if body is None else _of(bytes, body),
    )


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


def decode_summary(raw: bytes) -> Mapping[str, Any]:
    """The writer's summary in a footer; empty when there is none that can be read."""
    try:
        summary = msgpack.unpackb(raw)["summary"]
    except (ValueError, TypeError, KeyError, msgpack.UnpackException):
        return {}
    return summary if isinstance(summary, dict) else {}
