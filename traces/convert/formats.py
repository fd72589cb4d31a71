"""Which formats there are beside ours, how each is told by its first bytes or its name, and who reads and writes it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from traces.model import Exchange

Read = Callable[[Path], tuple[int, Iterator[Exchange]]]
#: Bytes that tell a format.
SNIFF: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A foreign format.

    suffixes: how names of such files end.
    loses:    what of an exchange it cannot hold, in words; empty when nothing.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: str
    writer: str
    loses: str

    def read(self, path: Path) -> tuple[int, Iterator[Exchange]]:
        """The epoch (ns since 1970) and the exchanges; raises ValueError with a sentence, also while iterating."""
        read: Read = importlib.import_module(self.reader).read
        return read(path)

    def write(self, exchanges: Iterable[Exchange], path: Path, *, epoch_ns: int) -> int:
        """Write and return how many; raises ValueError with a sentence for what the format cannot hold at all."""
        count: int = importlib.import_module(self.writer).write(exchanges, path, epoch_ns=epoch_ns)
        return count


FORMATS: Final = {
    "har": Format(
        name="HAR",
        suffixes=(".har", ".json"),
        reader="traces.convert.har",
        writer="traces.convert.har_write",
        loses="",
    ),
    "gor": Format(
        name="GoReplay file",
        suffixes=(".gor", ".gor.gz"),
        reader="traces.convert.goreplay",
        writer="traces.convert.goreplay",
        loses="TLS and connect instants, HTTP/2, events, errors, sessions, endpoints",
    ),
    "mitm": Format(
        name="mitmproxy dump",
        suffixes=(".mitm", ".flow", ".flows", ".dump"),
        reader="traces.convert.mitmproxy_dump",
        writer="traces.convert.mitmproxy_write",
        loses="the instant a request was sent, stream pieces, flags, sessions, endpoints",
    ),
}


def sniff(head: bytes) -> str | None:
    """The format whose file begins with these bytes, or None."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"{", b"PK")):
        return "har"
    if head.startswith(b"\x1f\x8b") or (head[:2] in {b"1 ", b"2 ", b"3 "} and b"\n" in head[:200]):
        return "gor"
    length, colon, _ = head[:12].partition(b":")
    return "mitm" if colon and length.isdigit() else None


def of_name(path: Path) -> str | None:
    """The format that a file of this name is to have; None for a trace."""
    name = path.name.lower()
    return next((key for key, kind in FORMATS.items() if name.endswith(kind.suffixes)), None)
