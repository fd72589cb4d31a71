"""The bytes of a trace on disk: written in checked blocks, read back whatever happened to them."""

from traces.file.errors import CorruptBlock, NotATrace, TraceError, UnsupportedVersion
from traces.file.reader import Loss, TraceReader
from traces.file.spool import Spool
from traces.file.writer import TraceWriter

__all__ = [
    "CorruptBlock",
    "Loss",
    "NotATrace",
    "Spool",
    "TraceError",
    "TraceReader",
    "TraceWriter",
    "UnsupportedVersion",
]
