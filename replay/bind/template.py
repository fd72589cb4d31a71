"""A request compiled to bytes with holes: what never changes is laid out once, and sending fills the rest in.

Rule 1: a byte that no hole replaces is the recorded byte, except what must follow the target (Host, Origin, own URLs),
        hop-by-hop headers, and Content-Length, which is counted anew.
Rule 2: cookies are the clone's own: what the target set, and what the client made itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from traces import lens
from traces.lens import Cut, Leaf, Stencil, cuts, stencil
from traces.model import HeaderPairs, Request, header_value

#: Headers of one hop (RFC 9110, 7.6.1), and what the sender decides itself.
_DROPPED: Final = frozenset(
    b"connection proxy-connection keep-alive te trailer transfer-encoding upgrade http2-settings expect "
    b"proxy-authorization content-length".split()
)

Part = bytes | Stencil
#: What a jar sends with a request for a target.
Cookies = Callable[[bytes], Mapping[bytes, bytes]]


def _no_cookies(_target: bytes) -> Mapping[bytes, bytes]:
    return {}


@dataclass(frozen=True, slots=True)
class CookieLine:
    """The request's Cookie header.

    pairs: name and value in recorded order; None for a cookie that the server sets, whose value only the jar knows.
           What is no pair has no name.
    """

    name: bytes
    pairs: tuple[tuple[bytes, Part | None], ...]

    def render(self, values: Sequence[str], jar: Mapping[bytes, bytes]) -> bytes:
        """The header's line, or nothing when there is no cookie to send."""
        sent: list[bytes] = []
        named = set()
        for name, part in self.pairs:
            named.add(name)
            if part is not None:
                value = part if isinstance(part, bytes) else part.render(values)
                sent.append(name + b"=" + value if name else value)
            elif name in jar:
                sent.append(name + b"=" + jar[name])
        sent += [name + b"=" + value for name, value in jar.items() if name not in named]
        return self.name + b": " + b"; ".join(sent) + b"\r\n" if sent else b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A request to be: `head`, `cookies`, `tail` (of the head) and `body`, of bytes and stencils in order.

    counted:  it says its body's length, even when that is 0.
    encoding: the content-encoding to redo when the body has holes; "" for none.
    """

    head: tuple[Part, ...]
    body: tuple[Part, ...]
    counted: bool
    encoding: str = ""
    cookies: CookieLine | None = None
    tail: tuple[Part, ...] = ()

    def render(self, values: Sequence[str], cookies: Cookies = _no_cookies) -> bytes:
        """The whole request on the wire, HTTP/1.1, with `values[n]` in hole n."""
        return self.joined(*self.parts(values, cookies))

    def joined(self, head: bytes, body: bytes) -> bytes:
        """The two of `parts` on the wire, the body counted."""
        if self.counted:
            return b"%scontent-length: %d\r\n\r\n%s" % (head, len(body), body)
        return head + b"\r\n"

    def parts(self, values: Sequence[str], cookies: Cookies = _no_cookies) -> tuple[bytes, bytes]:
        """Head, without its Content-Length and its last line, and body."""
        body = _fill(self.body, values)
        if self.encoding:
            body = lens.encode_content(body, self.encoding)
        head = _fill(self.head, values)
        if self.cookies is not None:
            head += self.cookies.render(values, cookies(head.split(b" ", 2)[1]))
        return (head + _fill(self.tail, values) if self.tail else head), body


@dataclass(frozen=True, slots=True)
class _Moved:
    """A value with holes in it that names the recorded origin around them."""

    made: Stencil
    move: Callable[[bytes], bytes]

    def render(self, values: Sequence[str]) -> bytes:
        return self.move(self.made.render(values))


def _fill(parts: tuple[Part, ...], values: Sequence[str]) -> bytes:
    return b"".join([part if type(part) is bytes else part.render(values) for part in parts])  # type: ignore[union-attr]  # a stencil then


def compile_request(
    request: Request,
    leaves: Sequence[Leaf],
    *,
    authority: bytes,
    move: Callable[[bytes], bytes],
    set_by_server: frozenset[bytes] | None = None,
) -> Template:
    """Lay a recorded request out around its holes: `leaves[n]` is hole n.

    authority: the target's host[:port], for Host.
    move: turns recorded origins inside literal bytes into the target's.
    set_by_server: names of cookies that answers set; None for a client that keeps none, whose Cookie header is sent as
                   it was.

    Raises ValueError when the body was not kept.
    """
    if request.body is None:
        raise ValueError("its body was not kept")
    by_part: dict[tuple[str, int], list[Cut]] = {}
    for cut in cuts(leaves):
        by_part.setdefault((cut.leaf.part, cut.leaf.header), []).append(cut)
    path = _origin_form(request.target)
    # Spans count in the recorded target, absolute form or not.
    shift = len(request.target) - len(path)
    head: list[Part] = [request.method, b" "]
    tail: list[Part] = []
    head += _cut(path, by_part.get(("target", -1), ()), lambda literal: literal, shift)
    head.append(b" HTTP/1.1\r\n")
    names = {name.lower() for name, _ in request.headers}
    dropped = _DROPPED | _nominated(request.headers)
    if b"host" not in names:
        head.append(b"host: " + authority + b"\r\n")
    # HTTP/2 may send cookies in pieces; HTTP/1.1 has one line for them (RFC 9113, 8.2.3).
    cookies: list[tuple[bytes, Part | None]] = []
    line = b"cookie"
    for index, (name, value) in enumerate(request.headers):
        lower = name.lower()
        if lower in dropped or lower.startswith(b":"):
            continue
        own = by_part.get(("header", index), ())
        if lower == b"cookie":
            line = name
            cookies += _cookies(value, own, set_by_server or frozenset())
            continue
        parts = [authority] if lower == b"host" else _cut(value, own, move)
        (tail if cookies else head).extend([name + b": ", *parts, b"\r\n"])
    body_cuts = by_part.get(("body", -1), ())
    decoded = lens.decoded_body(request.headers, request.body)
    # Undone only where holes need it, and redone only what was undone: an unknown encoding is sent as it is.
    encoding = _encoding(request.headers) if body_cuts and decoded != request.body else ""
    packed = bool(_encoding(request.headers)) and not body_cuts
    body: list[Part] = [request.body] if packed else _cut(decoded, body_cuts, move)
    counted = bool(request.body) or header_value(request.headers, b"content-length") is not None
    return Template(
        head=_merge(head),
        body=_merge(body),
        counted=counted,
        encoding=encoding,
        cookies=CookieLine(line, tuple(cookies)) if cookies or set_by_server is not None else None,
        tail=_merge(tail),
    )


def _cookies(header: bytes, own: Sequence[Cut], set_by_server: frozenset[bytes]) -> Iterable[tuple[bytes, Part | None]]:
    """A Cookie header's pairs; the value of one that the server sets only where it has a hole."""
    position = 0
    for pair in header.split(b";"):
        name, sign, value = pair.partition(b"=")
        start, name = position + len(name) + 1, name.strip()
        end, position = position + len(pair), position + len(pair) + 1
        inside = [cut for cut in own if start <= cut.leaf.start and cut.leaf.end <= end]
        if not pair.strip():
            continue
        if not sign or not name:
            yield b"", pair.strip()
        elif inside:
            # White space around a value is not part of it (RFC 6265, 5.2).
            yield name, stencil(inside[0], header[inside[0].leaf.start : inside[0].leaf.end])
        else:
            yield name, None if name in set_by_server else value.strip()


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


def _cut(data: bytes, inside: Iterable[Cut], literal: Callable[[bytes], bytes], shift: int = 0) -> list[Part]:
    parts: list[Part] = []
    position = 0
    for cut in inside:
        # The whole of an absolute-form target begins before its path does.
        start, end = max(cut.leaf.start - shift, 0), cut.leaf.end - shift
        made = stencil(cut, raw := data[start:end])
        parts += [
            literal(data[position:start]),
            made if literal(raw) == raw or cut.hole is not None else _Moved(made, literal),
        ]
        position = end
    parts.append(literal(data[position:]))
    return parts


def _merge(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Join neighbouring bytes, drop empty ones."""
    merged: list[Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, bytes) and isinstance(last, bytes):
            merged[-1] = last + part
        elif part != b"":
            merged.append(part)
    return tuple(merged)
