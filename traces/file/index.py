"""Where in a trace what is: one entry a block, gathered into INDEX frames as the trace is written.

A trace of any size is found one's way about in with the memory of one INDEX frame; where a trace lost its footer the
entries are rebuilt from the frames' heads, which tell place and time but not who is in a block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgpack

from traces.model import Exchange

#: Blocks in one INDEX frame.
BLOCKS: Final = 512
#: A block that holds more different sessions (or endpoints) than this says none, and is read whenever one is asked for.
_NAMES: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One EXCHANGES frame.

    offset:  bytes from the start of the file to its head.
    records: exchanges in it; first, last: its earliest and latest instant, ns.
    sessions, endpoints: the labels of the exchanges in it; None when they are not known.
    """

    offset: int
    records: int
    first: int
    last: int
    sessions: frozenset[str] | None = None
    endpoints: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which exchanges are wanted; None leaves a side open.

    since, until: ns after the epoch, of `clock.received`; `until` is not included.
    sessions, endpoints: labels; an exchange without a label is not among them.
    """

    since: int | None = None
    until: int | None = None
    sessions: frozenset[str] | None = None
    endpoints: frozenset[str] | None = None

    def may_hold(self, block: Block) -> bool:
        """Could this block hold a wanted exchange?"""
        return not (
            (self.since is not None and block.last < self.since)
            or (self.until is not None and block.first >= self.until)
            or _apart(self.sessions, block.sessions)
            or _apart(self.endpoints, block.endpoints)
        )

    def wants(self, exchange: Exchange) -> bool:
        """Is this exchange wanted?"""
        received = exchange.clock.received
        return not (
            (self.since is not None and received < self.since)
            or (self.until is not None and received >= self.until)
            or (self.sessions is not None and exchange.session not in self.sessions)
            or (self.endpoints is not None and exchange.endpoint not in self.endpoints)
        )


def _apart(wanted: frozenset[str] | None, there: frozenset[str] | None) -> bool:
    return wanted is not None and there is not None and wanted.isdisjoint(there)


class Labels:
    """The labels of the block being written; more than `_NAMES` of them, or an exchange without one, is "not known"."""

    def __init__(self) -> None:
        self._names: set[str] | None = set()

    def add(self, name: str | None) -> None:
        """Count one exchange's label in."""
        if self._names is not None:
            if name is None or len(self._names) >= _NAMES:
                self._names = None
            else:
                self._names.add(name)

    def take(self) -> frozenset[str] | None:
        """The labels so far; the next block starts empty."""
        names, self._names = self._names, set()
        return None if names is None else frozenset(names)


def pack(blocks: Iterable[Block]) -> bytes:
    """The payload of an INDEX frame: names once, blocks by their numbers."""
    tables: dict[str, dict[str, int]] = {"sessions": {}, "endpoints": {}}

    def numbers(kind: str, names: frozenset[str] | None) -> list[int] | None:
        table = tables[kind]
        return None if names is None else [table.setdefault(name, len(table)) for name in sorted(names)]

    rows = [
        (b.offset, b.records, b.first, b.last, numbers("sessions", b.sessions), numbers("endpoints", b.endpoints))
        for b in blocks
    ]
    packed: bytes = msgpack.packb({"blocks": rows, **{kind: list(table) for kind, table in tables.items()}})
    return packed


def unpack(raw: bytes) -> Iterator[Block]:
    """The blocks in an INDEX frame's payload. Raises ValueError when it is not one."""
    try:
        fields: dict[str, Any] = msgpack.unpackb(raw)
        sessions, endpoints = fields["sessions"], fields["endpoints"]
        blocks = [
            Block(
                offset=offset,
                records=records,
                first=first,
                last=last,
                sessions=_named(sessions, own_sessions),
                endpoints=_named(endpoints, own_endpoints),
            )
            for offset, records, first, last, own_sessions, own_endpoints in fields["blocks"]
        ]
    except (ValueError, TypeError, KeyError, IndexError, msgpack.UnpackException) as error:
        raise ValueError(f"not an index ({error})") from None
    yield from blocks


def _named(table: list[str], numbers: list[int] | None) -> frozenset[str] | None:
    return None if numbers is None else frozenset(table[n] for n in numbers)
