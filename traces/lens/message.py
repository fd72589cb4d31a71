"""A whole message's leaves: target, headers, cookies, authorization, body. Nobody else parses a body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, unquote_plus

from traces.lens import content
from traces.lens.json_leaves import NotJson, json_leaves
from traces.lens.leaf import Leaf
from traces.model import HeaderPairs, Request, Response, header_value

_JSON: Final = re.compile(r"application/(?:[\w.+-]+\+)?json")
#: RFC 9110, 11.4: an authentication scheme's name, then what it carries.
_SCHEME: Final = re.compile(rb"([A-Za-z0-9!#$%&'*+.^_`|~-]++) ++")

#: Headers that belong to one hop or to the codec, never to the user's flow.
_PLUMBING: Final = frozenset(
    b"host connection keep-alive te trailer transfer-encoding upgrade content-length content-encoding date server "
    b"accept accept-encoding accept-language accept-charset vary via age cache-control pragma".split()
)


def request_leaves(request: Request) -> list[Leaf]:
    """The leaves of a request, in the order of its bytes; a body that cannot be read is one leaf."""
    leaves = list(_target(request.target))
    leaves += _headers(request.headers, request_side=True)
    leaves += body_leaves(request.headers, request.body)
    return leaves


def response_leaves(response: Response) -> list[Leaf]:
    """The leaves of a response: headers, Set-Cookie values, body."""
    leaves = list(_headers(response.headers, request_side=False))
    leaves += body_leaves(response.headers, response.body)
    return leaves


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


def body_leaves(headers: HeaderPairs, body: bytes | None) -> list[Leaf]:
    """The leaves of a body, by its content type; spans count in `decoded_body`."""
    data = decoded_body(headers, body)
    if not data:
        return []
    kind = (header_value(headers, b"content-type") or b"").decode("latin-1").lower()
    # A brace says more than the type does: `curl -d '{...}'` calls JSON a form, and beacons call it text.
    if _JSON.match(kind) or data.lstrip()[:1] in {b"{", b"["}:
        try:
            return json_leaves(data)
        except NotJson:
            pass
    if kind.startswith("application/x-www-form-urlencoded"):
        return list(_pairs(data, 0, "body", "form"))
    return [Leaf(part="body", path="body", start=0, end=len(data), text=_str(data))]


def _target(target: bytes) -> Iterator[Leaf]:
    path, _, query = target.partition(b"?")
    start = 0
    if not path.startswith(b"/") and b"://" in path:
        start = path.find(b"/", path.find(b"://") + 3)
        start = len(path) if start < 0 else start
    position = start
    for index, segment in enumerate(path[start:].split(b"/")):
        if segment:
            yield Leaf(
                part="target",
                path=f"path[{index}]",
                start=position,
                end=position + len(segment),
                text=unquote(_str(segment), errors="surrogateescape"),
                coding="percent",
            )
        position += len(segment) + 1
    if query:
        yield from _pairs(query, len(path) + 1, "target", "query")


def _pairs(data: bytes, offset: int, part: str, label: str) -> Iterator[Leaf]:
    """`a=1&b=2` as leaves."""
    position = 0
    for pair in data.split(b"&"):
        name, sign, value = pair.partition(b"=")
        if sign and value:
            start = offset + position + len(name) + 1
            yield Leaf(
                part="target" if part == "target" else "body",
                path=f"{label}.{unquote_plus(_str(name), errors='surrogateescape')}",
                start=start,
                end=start + len(value),
                text=unquote_plus(_str(value), errors="surrogateescape"),
                coding="plus",
            )
        position += len(pair) + 1


def _headers(headers: HeaderPairs, *, request_side: bool) -> Iterator[Leaf]:
    for index, (raw_name, value) in enumerate(headers):
        name = raw_name.lower()
        if name in _PLUMBING or not value:
            continue
        if name == b"cookie" and request_side:
            yield from _cookies(index, value, value.split(b";"))
        elif name == b"set-cookie" and not request_side:
            yield from _cookies(index, value, value.split(b";", 1)[:1])
        elif name == b"authorization" and (scheme := _SCHEME.match(value)):
            label = f"auth.{scheme[1].decode('latin-1').lower()}"
            yield _header_leaf(index, label, value, scheme.end(), len(value))
        else:
            yield _header_leaf(index, f"header.{name.decode('latin-1')}", value, 0, len(value))


def _cookies(index: int, header: bytes, pairs: list[bytes]) -> Iterator[Leaf]:
    """`sid=1; theme=dark` as leaves, white space around a name and a value left out (RFC 6265, 5.2)."""
    position = 0
    for pair in pairs:
        name, sign, value = pair.partition(b"=")
        if sign and name.strip():
            start = position + len(name) + 1 + len(value) - len(value.lstrip())
            end = start + len(value.strip())
            yield _header_leaf(index, f"cookie.{name.strip().decode('latin-1')}", header, start, end)
        position += len(pair) + 1


def _str(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _header_leaf(index: int, path: str, value: bytes, start: int, end: int) -> Leaf:
    return Leaf(
        part="header",
        path=path,
        header=index,
        start=start,
        end=end,
        text=_str(value[start:end]),
    )
