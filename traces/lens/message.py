"""A whole message's leaves: target, headers, cookies, authorization, body. Nobody else parses a body."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final

from traces.lens import content
from traces.lens.coding import text_of
from traces.lens.headers import header_leaves
from traces.lens.html_leaves import html_leaves
from traces.lens.json_leaves import NotJson, json_leaves
from traces.lens.leaf import Leaf
from traces.lens.multipart import multipart_leaves
from traces.lens.nested import with_nested
from traces.lens.stream import event_leaves, line_leaves
from traces.lens.urlencoded import pair_leaves, target_leaves
from traces.model import HeaderPairs, Request, Response, header_value

_JSON: Final = re.compile(r"application/(?:[\w.+-]+\+)?json", re.IGNORECASE)
_LINES: Final = re.compile(r"application/(?:x-)?(?:ndjson|jsonl|jsonlines|json-lines|stream\+json)", re.IGNORECASE)
_FORM: Final = re.compile(r"application/x-www-form-urlencoded", re.IGNORECASE)
_MULTIPART: Final = re.compile(r"multipart/form-data", re.IGNORECASE)
_HTML: Final = re.compile(r"text/html|application/xhtml\+xml", re.IGNORECASE)
_EVENTS: Final = re.compile(r"text/event-stream", re.IGNORECASE)


def request_leaves(request: Request, *, nested: bool = False, names: bool = False) -> list[Leaf]:
    """The leaves of a request, in the order of its bytes; a body that cannot be read is one leaf.

    nested: what stands inside a value is a leaf too, behind the value itself.
    names:  objects' keys and fields' names are leaves too (`Leaf.is_name`), before their values.
    """
    leaves = list(target_leaves(request.target, names=names))
    leaves += header_leaves(request.headers, request_side=True, names=names)
    leaves += body_leaves(request.headers, request.body, names=names)
    return with_nested(leaves, names=names) if nested else leaves


def response_leaves(response: Response, *, nested: bool = False, names: bool = False) -> list[Leaf]:
    """The leaves of a response: headers, Set-Cookie values, body; `nested` and `names` as in a request."""
    leaves = header_leaves(response.headers, request_side=False, names=names)
    leaves += body_leaves(response.headers, response.body, names=names)
    return with_nested(leaves, names=names) if nested else leaves


def decoded_body(headers: HeaderPairs, body: bytes | None) -> bytes:
    """The body without its content-encoding; as it is when that cannot be undone."""
    if not body:
        return b""
    encoding = header_value(headers, b"content-encoding")
    if encoding is None:
        return body
    try:
        return content.decode(body, encoding.decode("latin-1"))
    except content.NotDecodable:
        return body


def body_leaves(headers: HeaderPairs, body: bytes | None, *, nested: bool = False, names: bool = False) -> list[Leaf]:
    """The leaves of a body, by its content type; spans count in `decoded_body`."""
    leaves = plain_leaves(media_type(headers), decoded_body(headers, body), names=names)
    return with_nested(leaves, names=names) if nested else leaves


def media_type(headers: HeaderPairs) -> str:
    """The content type with its parameters, as it stands; "" when there is none."""
    return (header_value(headers, b"content-type") or b"").decode("latin-1")


def is_json(kind: str, data: bytes) -> bool:
    """Is it to be tried as one JSON document?

    A brace says more than the type does: `curl -d '{...}'` calls JSON a form, and beacons call it text.
    """
    return bool(_JSON.match(kind) or data.lstrip()[:1] in {b"{", b"["}) and _LINES.match(kind) is None


def plain_leaves(kind: str, data: bytes, *, names: bool = False) -> list[Leaf]:
    """The leaves of a body of this content type without its content-encoding, none of them nested."""
    if not data:
        return []
    if is_json(kind, data):
        with suppress(NotJson):
            return json_leaves(data, names=names)
    leaves: list[Leaf] | None = None
    if _FORM.match(kind):
        return list(pair_leaves(data, part="body", label="form", names=names))
    if _MULTIPART.match(kind):
        leaves = multipart_leaves(data, kind, names=names)
    elif _HTML.match(kind):
        leaves = html_leaves(data, names=names)
    elif _EVENTS.match(kind):
        leaves = event_leaves(data, names=names)
    elif _LINES.match(kind):
        leaves = line_leaves(data, names=names)
    # A page without a form or a link is a text.
    return leaves or [Leaf("body", "body", 0, len(data), text_of(data))]
