"""Everything that can go wrong with a trace file.

* TraceError
  x NotATrace            the file does not start with our magic, or is empty
  x UnsupportedVersion   written by a newer major version
  x CorruptBlock         a block's checksum, frame or content is wrong
"""

from __future__ import annotations


class TraceError(Exception):
    """A file that cannot be used as a trace; its text is a sentence for a person."""


class NotATrace(TraceError):
    """The file is empty or something else."""


class UnsupportedVersion(TraceError):
    """The file was written by a newer major version of the format."""


class CorruptBlock(TraceError):
    """A block that cannot be decoded.

    index:  0-based position of the block in the trace.
    offset: bytes from the start of the file to the block's frame.
    """

    def __init__(self, why: str, *, index: int, offset: int) -> None:
        super().__init__(f"block {index} at byte {offset}: {why}")
        self.why = why
        self.index = index
        self.offset = offset
