"""HARs as Playwright writes them with `content: "attach"`: every body in a file named by its hash."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.traces.convert.hars import START, changed

#: `mode: "full"`; timings as of a plain connect, whose `ssl` counts from -1.
ENTRY: dict[str, Any] = {
    "startedDateTime": START,
    "time": 12.5,
    "request": {
        "method": "POST",
        "url": "http://shop.test/v1/checkouts",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "Host", "value": "shop.test"}, {"name": "Content-Type", "value": "application/json"}],
        "queryString": [],
        "headersSize": 120,
        "bodySize": 9,
    },
    "response": {
        "status": 200,
        "statusText": "OK",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "content": {"size": 20, "mimeType": "application/json", "compression": 0},
        "headersSize": 90,
        "bodySize": 20,
        "redirectURL": "",
        "_transferSize": 110,
    },
    "cache": {},
    "timings": {"dns": 0.5, "connect": 1, "ssl": 2.5, "send": 0, "wait": 8, "receive": 0.5},
    "pageref": "page@1",
    "serverIPAddress": "127.0.0.1",
    "_serverPort": 80,
}
#: What `mode: "minimal"` leaves of the numbers, the default of `routeFromHAR`.
MINIMAL = {
    "time": -1,
    "timings": {"send": -1, "wait": -1, "receive": -1},
    "request__bodySize": -1,
    "response__bodySize": -1,
    "response__content__size": -1,
}
SOCKET: dict[str, Any] = changed(
    {**ENTRY, "_resourceType": "websocket"},
    request__method="GET",
    request__url="ws://shop.test/live",
    request__bodySize=0,
    response__status=101,
    response__content={"size": -1, "mimeType": "x-unknown"},
    response__bodySize=-1,
)


def name(body: bytes, suffix: str = "json") -> str:
    return f"{hashlib.sha1(body, usedforsecurity=False).hexdigest()}.{suffix}"


def attach(entry: Mapping[str, Any], *, sent: bytes | None = None, got: bytes | None = None) -> dict[str, Any]:
    """`entry` with the names of these bodies."""
    copy = json.loads(json.dumps(entry))
    if sent is not None:
        copy["request"]["postData"] = {"mimeType": "application/json", "text": "", "params": [], "_file": name(sent)}
    if got is not None:
        copy["response"]["content"]["_file"] = name(got)
    return dict(copy)


def har(*entries: Mapping[str, Any]) -> bytes:
    log = {"version": "1.2", "creator": {"name": "Playwright", "version": "1.61.0"}, "entries": entries}
    return json.dumps({"log": log}, indent=2).encode()


def folder(path: Path, content: bytes, *bodies: bytes) -> Path:
    """A HAR and files beside it."""
    for body in bodies:
        (path / name(body)).write_bytes(body)
    (path / "shop.har").write_bytes(content)
    return path / "shop.har"


def packed(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip of these files."""
    out = path / "shop.har.zip"
    with zipfile.ZipFile(out, "w", method) as archive:
        for called, content in files.items():
            archive.writestr(called, content)
    return out
