"""`replay cut`: a part of a trace as a trace of its own."""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replay.cli import exits
from replay.cli.files import IN, OUT, check_out
from replay.cli.progress import Line
from replay.cli.units import Duration, Offset, Percent

if TYPE_CHECKING:
    from traces.file import Selection, TraceReader
    from traces.model import Exchange


@click.command(epilog="Example: replay cut staging.trace evening.trace --from 10min --to 15min --sample 10%")
@click.argument("trace", type=IN)
@click.argument("out", type=OUT)
@click.option("--from", "since", type=Offset(), help="Only what arrived this long after the trace's start, or later.")
@click.option("--to", "until", type=Duration(), help="Only what arrived before this long after the trace's start.")
@click.option("--session", "sessions", multiple=True, metavar="ID", help="Only this session; may be repeated.")
@click.option("--endpoint", "endpoints", multiple=True, metavar="GLOB", help="Only endpoints like `POST */confirm`.")
@click.option("--sample", type=Percent(), help="Only this share of the sessions, whole ones.")
def command(
    trace: Path,
    out: Path,
    since: float | None,
    until: float | None,
    sessions: tuple[str, ...],
    endpoints: tuple[str, ...],
    sample: float | None,
) -> int:
    """Write a part of a trace: by time, session, endpoint, or a sample of its sessions.

    A part by time alone is found by the index and reads nothing else. A session is kept whole only when it is asked for
    by name or sampled.
    """
    from traces.file import Selection, TraceReader, copying

    check_out(out, [trace])
    line = Line()
    span = Selection(
        since=None if since is None else int(since * 1e9), until=None if until is None else int(until * 1e9)
    )
    how = _described(since, until, sessions, endpoints, sample)
    with TraceReader(trace) as reader:
        if sessions or endpoints or sample is not None:
            chosen = _chosen(_labelled(reader, span), frozenset(sessions), endpoints, sample, reader.header.id)
        else:
            chosen = reader.select(span)
        count = copying.keep(reader, out, chosen, how, lambda done: line.show(f"{done} exchanges kept"))
        line.close()
        for loss in reader.losses:
            click.echo(f"replay: {trace}: {loss}", err=True)
    click.echo(f"{count} exchanges in {out}")
    return exits.PASS


def _labelled(reader: TraceReader, span: Selection) -> Iterable[Exchange]:
    """A run says its labels; a recording is analysed for them, whole sessions first and the time after."""
    if reader.header.kind == "replay":
        return reader.select(span)
    from traces.analysis import analyse, labelled
    from traces.file import Store

    return (exchange for exchange in labelled(analyse(Store(reader.path))) if span.wants(exchange))


def _chosen(
    exchanges: Iterable[Exchange],
    sessions: frozenset[str],
    endpoints: tuple[str, ...],
    sample: float | None,
    salt: str,
) -> Iterator[Exchange]:
    for exchange in exchanges:
        session, endpoint = exchange.session or "", exchange.endpoint or ""
        if sessions and session not in sessions:
            continue
        if endpoints and not any(fnmatch.fnmatchcase(endpoint, pattern) for pattern in endpoints):
            continue
        if sample is None or _share(session, salt) < sample:
            yield exchange


def _share(session: str, salt: str) -> float:
    """Where a session falls in 0..1, the same each time: half a sample is part of the whole one."""
    digest = hashlib.blake2b(f"{salt}\0{session}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def _described(
    since: float | None,
    until: float | None,
    sessions: tuple[str, ...],
    endpoints: tuple[str, ...],
    sample: float | None,
) -> str:
    parts = [
        f"from {since:g} s" if since is not None else "",
        f"to {until:g} s" if until is not None else "",
        f"sessions {', '.join(sessions)}" if sessions else "",
        f"endpoints {', '.join(endpoints)}" if endpoints else "",
        f"sample {sample:.4%}" if sample is not None else "",
    ]
    return "; ".join(part for part in parts if part) or "all"
