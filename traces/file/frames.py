"""A trace on disk is a magic and a row of frames; this file knows the frames' outside (docs/trace-format.md).

Rule 1: a frame is judged by its own bytes alone, so one bad frame never spoils its neighbours.
Rule 2: no length read from a file is believed before its checksum, nor above MAX_RAW.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Final

import zstandard

#: As PNG's: a byte that is not text, a name, and line ends that a text-mode copy would mangle.
MAGIC: Final = b"\x89RPRS\r\n\x1a"
MARKER: Final = b"\xf5RPf"

HEADER: Final = 1
EXCHANGES: Final = 2
END: Final = 3
INDEX: Final = 4

#: A block never unpacks to more than this, whatever it claims.
MAX_RAW: Final = 64 * 1024 * 1024

# marker, kind, codec, flags, stored bytes, raw bytes, records, sequence, first and last instant, payload CRC; then the
# CRC of these 44 bytes.
_FIELDS: Final = struct.Struct("<4sBBHIIIIqqI")
_CRC: Final = struct.Struct("<I")
SIZE: Final = _FIELDS.size + _CRC.size

# The last bytes of a whole file: where its END frame begins, so that a reader need not walk there.
_TRAILER: Final = struct.Struct("<Q8s")
_TRAILER_MAGIC: Final = b"RPRS\r\nE\x1a"
TRAILER_SIZE: Final = _TRAILER.size

_ZSTD: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A frame's head. `first` and `last` are the instants (ns) of its earliest and latest record; both 0 when none."""

    kind: int
    stored: int
    raw: int
    records: int
    sequence: int
    first: int
    last: int
    checksum: int


def pack(
    kind: int,
    raw: bytes | memoryview,
    *,
    records: int,
    sequence: int,
    first: int,
    last: int,
    compressor: zstandard.ZstdCompressor,
) -> bytes:
    """Return one whole frame, head and compressed payload. Raises ValueError above MAX_RAW."""
    if len(raw) > MAX_RAW:
        raise ValueError(f"a block of {len(raw)} bytes is above the limit of {MAX_RAW}")
    payload = compressor.compress(raw)
    head = _FIELDS.pack(
        MARKER, kind, _ZSTD, 0, len(payload), len(raw), records, sequence, first, last, zlib.crc32(payload)
    )
    return head + _CRC.pack(zlib.crc32(head)) + payload


def parse(head: bytes) -> Frame | None:
    """The frame head in exactly `SIZE` bytes, or None when they are not one."""
    if len(head) != SIZE or head[:4] != MARKER or _CRC.unpack_from(head, _FIELDS.size)[0] != zlib.crc32(head[:-4]):
        return None
    _, kind, codec, _, stored, raw, records, sequence, first, last, checksum = _FIELDS.unpack_from(head)
    if codec != _ZSTD or raw > MAX_RAW or stored > MAX_RAW:
        return None
    return Frame(
        kind=kind,
        stored=stored,
        raw=raw,
        records=records,
        sequence=sequence,
        first=first,
        last=last,
        checksum=checksum,
    )


def unpack(frame: Frame, payload: bytes, decompressor: zstandard.ZstdDecompressor) -> bytes:
    """The frame's raw bytes. Raises ValueError with the reason when the payload is not what the head says."""
    if len(payload) != frame.stored:
        raise ValueError(f"cut off after {len(payload)} of {frame.stored} bytes")
    if zlib.crc32(payload) != frame.checksum:
        raise ValueError("checksum differs")
    # zstandard trusts the size inside the payload over any limit given: checked first, a bomb stays shut.
    try:
        if zstandard.frame_content_size(payload) != frame.raw:
            raise ValueError("its two sizes differ")
        return decompressor.decompress(payload, max_output_size=max(frame.raw, 1))
    except zstandard.ZstdError as error:
        raise ValueError(f"does not decompress ({error})") from None


def pack_trailer(end: int) -> bytes:
    """The trailer of a file whose END frame begins at byte `end`."""
    return _TRAILER.pack(end, _TRAILER_MAGIC)


def parse_trailer(data: bytes) -> int:
    """Where the END frame begins. Raises ValueError when `data` is no trailer."""
    if len(data) != TRAILER_SIZE or data[8:] != _TRAILER_MAGIC:
        raise ValueError("no trailer")
    end: int = _TRAILER.unpack(data)[0]
    return end
