"""Content-encodings undone and redone, within bounds: a small body must not become a large one unseen."""

from __future__ import annotations

import gzip
import zlib
from typing import Final, Protocol

import brotli
import zstandard

#: A body that unpacks to more than this is left as it is.
MAX_DECODED: Final = 32 * 1024 * 1024
#: Nobody encodes a body more often than twice; a header may name a thousand codings.
_MAX_CODINGS: Final = 4
#: What browsers allow (RFC 9659): a frame may ask for a window of gigabytes.
_ZSTD_WINDOW: Final = 8 * 1024 * 1024
_GZIP_MAGIC: Final = b"\x1f\x8b"


class NotDecodable(ValueError):
    """The encoding is unknown, the bytes are not whole or not of it, or they unpack to more than `MAX_DECODED`."""


def decode(body: bytes, encoding: str) -> bytes:
    """Undo `encoding` ("" and "identity" are the body itself; a comma list is undone from its end)."""
    names = _names(encoding)
    if len(names) > _MAX_CODINGS:
        raise NotDecodable(f"{len(names)} content-encodings")
    for name in reversed(names):
        try:
            body = _DECODERS[name](body)
        except KeyError:
            raise NotDecodable(f"unknown content-encoding {name!r}") from None
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise NotDecodable(f"not {name}: {error}") from None
    return body


def encode(body: bytes, encoding: str) -> bytes:
    """Redo `encoding`; raises NotDecodable when it is unknown."""
    for name in _names(encoding):
        if name in {"gzip", "x-gzip"}:
            body = gzip.compress(body, mtime=0)
        elif name == "deflate":
            body = zlib.compress(body)
        elif name == "br":
            body = brotli.compress(body, quality=5)
        elif name == "zstd":
            body = zstandard.ZstdCompressor().compress(body)
        else:
            raise NotDecodable(f"unknown content-encoding {name!r}")
    return body


def _names(encoding: str) -> list[str]:
    names = [part.strip().lower() for part in encoding.split(",")]
    return [name for name in names if name not in {"", "identity"}]


class _Inflater(Protocol):
    """What of zlib's decompression object is used here; its own type cannot be named at run time."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def _gzip(body: bytes) -> bytes:
    stream: _Inflater = zlib.decompressobj(wbits=31)
    out = _inflate(stream, body, MAX_DECODED)
    # A gzip body may be several, one after another (RFC 1952, 2.2); padding after the last is passed over.
    while stream.unused_data.startswith(_GZIP_MAGIC):
        rest, stream = stream.unused_data, zlib.decompressobj(wbits=31)
        out += _inflate(stream, rest, MAX_DECODED - len(out))
    return out


def _deflate(body: bytes) -> bytes:
    # Half the servers send raw deflate, as the name says; the standard wants a zlib wrapper.
    try:
        return _inflate(zlib.decompressobj(), body, MAX_DECODED)
    except zlib.error:
        return _inflate(zlib.decompressobj(wbits=-15), body, MAX_DECODED)


def _inflate(stream: _Inflater, body: bytes, limit: int) -> bytes:
    # One byte more than allowed, for a limit of 0 would mean none.
    out = stream.decompress(body, limit + 1)
    if len(out) > limit:
        raise NotDecodable("unpacks to too much")
    if not stream.eof:
        raise NotDecodable("cut short")
    return out


def _brotli(body: bytes) -> bytes:
    # One command copies up to 16 MB and takes over 3 bytes to say so (RFC 7932, 5): a piece of 16 bytes unpacks to
    # 80 MB at the very worst before the sum is looked at. Smaller pieces cost honest bodies more than they bound.
    stream, out, size = brotli.Decompressor(), [], 0
    for start in range(0, len(body), 16):
        piece = stream.process(body[start : start + 16])
        size += len(piece)
        if size > MAX_DECODED:
            raise NotDecodable("unpacks to too much")
        out.append(piece)
    if not stream.is_finished():
        raise NotDecodable("cut short")
    return b"".join(out)


def _zstd(body: bytes) -> bytes:
    # A block of 4 bytes can stand for 128 KiB of one byte (RFC 8878, 3.1.1.2): 1 KiB unpacks to 32 MiB at most. Frames
    # may follow one another.
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    out, size, at = [], 0, 0
    while at < len(body):
        stream = decompressor.decompressobj()
        while not stream.eof:
            if at >= len(body):
                raise NotDecodable("cut short")
            piece = stream.decompress(body[at : at + 1024])
            at += 1024
            size += len(piece)
            if size > MAX_DECODED:
                raise NotDecodable("unpacks to too much")
            out.append(piece)
        at = min(at, len(body)) - len(stream.unused_data)
    return b"".join(out)


_DECODERS: Final = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd}
