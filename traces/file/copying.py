"""Traces made from traces: repaired, cut, merged. Each streams: whatever the size, memory is one block a source.

Rule 1: what a copy keeps of an exchange is all of it, fields of later versions among it.
Rule 2: a copy says where it came from: its own id, and its source's as `parent`.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from traces.file.errors import TraceError
from traces.file.reader import TraceReader
from traces.file.writer import TraceWriter
from traces.model import Clock, Event, Exchange, Header

Progress = Callable[[int], None]


class CannotMerge(TraceError):
    """Traces that do not belong in one: a recording and a run, or runs of different recordings."""


def repair(source: TraceReader, out: Path, progress: Progress = lambda _count: None) -> int:
    """Write every whole exchange of `source` into a whole trace; returns how many. `source.losses` has the rest.

    The copy keeps the id: it is the same trace, as far as it could be saved.
    """
    return _write(out, source.header, source, source, progress)


def keep(
    source: TraceReader, out: Path, exchanges: Iterable[Exchange], how: str, progress: Progress = lambda _count: None
) -> int:
    """Write some exchanges of `source` into a trace of their own; returns how many.

    how: says which, for the header and for the new id: the same cut of the same trace is the same trace.
    """
    header = replace(
        source.header,
        id=_derived(source.header.id, how),
        parent=source.header.parent if source.header.kind == "replay" else source.header.id,
        config={**source.header.config, "cut": how},
    )
    return _write(out, header, exchanges, source, progress)


def merge(sources: Sequence[TraceReader], out: Path, progress: Progress = lambda _count: None) -> int:
    """Write several traces into one, ordered by when each exchange ended; returns how many exchanges.

    Instants are moved to the earliest epoch, ids are given anew (`extra["was"]` = [trace id, id]), and connections and
    recorded sessions keep apart what came from different traces. Raises CannotMerge.
    """
    headers = [source.header for source in sources]
    if len({(h.kind, h.parent if h.kind == "replay" else None) for h in headers}) != 1:
        raise CannotMerge("only recordings, or runs of one recording, can be merged; compare the others instead.")
    epoch = min(h.epoch_ns for h in headers)
    first = headers[0]
    header = replace(
        first,
        id=_derived(*(h.id for h in headers)),
        epoch_ns=epoch,
        parent=first.parent if first.kind == "replay" else None,
        config={**first.config, "merged": [h.id for h in headers]},
    )
    streams = [_moved(source, number, epoch) for number, source in enumerate(sources)]
    # Each trace is written in the order its exchanges ended, so one exchange of each is all that need be held.
    ordered = heapq.merge(*streams, key=lambda exchange: exchange.end)
    return _write(out, header, (replace(e, id=n) for n, e in enumerate(ordered)), None, progress)


def open_all(paths: Iterable[Path], stack: ExitStack) -> list[TraceReader]:
    """Open several traces; they are closed with the stack."""
    return [stack.enter_context(TraceReader(path)) for path in paths]


def _write(
    out: Path, header: Header, exchanges: Iterable[Exchange], source: TraceReader | None, progress: Progress
) -> int:
    with TraceWriter(out, header) as writer:
        for exchange in exchanges:
            writer.append(exchange)
            progress(writer.exchanges)
        if source is not None:
            writer.summary = dict(source.summary)
        return writer.exchanges


def _moved(source: TraceReader, number: int, epoch: int) -> Iterator[Exchange]:
    header = source.header
    by = header.epoch_ns - epoch
    for exchange in source:
        yield replace(
            exchange,
            clock=_shifted(exchange.clock, by),
            events=tuple(
                Event(at=e.at + by, data=e.data, kind=e.kind, from_client=e.from_client) for e in exchange.events
            ),
            origin=None if exchange.origin is None else replace(exchange.origin, due=exchange.origin.due + by),
            connection=f"{number}:{exchange.connection}" if exchange.connection else "",
            session=exchange.session
            if exchange.session is None or header.kind == "replay"
            else f"{number}:{exchange.session}",
            extra={**exchange.extra, "was": [header.id, exchange.id]},
        )


def _shifted(clock: Clock, by: int) -> Clock:
    def at(instant: int | None) -> int | None:
        return None if instant is None else instant + by

    return Clock(
        received=clock.received + by,
        sent=at(clock.sent),
        connect_start=at(clock.connect_start),
        connected=at(clock.connected),
        tls_done=at(clock.tls_done),
        first_byte=at(clock.first_byte),
        last_byte=at(clock.last_byte),
    )


def _derived(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
