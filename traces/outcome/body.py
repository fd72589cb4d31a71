"""An answer's body, read as far as its outcome needs: of what kind it is, and the document in it.

What a kind is made of, the lens knows: encodings, events, tags. Only a document is read here, by orjson: where its
values stand does not matter, that one of 5 KB takes 10 us and not 500 does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, NoReturn, Protocol

import orjson

from traces.lens import decoded_body
from traces.lens.stream import events as stream_events
from traces.model import Event, HeaderPairs, header_value
from traces.outcome.bounds import MAX_BODY

#: Kinds of body; of any other its media type is the kind. UNKNOWN: it was not kept.
UNKNOWN: Final = ""
NO_BODY: Final = "no body"
JSON: Final = "JSON"
BROKEN_JSON: Final = "a body that is no JSON"
HTML: Final = "a page of HTML"
STREAM: Final = "a stream of events"

#: In place of a document too large to compare.
TOO_LARGE: Final = object()

_JSON: Final = re.compile(r"application/(?:[\w.+-]+\+)?json")
_HTML: Final = re.compile(r"text/html|application/xhtml\+xml")
_MEDIA: Final = re.compile(r"\s*([\w.+-]{1,40}/[\w.+-]{1,60})")
_BLANK_LINE: Final = re.compile(rb"(?>\r\n|\n|\r){2}")


class Answered(Protocol):
    """An answer, recorded or live."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> HeaderPairs: ...
    @property
    def body(self) -> bytes | None: ...


class Body(NamedTuple):
    """What was read.

    document: of JSON, the parsed one; of a stream, that of its last event, None when it is no JSON; of HTML, the page
              in Latin-1, a character a byte; else None. TOO_LARGE when it is not looked into.
    event:    the last event's name, "" when the stream had none.
    """

    kind: str
    document: Any = None
    event: str = ""


def read(answer: Answered, events: Sequence[Event] = ()) -> Body:
    """Read an answer's body. Never raises.

    events: of a stream that came piece by piece.
    """
    pieces = [event.data for event in events if not event.from_client]
    media = (header_value(answer.headers, b"content-type") or b"").decode("latin-1").lower()
    if media.startswith("text/event-stream"):
        return _last_event(decoded_body(answer.headers, b"".join(pieces) if pieces else answer.body))
    if answer.status == 101 or answer.body is None or pieces:
        return Body(UNKNOWN)
    data = decoded_body(answer.headers, answer.body) if len(answer.body) <= MAX_BODY else None
    if data is None or len(data) > MAX_BODY:
        return Body(_named(media), TOO_LARGE)
    return _document(media, data) if data and not data.isspace() else Body(NO_BODY)


def _document(media: str, data: bytes) -> Body:
    declared = _JSON.match(media) is not None
    # As in the lens: a brace says more than the type does.
    if declared or data.lstrip()[:1] in {b"{", b"["}:
        try:
            return Body(JSON, _parsed(data))
        except ValueError:
            if declared:
                return Body(BROKEN_JSON)
    kind = _named(media)
    return Body(kind, data.decode("latin-1") if kind == HTML else None)


def _named(media: str) -> str:
    if _JSON.match(media):
        return JSON
    if _HTML.match(media):
        return HTML
    match = _MEDIA.match(media)
    return match[1] if match else "a body of no type"


def _parsed(data: bytes) -> Any:
    """The document; TOO_LARGE for one too deep. Raises ValueError when it is no JSON."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        # Bytes that are no UTF-8, half a surrogate pair, a byte order mark: no client stops at them.
        try:
            text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
            return json.loads(text, parse_constant=_no_constant)
        except RecursionError:
            return TOO_LARGE


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _last_event(data: bytes) -> Body:
    """The last event that is whole, which a blank line ends, and that says something."""
    for block in reversed(_BLANK_LINE.split(data[-MAX_BODY:])[:-1]):
        page = block.decode("latin-1")
        for fields in stream_events(page):
            said = {name: page[start:end].encode("latin-1") for name, (start, end) in fields if name == "event"}
            lines = [page[start:end] for name, (start, end) in fields if name == "data"]
            if lines:
                event = said.get("event", b"message").decode("utf-8", "replace")
                try:
                    return Body(STREAM, _parsed("\n".join(lines).encode("latin-1")), event)
                except ValueError:
                    return Body(STREAM, None, event)
    return Body(STREAM)
