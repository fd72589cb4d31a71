"""The bytes of a trace on disk: written in checked blocks, read back whatever happened to them."""

from traces.file.errors import CorruptBlock, NotATrace, TraceError, UnsupportedVersion
from traces.file.index import Block, Selection
from traces.file.reader import TraceReader
from traces.file.spool import Spool
from traces.file.store import Store
from traces.file.walk import Loss
from traces.file.writer import TraceWriter

__all__ = [
    "Block",
    "CorruptBlock",
    "Loss",
    "NotATrace",
    "Selection",
    "Spool",
    "Store",
    "TraceError",
    "TraceReader",
    "TraceWriter",
    "UnsupportedVersion",
]
