"""A request compiled to bytes with holes: what never changes is laid out once, and sending fills the rest in.

Rule 1: a byte that no hole replaces is the recorded byte, except what must follow the target (Host, Origin, own URLs),
        hop-by-hop headers, and Content-Length, which is counted anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from traces import lens
from traces.model import HeaderPairs, Request, header_value

#: Headers of one hop (RFC 9110, 7.6.1), and what the sender decides itself.
_DROPPED: Final = frozenset(
    b"connection proxy-connection keep-alive te trailer transfer-encoding upgrade http2-settings expect "
    b"proxy-authorization content-length".split()
)

Part = bytes | int


@dataclass(frozen=True, slots=True)
class Span:
    """Where a hole is cut: which part of the request (header: its index, else -1), from where to where."""

    part: str
    header: int
    start: int
    end: int
    hole: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A request to be. `head` and `body` are bytes and hole numbers in order.

    counted:  it says its body's length, even when that is 0.
    encoding: the content-encoding to redo when the body has holes; "" for none.
    """

    head: tuple[Part, ...]
    body: tuple[Part, ...]
    counted: bool
    encoding: str = ""

    def render(self, values: Sequence[bytes]) -> bytes:
        """The whole request on the wire, HTTP/1.1, with `values[n]` in hole n."""
        body = _fill(self.body, values)
        if self.encoding:
            body = lens.encode_content(body, self.encoding)
        head = _fill(self.head, values)
        if self.counted:
            return b"%scontent-length: %d\r\n\r\n%s" % (head, len(body), body)
        return head + b"\r\n"


def _fill(parts: tuple[Part, ...], values: Sequence[bytes]) -> bytes:
    return b"".join([part if type(part) is bytes else values[part] for part in parts])  # type: ignore[index]  # a hole's number


def compile_request(
    request: Request, spans: Iterable[Span], *, authority: bytes, move: Callable[[bytes], bytes]
) -> Template:
    """Lay a recorded request out around its holes.

    authority: the target's host[:port], for Host.
    move: turns recorded origins inside literal bytes into the target's.

    Raises ValueError when the body was not kept.
    """
    if request.body is None:
        raise ValueError("its body was not kept")
    by_part: dict[tuple[str, int], list[Span]] = {}
    for span in spans:
        by_part.setdefault((span.part, span.header), []).append(span)
    head: list[Part] = [request.method, b" "]
    path = _origin_form(request.target)
    # Spans count in the recorded target, absolute form or not.
    head += _cut(path, by_part.get(("target", -1), ()), lambda literal: literal, len(request.target) - len(path))
    head.append(b" HTTP/1.1\r\n")
    names = {name.lower() for name, _ in request.headers}
    dropped = _DROPPED | _nominated(request.headers)
    if b"host" not in names:
        head.append(b"host: " + authority + b"\r\n")
    cookies = 0
    for index, (name, value) in enumerate(request.headers):
        lower = name.lower()
        if lower in dropped or lower.startswith(b":"):
            continue
        parts = [authority] if lower == b"host" else _cut(value, by_part.get(("header", index), ()), move)
        if lower == b"cookie" and cookies:
            # HTTP/2 may send cookies in pieces; HTTP/1.1 has one line for them (RFC 9113, 8.2.3).
            head[cookies:cookies] = [b"; ", *parts]
            cookies += len(parts) + 1
            continue
        head += [name + b": ", *parts]
        cookies = len(head) if lower == b"cookie" else cookies
        head.append(b"\r\n")
    body_spans = by_part.get(("body", -1), ())
    decoded = lens.decoded_body(request.headers, request.body)
    # Undone only where holes need it, and redone only what was undone: an unknown encoding is sent as it is.
    encoding = _encoding(request.headers) if body_spans and decoded != request.body else ""
    packed = bool(_encoding(request.headers)) and not body_spans
    body = [request.body] if packed else _cut(decoded, body_spans, move)
    counted = bool(request.body) or header_value(request.headers, b"content-length") is not None
    return Template(head=_merge(head), body=_merge(body), counted=counted, encoding=encoding)


def _nominated(headers: HeaderPairs) -> frozenset[bytes]:
    """The names that Connection says belong to one hop."""
    values = b",".join(value for name, value in headers if name.lower() == b"connection")
    return frozenset(name.strip().lower() for name in values.split(b","))


def _origin_form(target: bytes) -> bytes:
    """An absolute-form target (sent to a proxy) as the path that the origin itself is sent."""
    if target.startswith(b"/") or b"://" not in target:
        return target
    rest = target.partition(b"://")[2]
    start = next((at for at, byte in enumerate(rest) if byte in b"/?"), len(rest))
    return rest[start:] if rest[start : start + 1] == b"/" else b"/" + rest[start:]


def _encoding(headers: HeaderPairs) -> str:
    return (header_value(headers, b"content-encoding") or b"").decode("latin-1")


def _cut(data: bytes, spans: Iterable[Span], literal: Callable[[bytes], bytes], shift: int = 0) -> list[Part]:
    parts: list[Part] = []
    position = 0
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        start, end = span.start - shift, span.end - shift
        if start < position:
            continue  # inside a hole already cut: the outer one wins
        parts += [literal(data[position:start]), span.hole]
        position = end
    parts.append(literal(data[position:]))
    return parts


def _merge(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Join neighbouring bytes, drop empty ones."""
    merged: list[Part] = []
    for part in parts:
        if isinstance(part, bytes) and merged and isinstance(merged[-1], bytes):
            merged[-1] += part
        elif part != b"":
            merged.append(part)
    return tuple(merged)
