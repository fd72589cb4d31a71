"""One entry of a HAR 1.2, as browsers and proxies write it, to an exchange.

* Bodies in a HAR are decoded though their headers say `Content-Encoding`. They are encoded anew, so that a message is
  whole again: its headers as recorded, a body that is what they say, and a replay that sends what was sent. The encoded
  bytes need not be those of the wire, nor as many as Content-Length says (the sender counts anew). Only for an encoding
  that is unknown here the body stays as it is and the header goes; `extra["decoded"]` then says which it was.
* A body that the tool left out, or spoilt by making text of binary, is None: not kept. A replay then skips it by name.
* Other tools' instants are theirs: a proxy's `send` ends elsewhere than a browser's, some round to whole ms. So every
  exchange is flagged `approximate`.
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import quote, urlencode

from traces.convert.har_clock import clock_of, clock_of_mitmproxy
from traces.convert.har_fields import Fields, bytes_of_base64, clean, text_to_body, to_bytes
from traces.lens.content import NotDecodable, decode, encode
from traces.model import Event, Exchange, HeaderPairs, Request, Response, header_value

_METHOD: Final = re.compile(r"[!-~]+")
#: A line end in a name would become a header of its own when it is sent.
_HEADER_NAME: Final = re.compile(r"[^\x00-\x20:\x7f]+")
_LINE_ENDS: Final = re.compile(r"[\r\n]+")
_URL: Final = re.compile(r"(https?|wss?)://([^/?#]*)([^#]*)", re.IGNORECASE)
_OTHER_URL: Final = re.compile(r"(?!http|ws)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_STAYED: Final = ("_fromCache", "_wasFulfilled", "_wasAborted")
_SCHEMES: Final = {"http": b"http", "ws": b"http", "https": b"https", "wss": b"https"}
#: What else a target holds (blanks, letters beyond ASCII) is percent-encoded, as a browser does before it sends.
PRINTABLE: Final = "".join(map(chr, range(33, 127)))
_LAST_SECOND: Final = 7_258_118_400  # the year 2200


def is_traffic(entry: Fields) -> bool:
    """Whether the entry is a request that went to a service.

    Not from a cache, not a tunnel, not data: or blob:, and not what a Playwright test answered or stopped by itself.
    """
    request = entry.inner("request")
    if _OTHER_URL.match(request.need("url")):
        return False
    return not any(map(entry.raw.get, _STAYED)) and request.text("method") != "CONNECT"


def exchange_of(number: int, entry: Fields, epoch: int, creator: str) -> Exchange:
    """What the standard fields of an entry, and the usual extensions, say.

    number: becomes the exchange's id.
    epoch: ns since 1970.
    creator: the name of the tool that wrote the file; some have ways of their own.

    Raises ValueError with a text that says what is wrong where in the entry, and nothing else.
    """
    undone: dict[str, str] = {}
    request = _request(entry.inner("request"), undone)
    response, error = _response(entry.inner("response"), request.method, undone)
    extra: dict[str, Any] = {"decoded": undone} if undone else {}
    address = entry.text("serverIPAddress")
    if address:
        extra["server_ip"] = clean(address)
    theirs = creator.lower() == "mitmproxy"
    answered = response is not None
    clock = (
        clock_of_mitmproxy(entry, epoch, answered=answered)
        if theirs
        else clock_of(entry, epoch, answered=answered, ssl_inside=creator == "Playwright")
    )
    connected = theirs and (entry.inner("timings").number("connect") or -1) >= 0
    return Exchange(
        id=number,
        clock=clock,
        request=request,
        response=response,
        # Firefox writes the server's port there, the same for every connection.
        connection="" if creator == "Firefox" else clean(entry.text("connection") or ""),
        error=error,
        flags=("approximate", "connect_in_wait") if connected else ("approximate",),
        events=_events(entry, epoch, clock.received),
        extra=extra,
    )


def _request(request: Fields, undone: dict[str, str]) -> Request:
    method, url = request.need("method"), _URL.match(request.need("url"))
    if not _METHOD.fullmatch(method):
        raise ValueError("request.method is not a method")
    if url is None or not url[2]:
        raise ValueError("request.url is not the address of a service")
    pseudo, headers = _headers(request, "request")
    target = quote(to_bytes(url[3]), safe=PRINTABLE)
    body, headers = _encoded(_posted(request, headers), headers, "request", undone)
    return Request(
        method=method.encode(),
        scheme=_SCHEMES[url[1].lower()],
        authority=pseudo.get(b":authority") or header_value(headers, b"host") or to_bytes(url[2].rpartition("@")[2]),
        target=(target if target.startswith("/") else f"/{target}").encode(),
        version=_version(request),
        headers=headers,
        body=body,
    )


def _response(response: Fields, method: bytes, undone: dict[str, str]) -> tuple[Response | None, str | None]:
    """The response, and what went wrong; none when its status is not above 0: aborted, blocked or refused."""
    error = clean(response.text("_error") or response.text("_failureText") or "") or None
    status = response.whole("status") or 0
    if status <= 0:
        return None, error or "no response"
    if not 100 <= status <= 999:
        raise ValueError("response.status is not an HTTP status")
    _, headers = _headers(response, "response")
    body, headers = _encoded(_content(response, status, method, headers), headers, "response", undone)
    return Response(
        status=status,
        reason=to_bytes(response.text("statusText") or ""),
        version=_version(response),
        headers=headers,
        body=body,
    ), error


def _events(entry: Fields, epoch: int, received: int) -> tuple[Event, ...]:
    """The WebSocket messages that Chrome, Playwright and mitmproxy keep with an entry; pings and closes passed over.

    A message of time -1 (Playwright, told to keep none) has the instant `received`.
    """
    events = []
    for number, message in enumerate(entry.each("_webSocketMessages")):
        opcode = message.number("opcode")
        if opcode not in {1, 2}:
            continue
        time = message.number("time")
        if time is None or not (time == -1 or 0 <= time < _LAST_SECOND * 1000):
            raise ValueError(f"_webSocketMessages[{number}].time is not seconds since 1970")
        data = message.text("data") or ""
        events.append(
            Event(
                at=received if time == -1 else _instant(time) - epoch,
                data=to_bytes(data) if opcode == 1 else bytes_of_base64(data, f"_webSocketMessages[{number}].data"),
                kind="text" if opcode == 1 else "binary",
                from_client=message.text("type") in {"send", "request"},
            )
        )
    return tuple(events)


def _instant(time: float) -> int:
    """Seconds since 1970, or Playwright's milliseconds, in ns; as milliseconds, the seconds of our age lie in 1970."""
    # A float of this size is good for a microsecond at most.
    return round(time * 1e6 if time < _LAST_SECOND else time * 1e3) * 1000


