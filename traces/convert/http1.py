"""An HTTP/1.x message as one run of bytes (RFC 9112), parsed and rendered without a socket.

A body is what the trace holds: chunks joined, content-encoding kept. A message whose body stops before its
Content-Length or its last chunk has the body None.
"""

from __future__ import annotations

import re
from typing import Final

from traces.model import HeaderPairs, Request, Response, header_value

_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_LINE_END: Final = re.compile(rb"\r?\n")
_STATUS: Final = re.compile(rb"(HTTP/\d\.\d) (\d{3})(?: (.*))?", re.DOTALL)
_CHUNK: Final = re.compile(rb"([0-9a-fA-F]{1,15})[^\r\n]{0,4096}\r?\n")
#: What a line can hold; anything else would be another line, or another word of it.
_WORD: Final = re.compile(rb"[^\x00-\x20\x7f]+")
_NAME: Final = re.compile(rb"[^\x00-\x20:\x7f]+")
_VALUE: Final = re.compile(rb"[^\x00\r\n]*")


def parse_request(message: bytes, *, scheme: bytes = b"http") -> tuple[Request, bool]:
    """The request, and whether its end is known to be there.

    Raises ValueError when it does not begin with a request line and whole headers.
    """
    line, headers, rest = _head(message)
    method, _, tail = line.partition(b" ")
    target, _, version = tail.rpartition(b" ")
    if not (method and target and version.startswith(b"HTTP/")):
        raise ValueError("it does not begin with a request line")
    # RFC 9112, 6.3: a request without a length has no body.
    body = _body(headers, rest) if _is_sized(headers) else b""
    return Request(
        method=method,
        scheme=scheme,
        authority=header_value(headers, b"host") or b"",
        target=target,
        version=version,
        headers=headers,
        body=body,
    ), body is not None


def parse_response(message: bytes, method: bytes) -> tuple[Response, bool]:
    """The final response to a request of `method` (interim 1xx before it are dropped), and whether its end is known.

    A response without a length ends where its connection does, which the bytes do not tell.

    Raises ValueError when it does not begin with a status line and whole headers.
    """
    while True:
        line, headers, rest = _head(message)
        match = _STATUS.fullmatch(line)
        if match is None:
            raise ValueError("it does not begin with a status line")
        status = int(match[2])
        if not (100 <= status < 200 and status != 101 and rest.startswith(b"HTTP/")):
            break
        message = rest
    bare = _is_bare(status, method)
    body = rest if bare else _body(headers, rest)
    response = Response(status=status, reason=match[3] or b"", version=match[1], headers=headers, body=body)
    return response, bare or (body is not None and _is_sized(headers))


def render_request(request: Request) -> bytes:
    """The request as HTTP/1.x, with what that cannot do without: Host, and a length that is true.

    Raises ValueError when one of its parts does not fit in a line.
    """
    headers = tuple(pair for pair in request.headers if not pair[0].startswith(b":"))
    if header_value(headers, b"host") is None and request.authority:
        headers = ((b"Host", request.authority), *headers)
    if request.body and not _is_sized(headers):
        headers = (*headers, (b"Content-Length", b"%d" % len(request.body)))
    for word, what in ((request.method, "method"), (request.target, "target")):
        if not _WORD.fullmatch(word):
            raise ValueError(f"its {what} does not fit in a request line")
    line = b"%s %s %s" % (request.method, request.target, _version(request.version))
    return _render(line, headers, request.body)


def render_response(response: Response, method: bytes) -> bytes:
    """The response to a request of `method` as HTTP/1.x. Raises ValueError as `render_request`."""
    if not (100 <= response.status <= 999 and _VALUE.fullmatch(response.reason)):
        raise ValueError("its status does not fit in a status line")
    line = b"%s %d %s" % (_version(response.version), response.status, response.reason)
    # The length in an answer to HEAD is that of another body.
    return _render(line, response.headers, response.body, bare=_is_bare(response.status, method))


def _head(message: bytes) -> tuple[bytes, HeaderPairs, bytes]:
    end = _HEAD_END.search(message)
    if end is None:
        raise ValueError("its headers do not end")
    line, *rows = _LINE_END.split(message[: end.start()])
    pairs: list[tuple[bytes, bytes]] = []
    for row in rows:
        name, colon, value = row.partition(b":")
        if row[:1] in {b" ", b"\t"} and pairs:
            # RFC 9112, 5.2: a folded value goes on in the next line.
            pairs[-1] = (pairs[-1][0], pairs[-1][1] + b" " + row.strip())
        elif colon and name:
            pairs.append((name, value.strip(b" \t")))
        else:
            raise ValueError("one of its headers has no name")
    return line, tuple(pairs), message[end.end() :]


def _body(headers: HeaderPairs, rest: bytes) -> bytes | None:
    if _is_chunked(headers):
        return _joined(rest)
    length = header_value(headers, b"content-length")
    if length is None:
        return rest
    size = int(length[:18]) if length.isdigit() else len(rest)
    return rest[:size] if len(rest) >= size else None


def _joined(rest: bytes) -> bytes | None:
    """The chunks' data; None when the last one is not there."""
    parts: list[bytes] = []
    at = 0
    while match := _CHUNK.match(rest, at):
        size = int(match[1], 16)
        if size == 0:
            return b"".join(parts)
        if match.end() + size > len(rest):
            return None
        parts.append(rest[match.end() : match.end() + size])
        end = _LINE_END.match(rest, match.end() + size)
        if end is None:
            return None
        at = end.end()
    return None


def _render(line: bytes, headers: HeaderPairs, body: bytes | None, *, bare: bool = False) -> bytes:
    chunked = _is_chunked(headers)
    rows = [line]
    for name, value in headers:
        if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
            raise ValueError("one of its headers does not fit in a line")
        stale = name.lower() == b"content-length" and body is not None and not (chunked or bare)
        # A body may be another than the one on the wire (encoded anew, anonymized): its length is what it is now.
        rows.append(b"%s: %s" % (name, b"%d" % len(body or b"") if stale else value))
    if chunked and body is not None and not bare:
        body = (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
    return b"\r\n".join([*rows, b"", body or b""])


def _is_chunked(headers: HeaderPairs) -> bool:
    return (header_value(headers, b"transfer-encoding") or b"").lower().endswith(b"chunked")


def _is_sized(headers: HeaderPairs) -> bool:
    return _is_chunked(headers) or header_value(headers, b"content-length") is not None


def _is_bare(status: int, method: bytes) -> bool:
    """RFC 9110, 6.4.1: none of these has a body, whatever its headers say."""
    return method == b"HEAD" or status in {204, 304} or status < 200


def _version(version: bytes) -> bytes:
    return version if version in {b"HTTP/1.0", b"HTTP/1.1"} else b"HTTP/1.1"
