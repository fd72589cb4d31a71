"""HARs written by hand as Chrome, Firefox, Playwright and Charles write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from traces.convert.har import read
from traces.model import Exchange

MS = 1_000_000
START = "2026-11-22T09:48:26.272Z"
EPOCH = 1_795_340_906_272_000_000

CHROME: dict[str, Any] = {
    "_initiator": {"type": "script"},
    "_priority": "High",
    "_resourceType": "fetch",
    "cache": {},
    "connection": "8612",
    "pageref": "page_2",
    "request": {
        "method": "POST",
        "url": "https://shop.test/v1/checkouts?x=a%2Fb",
        "httpVersion": "h2",
        "headers": [
            {"name": ":authority", "value": "shop.test"},
            {"name": ":method", "value": "POST"},
            {"name": ":path", "value": "/v1/checkouts?x=a%2Fb"},
            {"name": ":scheme", "value": "https"},
            {"name": "content-type", "value": "application/json"},
            {"name": "content-length", "value": "11"},
        ],
        "queryString": [{"name": "x", "value": "a%2Fb"}],
        "cookies": [],
        "headersSize": -1,
        "bodySize": 11,
        "postData": {"mimeType": "application/json", "text": '{"qty":"3"}'},
    },
    "response": {
        "status": 201,
        "statusText": "",
        "httpVersion": "h2",
        "headers": [
            {"name": "content-encoding", "value": "br"},
            {"name": "content-type", "value": "application/json"},
            {"name": "set-cookie", "value": "a=1; Path=/\nb=2; Secure"},
        ],
        "cookies": [],
        "content": {"size": 13, "mimeType": "application/json", "text": '{"id":"co_1"}'},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
        "_transferSize": 420,
        "_error": None,
    },
    "serverIPAddress": "192.0.2.7",
    "startedDateTime": START,
    "time": 74.75,
    "timings": {
        "blocked": 2.5,
        "dns": 1.25,
        "ssl": 20,
        "connect": 32,
        "send": 0.25,
        "wait": 37.5,
        "receive": 1.25,
        "_blocked_queueing": 2.1,
    },
}
FIREFOX: dict[str, Any] = {
    "startedDateTime": "2026-11-22T10:48:26.272+01:00",
    "request": {
        "bodySize": 17,
        "method": "POST",
        "url": "http://shop.test:8000/login",
        "httpVersion": "HTTP/1.1",
        "headers": [{"name": "Host", "value": "shop.test:8000"}, {"name": "Cookie", "value": "a=1"}],
        "cookies": [{"name": "a", "value": "1"}],
        "queryString": [],
        "headersSize": 512,
        "postData": {
            "mimeType": "application/x-www-form-urlencoded",
            "params": [{"name": "user", "value": "Ann Ö"}, {"name": "t", "value": "a&b"}],
            "text": "",
        },
    },
    "response": {
        "status": 200,
        "statusText": "OK",
        "httpVersion": "HTTP/1.1",
        "headers": [{"name": "Content-Type", "value": "image/png"}],
        "cookies": [],
        "content": {"mimeType": "image/png", "size": 1234, "comment": "Response bodies are not included."},
        "redirectURL": "",
        "headersSize": 180,
        "bodySize": 1234,
    },
    "cache": {},
    "timings": {"blocked": 0, "dns": 0, "connect": 0, "ssl": 0, "send": 0, "wait": 12, "receive": 3},
    "time": 15,
    "_securityState": "insecure",
    "serverIPAddress": "127.0.0.1",
    "connection": "8000",
}
PLAYWRIGHT: dict[str, Any] = {
    "startedDateTime": START,
    "time": 3.5,
    "request": {
        "method": "GET",
        "url": "http://shop.test/pay",
        "httpVersion": "HTTP/2.0",
        "cookies": [],
        "headers": [{"name": "accept", "value": "*/*"}],
        "queryString": [],
        "headersSize": -1,
        "bodySize": 0,
    },
    "response": {
        "status": -1,
        "statusText": "",
        "httpVersion": "HTTP/2.0",
        "cookies": [],
        "headers": [],
        "content": {"size": -1, "mimeType": "x-unknown"},
        "headersSize": -1,
        "bodySize": -1,
        "redirectURL": "",
        "_transferSize": -1,
        "_failureText": "net::ERR_CONNECTION_RESET",
    },
    "cache": {},
    "timings": {"dns": -1, "connect": -1, "ssl": -1, "send": 0, "wait": 3.5, "receive": -1},
}
CHARLES: dict[str, Any] = {
    "startedDateTime": "2026-11-22T09:48:26.272+0000",
    "time": 300,
    "request": {
        "method": "GET",
        "url": "https://shop.test/",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "Host", "value": "shop.test"}],
        "queryString": [],
        "headersSize": 300,
        "bodySize": 0,
    },
    "response": {
        "status": 200,
        "statusText": "OK",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [
            {"name": "Content-Type", "value": "text/html; charset=ISO-8859-1"},
            {"name": "Content-Encoding", "value": "gzip"},
        ],
        "content": {"size": 4, "compression": 0, "mimeType": "text/html; charset=ISO-8859-1", "text": "Caf\xe9"},
        "redirectURL": None,
        "headersSize": 120,
        "bodySize": 24,
    },
    "cache": {},
    "timings": {"dns": 10, "connect": 40, "ssl": 50, "send": 5, "wait": 190, "receive": 5},
    "comment": "",
}
WEBSOCKET = {
    **CHROME,
    "request": {**CHROME["request"], "method": "GET", "url": "wss://shop.test/live", "postData": None, "bodySize": 0},
    "response": {**CHROME["response"], "status": 101, "content": {"size": 0}},
    "_webSocketMessages": [
        {"type": "send", "time": 1795340906.5, "opcode": 1, "data": "héllo"},
        {"type": "receive", "time": 1795340906.75, "opcode": 2, "data": "AAH/"},
        {"type": "receive", "time": 1795340907, "opcode": 8, "data": ""},
    ],
}


def file(path: Path, *entries: Any, creator: str = "WebInspector", bom: bytes = b"") -> Path:
    log = {"version": "1.2", "creator": {"name": creator, "version": "537.36"}, "entries": entries}
    out = path / "some.har"
    out.write_bytes(bom + json.dumps({"log": log}).encode())
    return out


def one(path: Path, entry: Any, *, creator: str = "WebInspector") -> Exchange:
    (exchange,) = read(file(path, entry, creator=creator))[1]
    return exchange


def changed(entry: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """`entry` with parts replaced: request__method="PUT" is entry["request"]["method"]."""
    copy: dict[str, Any] = json.loads(json.dumps(entry))
    for name, value in parts.items():
        *way, last = name.split("__")
        place = copy
        for step in way:
            place = place[step]
        place[last] = value
    return copy
