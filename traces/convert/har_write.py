"""Exchanges as a HAR 1.2 that browsers' network panels, Charles and mitmproxy read, and `har.read` reads back exactly.

The standard fields are as true as they can be: addresses and headers as text, bodies decoded (base64 where they are no
text), durations in ms. What reading *them* back would lose stands in each entry's `_reprise`, which other tools pass
over: instants in ns, ids, session, flags, origin, events, header bytes that are no UTF-8, still-encoded bodies.

* `_reprise` never contradicts what a person sees. `har.read` believes it of a request, a response or the instants only
  while the standard fields are what this module writes for it: who edits a value in a HAR edits it for us too.
* It does hold bytes a second time. Who blackens a HAR by hand must cut it: `jq 'del(.log._reprise,
  .log.entries[]._reprise)'`; `replay anonymize` before writing is the better way.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote

import orjson

from traces.convert.har_clock import timings_of
from traces.convert.har_entry import PRINTABLE, exchange_of, mime_of
from traces.convert.har_fields import Fields, body_to_text
from traces.convert.whole import whole
from traces.lens.content import NotDecodable, decode
from traces.model import Clock, Event, Exchange, HeaderPairs, Request, Response, header_value

#: What `log.creator.name` says; `har.read` looks for `_reprise` whoever wrote the file.
CREATOR: Final = "Reprise"
_TOKEN: Final = "!#$%&'*+-.^_`|~"  # noqa: S105 - RFC 9110's word for what methods and header names are made of


def write(exchanges: Iterable[Exchange], path: Path, *, epoch_ns: int) -> int:
    """Write `exchanges` to `path`, one at a time; returns how many. `path` appears whole or not at all.

    epoch_ns: the wall-clock of instant 0, ns since 1970.

    Raises OSError as the file system does.
    """
    log = {
        "version": "1.2",
        "creator": {"name": CREATOR, "version": version("reprise")},
        "pages": [],
        # As text: a JavaScript tool that loads and saves the file would round the number.
        "_reprise": {"epoch_ns": str(epoch_ns)},
    }
    count = 0
    with whole(path) as file:
        file.write(b'{"log":' + orjson.dumps(log)[:-1] + b',"entries":[')
        for count, exchange in enumerate(exchanges, 1):
            file.write((b",\n" if count > 1 else b"\n") + orjson.dumps(entry_of(exchange, epoch_ns)))
        file.write(b"\n]}}\n")
    return count


def entry_of(exchange: Exchange, epoch_ns: int) -> dict[str, Any]:
    """One exchange as an entry."""
    entry = {
        **timings_of(exchange.clock, epoch_ns),
        "request": request_of(exchange.request),
        "response": response_of(exchange.response, exchange.error),
        "cache": {},
    }
    address = exchange.extra.get("server_ip")
    if type(address) is str and address:
        entry["serverIPAddress"] = address
    if exchange.connection:
        entry["connection"] = exchange.connection
    messages = messages_of(exchange.events, epoch_ns)
    if messages:
        entry |= {"_resourceType": "websocket", "_webSocketMessages": messages}
    entry["_reprise"] = _lost(exchange, exchange_of(exchange.id, Fields(entry), epoch_ns, CREATOR), epoch_ns)
    return entry


def request_of(request: Request) -> dict[str, Any]:
    """A request in standard fields."""
    authority = quote(request.authority, safe=":[]@!$&'()*+,;=") or "-"
    target = quote(request.target, safe=PRINTABLE)
    query = parse_qsl(target.partition("?")[2], keep_blank_values=True)
    url = f"{request.scheme.decode()}://{authority}{'' if target.startswith('/') else '/'}{target}"
    result = {
        "method": _word(request.method),
        "url": url,
        "httpVersion": request.version.decode("ascii", "replace"),
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": [{"name": name, "value": value} for name, value in query],
        "headersSize": -1,
        "bodySize": -1 if request.body is None else len(request.body),
    }
    if request.body:
        result["postData"] = {
            "mimeType": mime_of(request.headers),
            **_text(_decoded(request.body, request.headers), mime=""),
        }
    return result


def response_of(response: Response | None, error: str | None) -> dict[str, Any]:
    """A response in standard fields; status 0 is none, as browsers write it."""
    plain = response or Response(status=0, version=b"")
    body = plain.body and _decoded(plain.body, plain.headers)
    content: dict[str, Any] = {"size": 0 if body is None else len(body), "mimeType": mime_of(plain.headers)}
    if plain.body and body:
        content |= {"compression": len(body) - len(plain.body), **_text(body, mime=content["mimeType"])}
    elif body is not None:
        content["text"] = ""
    result = {
        "status": plain.status if 100 <= plain.status <= 999 else 0,
        "statusText": plain.reason.decode("utf-8", "replace"),
        "httpVersion": plain.version.decode("ascii", "replace"),
        "cookies": [],
        "headers": _headers(plain.headers),
        "content": content,
        "redirectURL": (header_value(plain.headers, b"location") or b"").decode("utf-8", "replace"),
        "headersSize": -1,
        "bodySize": -1 if plain.body is None else len(plain.body),
    }
    if error is not None:
        result["_error"] = error
    return result


def messages_of(events: Iterable[Event], epoch_ns: int) -> list[dict[str, Any]]:
    """The WebSocket messages among `events` as Chrome writes them; chunks of a stream have no place in a HAR."""
    return [
        {
            "type": "send" if event.from_client else "receive",
            "time": (epoch_ns + event.at) / 1e9,
            "opcode": 1 if event.kind == "text" else 2,
            "data": event.data.decode("utf-8", "replace") if event.kind == "text" else b64encode(event.data).decode(),
        }
        for event in events
        if event.kind in {"text", "binary"}
    ]


def _lost(exact: Exchange, plain: Exchange, epoch_ns: int) -> dict[str, Any]:
    """What `plain`, the entry read back without it, has lost of `exact`; `har_exact` puts it back."""
    base = exact.clock.received
    instants = {field.name: getattr(exact.clock, field.name) for field in fields(Clock)[1:]}
    lost: dict[str, Any] = {
        "id": exact.id,
        "received_ns": str(epoch_ns + base),
        "clock": {name: None if at is None else at - base for name, at in instants.items()},
        "request": _parts(exact.request, plain.request),
        "response": _parts(exact.response, plain.response),
        "events": [[e.at - base, e.kind, e.from_client, b64encode(e.data).decode()] for e in exact.events],
        "flags": list(exact.flags),
        "origin": None if exact.origin is None else asdict(exact.origin),
    }
    for name in ("session", "endpoint", "outcome"):
        lost[name] = getattr(exact, name)
    # `error` is a response's, when there is none to hold it: null there is "no response" when read back.
    result = {name: value for name, value in lost.items() if value not in (None, {}, [])}
    if exact.error != plain.error:
        result["error"] = exact.error
    if exact.extra != plain.extra:
        result |= _extra(exact.extra)
    return result


def _parts(exact: Request | Response | None, plain: Request | Response | None) -> dict[str, Any]:
    """The fields in which the two differ, their bytes in base64."""
    if exact is None:
        return {}
    parts: dict[str, Any] = {}
    for field in fields(exact):
        value = getattr(exact, field.name)
        if plain is not None and value == getattr(plain, field.name):
            continue
        if field.name == "headers":
            value = [b64encode(part).decode() for pair in value for part in pair]
        parts[field.name] = b64encode(value).decode() if type(value) is bytes else value
    return parts


def _extra(extra: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON where that says it exactly, else as msgpack, which a trace holds it in."""
    plain = dict(extra)
    try:
        # Nested as deep as it will stand in the file: orjson has a limit, and writes NaN as null.
        if orjson.loads(orjson.dumps([[[[plain]]]])) == [[[[plain]]]]:
            return {"extra": plain}
    except (TypeError, ValueError):
        pass
    import msgpack

    return {"extra_msgpack": b64encode(msgpack.packb(plain)).decode()}


def _headers(pairs: HeaderPairs) -> list[dict[str, str]]:
    return [
        # Whatever a header holds, the text of it is one line.
        {"name": _word(name), "value": " ".join(value.decode("utf-8", "replace").replace("\0", " ").splitlines())}
        for name, value in pairs
    ]


def _word(word: bytes) -> str:
    return quote(word, safe=_TOKEN) or "-"


def _decoded(body: bytes, headers: HeaderPairs) -> bytes:
    try:
        return decode(body, (header_value(headers, b"content-encoding") or b"").decode("latin-1"))
    except NotDecodable:
        return body


def _text(body: bytes, *, mime: str) -> dict[str, str]:
    text = body_to_text(body, mime)
    return {"text": b64encode(body).decode(), "encoding": "base64"} if text is None else {"text": text}