def _headers(message: Fields, side: str) -> tuple[dict[bytes, bytes], HeaderPairs]:
    """The pseudo headers of HTTP/2, and the pairs."""
    pseudo: dict[bytes, bytes] = {}
    pairs: list[tuple[bytes, bytes]] = []
    for number, item in enumerate(message.items("headers")):
        # Slack writes [name, value].
        pair = [item.get("name"), item.get("value")] if type(item) is dict else item
        if type(pair) is not list or [type(part) for part in pair] != [str, str]:
            raise ValueError(f"{side}.headers[{number}] is not a name and a value")
        name, value = pair
        if name.startswith(":"):
            pseudo[to_bytes(name)] = to_bytes(value)
        elif not _HEADER_NAME.fullmatch(name) or "\0" in value:
            raise ValueError(f"{side}.headers[{number}] is not a header")
        else:
            # Chrome joins the Set-Cookies of HTTP/2 with line ends.
            pairs.extend((to_bytes(name), to_bytes(line)) for line in _LINE_ENDS.split(value))
    return pseudo, tuple(pairs)


def _version(message: Fields) -> bytes:
    name = (message.text("httpVersion") or "").lower().removeprefix("http/")
    if name in {"1.0", "1.1"}:
        return f"HTTP/{name}".encode()
    if name in {"h2", "2", "2.0"}:
        return b"HTTP/2.0"
    return b"HTTP/3" if name.startswith(("h3", "3", "quic")) else b"HTTP/1.1"


def _posted(request: Fields, headers: HeaderPairs) -> bytes | None:
    """The request's body, or None when the tool left it out."""
    data = request.inner("postData")
    text, params = data.text("text"), data.each("params")
    length = header_value(headers, b"content-length") or b""
    if text:
        if "base64" in {data.text("encoding"), data.text("_encoding")}:
            return bytes_of_base64(text, "request.postData.text")
        body = to_bytes(text)
        # A browser that makes text of a binary body puts U+FFFD for what it cannot read; the length then tells.
        return None if "\ufffd" in text and length.isdigit() and int(length[:18]) != len(body) else body
    if params:
        if (data.text("mimeType") or "").lower().startswith("multipart/"):
            return None
        return urlencode([(to_bytes(p.text("name") or ""), to_bytes(p.text("value") or "")) for p in params]).encode()
    # An empty text may say so too: Playwright's, of a body that it found to be no text.
    return None if (request.number("bodySize") or 0) > 0 or length.strip(b"0").isdigit() else b""


def _content(response: Fields, status: int, method: bytes, headers: HeaderPairs) -> bytes | None:
    """The response's decoded body, or None when the tool left it out."""
    content = response.inner("content")
    text = content.text("text")
    # RFC 9110, 6.4.1: none of these has a body, though a browser shows the one from its cache.
    if method == b"HEAD" or status in {204, 304} or status < 200:
        return b""
    if text is None:
        return None if (content.number("size") or 0) > 0 or (response.number("bodySize") or 0) > 0 else b""
    if content.text("encoding") == "base64":
        return bytes_of_base64(text, "response.content.text")
    return text_to_body(text, mime_of(headers) or content.text("mimeType") or "")


def mime_of(headers: HeaderPairs) -> str:
    """The Content-Type, "" when there is none."""
    return (header_value(headers, b"content-type") or b"").decode("latin-1")


def _encoded(
    body: bytes | None, headers: HeaderPairs, side: str, undone: dict[str, str]
) -> tuple[bytes | None, HeaderPairs]:
    """The body as its Content-Encoding says; where that is unknown, body and headers without it, said in `undone`."""
    encoding = (header_value(headers, b"content-encoding") or b"").decode("latin-1")
    if not body or not encoding:
        return body, headers
    try:
        decode(body, encoding)
    except NotDecodable:
        try:
            # More than a few are nobody's (and cost a compression each).
            if encoding.count(",") < 4:
                return encode(body, encoding), headers
        except NotDecodable:
            pass
        undone[side] = encoding
        return body, tuple(pair for pair in headers if pair[0].lower() != b"content-encoding")
    return body, headers  # Some tools keep it as it came.
