"""A trace reader written from docs/trace-format.md alone: nothing of ours, only msgpack and zstandard.

Stands for the reader someone writes in another language; prints one JSON line an exchange.
"""

import io
import json
import struct
import sys
import zlib
from collections.abc import Iterator

import msgpack
import zstandard

MAGIC = b"\x89RPRS\r\n\x1a"
HEAD = struct.Struct("<4sBBHIIIIqqII")


def frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (kind, raw payload) of every frame that checks out."""
    at = len(MAGIC)
    while at + HEAD.size <= len(data):
        fields = HEAD.unpack_from(data, at)
        marker, kind, codec, _, stored, raw_size, _, _, _, _, crc, head_crc = fields
        body = data[at + HEAD.size : at + HEAD.size + stored]
        whole = (
            marker == b"\xf5RPf"
            and codec == 1
            and head_crc == zlib.crc32(data[at : at + HEAD.size - 4])
            and len(body) == stored
            and crc == zlib.crc32(body)
        )
        if whole:
            raw = zstandard.ZstdDecompressor().decompress(body)
            if len(raw) != raw_size:
                raise SystemExit("a frame unpacks to another size than it says")
            yield kind, raw
            at += HEAD.size + stored
            if kind == 3:
                return
        else:
            at = data.find(b"\xf5RPf", at + 1)
            if at < 0:
                return


def main(path: str) -> None:
    """Print the header and every exchange of the trace at `path`."""
    with open(path, "rb") as file:  # noqa: PTH123 - the plainest Python there is
        data = file.read()
    if data[: len(MAGIC)] != MAGIC:
        raise SystemExit("not a trace")
    for kind, raw in frames(data):
        if kind == 1:
            header = msgpack.unpackb(raw)
            print(json.dumps([header["kind"], header["id"], header["epoch_ns"]]))
        elif kind == 2:
            for record in msgpack.Unpacker(io.BytesIO(raw)):
                number, request, response, clock, optional = msgpack.unpackb(record)
                status = response[0] if response else None
                body = zlib.crc32(response[4]) if response and response[4] is not None else None
                target = request[3].decode("latin-1")
                print(json.dumps([number, target, len(request[5]) // 2, status, body, clock, sorted(optional)]))


main(sys.argv[1])
