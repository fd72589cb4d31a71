"""A live answer, and how a value is read out of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from traces import lens
from traces.links import Condition, Source
from traces.model import Event, HeaderPairs
from traces.shapes import url_path

_UNREAD: Final = object()


@dataclass(slots=True, kw_only=True)
class Answer:
    """What came back for one request, with its clock points (monotonic ns, as `time.monotonic_ns`).

    status: 0 when no response head came; `error` then says why, as it does when the body was cut off.
    body:   raw, still content-encoded; None when longer than the sender keeps.
    fresh:  the connection was opened for this request.
    """

    status: int = 0
    reason: bytes = b""
    version: bytes = b"HTTP/1.1"
    headers: HeaderPairs = ()
    body: bytes | None = b""
    error: str | None = None
    events: list[Event] = field(default_factory=list)
    fresh: bool = False
    connect_start: int | None = None
    connected: int | None = None
    tls_done: int | None = None
    sent: int | None = None
    first_byte: int | None = None
    last_byte: int | None = None
    _json: Any = _UNREAD

    @property
    def document(self) -> Any:
        """The body as JSON, parsed once, numbers as the text they are (`1.10` is not `1.1`); None when it is not."""
        if self._json is _UNREAD:
            try:
                body = lens.decoded_body(self.headers, self.body)
                self._json = json.loads(body, parse_int=str, parse_float=str, parse_constant=str)
            except (ValueError, RecursionError):
                self._json = None
        return self._json


def read(answer: Answer, source: Source) -> str | None:
    """The value that `source` names, or None when this answer does not hold it."""
    text = _raw(answer, source)
    if text is None or source.recipe == "copy":
        return text
    return url_path(text)


def holds(condition: Condition, answer: Answer) -> bool:
    """Does the answer satisfy a poll's condition?"""
    value = _walk(answer.document, condition.keys)
    return value is not None if condition.test == "exists" else _text(value) == condition.text


def _raw(answer: Answer, source: Source) -> str | None:
    kind, _, name = source.path.partition(".")
    if kind == "body":
        if not source.keys:
            body = lens.decoded_body(answer.headers, answer.body)
            return body.decode("utf-8", "surrogateescape") or None
        return _text(_select(answer.document, source))
    if kind == "cookie":
        return _cookie(answer.headers, name.encode("latin-1"))
    wanted = name.encode("latin-1")
    for key, value in answer.headers:
        if key.lower() == wanted:
            return value.decode("utf-8", "surrogateescape")
    return None


def _cookie(headers: HeaderPairs, name: bytes) -> str | None:
    """The cookie as a browser would keep it: the last one of this name counts (RFC 6265, 5.3)."""
    found: bytes = b""
    for key, value in headers:
        if key.lower() == b"set-cookie":
            own, sign, rest = value.partition(b"=")
            if sign and own.strip() == name:
                found = rest.partition(b";")[0].strip()
    return found.decode("utf-8", "surrogateescape") or None


def _select(value: Any, source: Source) -> Any:
    """Walk `source.keys`; a list item that a sibling names is looked for by it, else taken by its index."""
    selectors = {selector.depth: selector for selector in source.selectors}
    for depth, key in enumerate(source.keys):
        selector = selectors.get(depth)
        if selector is not None and isinstance(value, list):
            named = [
                item for item in value if isinstance(item, dict) and _text(item.get(selector.key)) == selector.text
            ]
            value = named[0] if len(named) == 1 else _walk(value, (key,))
        else:
            value = _walk(value, (key,))
        if value is None:
            return None
    return value


def _walk(value: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None or isinstance(value, dict | list) else str(value)
