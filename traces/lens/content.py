"""Content-encodings undone and redone, within bounds: a small body must not become a large one unseen."""

from __future__ import annotations

import gzip
import zlib
from typing import Final

import brotli
import zstandard

#: A body that unpacks to more than this is left as it is.
MAX_DECODED: Final = 32 * 1024 * 1024


class NotDecodable(ValueError):
    """The encoding is unknown, the bytes are not of it, or they unpack to more than `MAX_DECODED`."""


def decode(body: bytes, encoding: str) -> bytes:
    """Undo `encoding` ("" and "identity" are the body itself; a comma list is undone from its end)."""
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        body = _decode_one(body, name)
    return body


def encode(body: bytes, encoding: str) -> bytes:
    """Redo `encoding`; raises NotDecodable when it is unknown."""
    for name in [part.strip().lower() for part in encoding.split(",")]:
        if name in {"gzip", "x-gzip"}:
            body = gzip.compress(body, mtime=0)
        elif name == "deflate":
            body = zlib.compress(body)
        elif name == "br":
            body = brotli.compress(body, quality=5)
        elif name == "zstd":
            body = zstandard.ZstdCompressor().compress(body)
        elif name not in {"", "identity"}:
            raise NotDecodable(f"unknown content-encoding {name!r}")
    return body


def _decode_one(body: bytes, name: str) -> bytes:
    if name in {"", "identity"}:
        return body
    try:
        if name in {"gzip", "x-gzip"}:
            return _bounded(zlib.decompressobj(wbits=31), body)
        if name == "deflate":
            # Half the servers send raw deflate, as the name says; the standard wants a zlib wrapper.
            try:
                return _bounded(zlib.decompressobj(), body)
            except zlib.error:
                return _bounded(zlib.decompressobj(wbits=-15), body)
        if name == "br":
            return _brotli(body)
        if name == "zstd":
            with zstandard.ZstdDecompressor().stream_reader(body) as stream:
                out = stream.read(MAX_DECODED + 1)
            if len(out) > MAX_DECODED:
                raise NotDecodable("unpacks to too much")
            return out
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise NotDecodable(f"not {name}: {error}") from None
    raise NotDecodable(f"unknown content-encoding {name!r}")


def _bounded(stream: zlib._Decompress, body: bytes) -> bytes:
    out = stream.decompress(body, MAX_DECODED)
    if stream.unconsumed_tail:
        raise NotDecodable("unpacks to too much")
    return out


def _brotli(body: bytes) -> bytes:
    stream, out, size = brotli.Decompressor(), [], 0
    # A piece of 256 bytes bounds what one step can unpack to before the sum is looked at.
    for start in range(0, len(body), 256):
        piece = stream.process(body[start : start + 256])
        size += len(piece)
        if size > MAX_DECODED:
            raise NotDecodable("unpacks to too much")
        out.append(piece)
    return b"".join(out)
