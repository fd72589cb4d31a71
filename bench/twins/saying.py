"""A request as the pieces it is made of, and the stretches of it that have a name and an origin.

Rule 1: slots are named as traces.lens names them (`path[3]`, `query.page`, `auth.bearer`, `body.$.items[0].id`); what
        stands in a document inside a value adds `|codec`: `body.$.payload|json.$.cart`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import quote, quote_plus

from bench.twins.text import Bit, Origin, Source, Text, json_bits, text
from traces.model import Request

Coding = Literal["raw", "percent", "plus", "json"]
Value = Text | str | int

#: What stands between the fields of every multipart body: browsers draw one anew, which binds nothing.
BOUNDARY: Final = "----WebKitFormBoundaryq7Zk2VxPpLr9"


class Piece(NamedTuple):
    """A run of bytes of one origin; `text` is what they stand for, `slot` where ("" for punctuation)."""

    wire: bytes
    text: str
    origin: Origin
    slot: str = ""
    coding: Coding = "raw"
    sources: tuple[Source, ...] = ()


class Stretch(NamedTuple):
    """A piece in its place: `part` is "target", "header" (then the header's index) or "body"; the span is in bytes."""

    part: str
    header: int
    start: int
    end: int
    piece: Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One request, whole."""

    method: str
    target: tuple[Piece, ...]
    headers: tuple[tuple[str, tuple[Piece, ...]], ...]
    body: tuple[Piece, ...] = ()

    def request(self, host: str) -> Request:
        """As it goes over the wire to `host`."""
        body = _bytes(self.body)
        length = ((b"content-length", b"%d" % len(body)),) if self.body else ()
        return Request(
            method=self.method.encode(),
            scheme=b"https",
            authority=host.encode(),
            target=_bytes(self.target),
            headers=(
                (b"host", host.encode()),
                *((name.encode(), _bytes(pieces)) for name, pieces in self.headers),
                *length,
            ),
            body=body,
        )

    def stretches(self) -> Iterator[Stretch]:
        """Everything that is not punctuation; `header` counts in the headers of `request`."""
        yield from _placed("target", -1, self.target)
        for index, (_, pieces) in enumerate(self.headers):
            yield from _placed("header", index + 1, pieces)
        yield from _placed("body", -1, self.body)

    @property
    def label(self) -> str:
        """Method and path with whatever is not the API's word left open: `GET /v1/orders/{}`."""
        path = "".join(
            _words(piece.text)
            if piece.slot == "target"
            else "{}"
            if piece.origin not in {Origin.SHARED, Origin.FRAME}
            else piece.text
            for piece in self.target
            if not piece.slot.startswith("query.")
        )
        return f"{self.method} {path.partition('?')[0]}"


def _words(url: str) -> str:
    """Of an address that an answer gave, the segments that are words."""
    path = url.partition("?")[0]
    return "/".join("{}" if any(c.isdigit() for c in segment) else segment for segment in path.split("/"))


def _placed(part: str, header: int, pieces: Iterable[Piece]) -> Iterator[Stretch]:
    at = 0
    for piece in pieces:
        if piece.slot:
            yield Stretch(part, header, at, at + len(piece.wire), piece)
        at += len(piece.wire)


def path_target(path: Text | str, query: Mapping[str, Value] | None) -> tuple[Piece, ...]:
    """A target from its path, whose plain parts name the segments, and its query."""
    pieces, segment = [], 0
    for bit in text(path).bits:
        # Slashes divide segments only where the client wrote them: in a value they would be escaped.
        runs = bit.text.split("/") if bit.origin is Origin.SHARED else [bit.text]
        for n, run in enumerate(runs):
            if n:
                segment += 1
                pieces.append(_frame("/"))
            pieces.append(_piece(bit._replace(text=run), f"path[{segment}]", "percent"))
    if query:
        pieces.append(_frame("?"))
        pieces += _pairs(query, "query")
    return _tidy(pieces)


def whole_target(url: Text) -> tuple[Piece, ...]:
    """A target that an answer gave as a whole."""
    return _tidy(_piece(bit, "target") for bit in url.bits)


def header(name: str, value: Text, slot: str = "") -> tuple[str, tuple[Piece, ...]]:
    """A header whose whole value stands at one slot."""
    return name, _tidy(_piece(bit, slot or f"header.{name.lower()}") for bit in value.bits)


def authorization(scheme: str, value: Text) -> tuple[str, tuple[Piece, ...]]:
    """`Authorization: Bearer ...`."""
    pieces = (_piece(bit, f"auth.{scheme.lower()}") for bit in value.bits)
    return "authorization", _tidy([_frame(f"{scheme} "), *pieces])


def cookie(values: Mapping[str, Text]) -> tuple[str, tuple[Piece, ...]]:
    """`Cookie: a=1; b=2`."""
    pieces = []
    for n, (name, value) in enumerate(values.items()):
        pieces.append(_frame(f"{'; ' if n else ''}{name}="))
        pieces += [_piece(bit, f"cookie.{name}") for bit in value.bits]
    return "cookie", _tidy(pieces)


def json_body(value: Any) -> tuple[Piece, ...]:
    """A JSON document, compact."""
    return _tidy(
        _frame(written)
        if not path
        else Piece(written.encode(), bit.text, bit.origin, f"body.{path}{bit.within}", "json", bit.sources)
        for written, bit, path in json_bits(value)
    )


def form_body(values: Mapping[str, Value]) -> tuple[Piece, ...]:
    """`a=1&b=2`."""
    return _tidy(_pairs(values, "form"))


def multipart_body(values: Mapping[str, Value]) -> tuple[Piece, ...]:
    """The fields of a multipart/form-data body (RFC 7578)."""
    pieces = []
    for name, value in values.items():
        pieces.append(_frame(f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n'))
        pieces += [_piece(bit, f"multipart.{name}") for bit in text(value).bits]
        pieces.append(_frame("\r\n"))
    return _tidy([*pieces, _frame(f"--{BOUNDARY}--\r\n")])


def _pairs(values: Mapping[str, Value], label: str) -> Iterator[Piece]:
    for n, (name, value) in enumerate(values.items()):
        yield _frame(f"{'&' if n else ''}{quote_plus(name)}=")
        for bit in text(value).bits:
            yield _piece(bit, f"{label}.{name}", "plus")


def _piece(bit: Bit, slot: str, coding: Coding = "raw") -> Piece:
    written = bit.text
    if coding == "percent":
        written = quote(written, safe="-._~!$&'()*+,;=:@")
    elif coding == "plus":
        written = quote_plus(written, safe="-._~*")
    return Piece(written.encode(), bit.text, bit.origin, slot + bit.within, coding, bit.sources)


def _frame(written: str) -> Piece:
    return Piece(written.encode(), written, Origin.FRAME)


def _tidy(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Punctuation joined, what is empty left out."""
    tidy: list[Piece] = []
    for piece in pieces:
        if not piece.wire:
            continue
        # Nested documents have punctuation of their own, whatever slot they stand in.
        bare = piece._replace(slot="") if piece.origin is Origin.FRAME else piece
        if tidy and tidy[-1].origin is bare.origin is Origin.FRAME:
            tidy[-1] = _frame(tidy[-1].text + bare.text)._replace(wire=tidy[-1].wire + bare.wire)
        else:
            tidy.append(bare)
    return tuple(tidy)


def _bytes(pieces: Iterable[Piece]) -> bytes:
    return b"".join(piece.wire for piece in pieces)
