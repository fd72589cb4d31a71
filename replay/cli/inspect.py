"""`replay inspect`: show what a trace holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from replay.cli import exits
from replay.cli.files import IN, read_openapi
from replay.cli.inspect_text import TEXTS
from replay.cli.progress import Line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from traces.analysis import Analysis
    from traces.file import Store, TraceReader
    from traces.model import Exchange
    from traces.openapi import Declared

#: Sessions of a trace up to this size are counted for its summary; a larger one is asked for them by --sessions.
_SMALL: Final = 5_000


@click.command(epilog="Example: replay inspect staging.trace --sessions")
@click.argument("trace", type=IN)
@click.option("--sessions", "view", flag_value="sessions", help="One line a session: when, why one, its steps.")
@click.option("--endpoints", "view", flag_value="endpoints", help="One line an endpoint.")
@click.option("--links", "view", flag_value="links", help="Which response value feeds which request (correlation).")
@click.option("--exchange", "number", type=int, metavar="N", help="One exchange, its bodies decoded.")
@click.option("--openapi", type=IN, metavar="FILE", help="Take path templates from this document where it has them.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def command(trace: Path, view: str | None, number: int | None, openapi: Path | None, as_json: bool) -> int:
    """Show what a trace holds; without a view, a summary.

    Summary, endpoints of a run, and one exchange take one pass and little memory whatever the trace's size; sessions
    and links of a recording are learned from all of it.
    """
    from traces.file import TraceReader

    name = "exchange" if number is not None else view or "summary"
    line = Line()
    with TraceReader(trace) as reader:
        data = _VIEWS[name](reader, read_openapi(openapi), line, number)
        line.close()
        for loss in reader.losses:
            click.echo(f"replay: {trace}: {loss}", err=True)
        if reader.torn:
            click.echo(f"replay: {trace} ends early (its writer was cut off); what is whole is shown", err=True)
    if as_json:
        import orjson

        click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo(TEXTS[name](data))
    return exits.PASS


def _counted(reader: TraceReader, line: Line) -> Iterator[Exchange]:
    for count, exchange in enumerate(reader, 1):
        line.show(f"{count} exchanges read")
        yield exchange


def _analysis(reader: TraceReader, declared: Declared | None, line: Line) -> Analysis:
    from traces.analysis import analyse

    for _ in _counted(reader, line):
        pass
    line.show("learning what flows where")
    return analyse(_stored(reader), declared)


def _stored(reader: TraceReader) -> Store:
    from traces.file import Store

    return Store(reader.path)


def _summary(reader: TraceReader, declared: Declared | None, line: Line, _number: int | None) -> dict[str, Any]:
    from traces.analysis import analyse, labelled
    from traces.overview import Totals

    totals, small = Totals(), []
    for exchange in _counted(reader, line):
        totals.add(exchange)
        if totals.exchanges <= _SMALL:
            small.append(exchange)
        else:
            small.clear()
    header = reader.header
    data: dict[str, Any] = {
        "kind": header.kind,
        "id": header.id,
        "upstream": header.upstream,
        "tools": dict(header.tools),
        "bytes": reader.path.stat().st_size,
        "exchanges": totals.exchanges,
        "seconds": round(totals.seconds, 3),
        "statuses": dict(sorted(totals.statuses.items())),
        "failed": totals.failed,
        "streams": totals.streams,
        "flags": dict(totals.flags),
    }
    if 0 < totals.exchanges <= _SMALL:
        analysis = analyse(small, declared)
        data |= {
            "sessions": len(analysis.sessions),
            "endpoints": len({e.endpoint for e in labelled(analysis)}),
            "links": len(analysis.graph.links),
            "polls": len(analysis.graph.polls),
        }
    return data


def _sessions(reader: TraceReader, declared: Declared | None, line: Line, _number: int | None) -> list[dict[str, Any]]:
    analysis = _analysis(reader, declared, line)
    return [
        {
            "id": session.id,
            "start": round(session.start / 1e9, 3),
            "why": session.why,
            "steps": [
                {
                    "exchange": e.id,
                    "endpoint": e.endpoint or analysis.endpoint(number),
                    "status": e.response.status if e.response else None,
                }
                for number, e in ((number, analysis.exchange(number)) for number in session.numbers)
            ],
        }
        for session in analysis.sessions
    ]


def _endpoints(reader: TraceReader, declared: Declared | None, line: Line, _number: int | None) -> list[dict[str, Any]]:
    from traces import overview

    if reader.header.kind == "replay" and declared is None:
        return overview.endpoints(_counted(reader, line), lambda e: e.endpoint or "(unknown)")
    from traces.analysis import labelled

    return overview.endpoints(labelled(_analysis(reader, declared, line)), lambda e: e.endpoint or "(unknown)")


def _links(reader: TraceReader, declared: Declared | None, line: Line, _number: int | None) -> dict[str, Any]:
    graph = _analysis(reader, declared, line).graph
    return {
        "links": [
            {
                "producer": str(link.producer),
                "consumer": str(link.consumer),
                "recipe": link.recipe,
                "plus": [str(slot) for slot in link.plus],
                "across": link.across,
                "sightings": link.sightings,
                "coverage": round(link.coverage, 4),
            }
            for link in graph.links
        ],
        "polls": [
            {
                "endpoint": poll.endpoint,
                "until": str(poll.condition),
                "pause_ms": round(poll.pause / 1e6, 1),
                "sightings": poll.sightings,
            }
            for poll in graph.polls
        ],
        "unfed": [
            {"slot": str(unfed.slot), "kind": unfed.kind, "name": unfed.name, "sightings": unfed.sightings}
            for unfed in graph.unfed
        ],
    }


def _exchange(reader: TraceReader, _declared: Declared | None, line: Line, number: int | None) -> dict[str, Any]:
    from traces import overview

    for exchange in _counted(reader, line):
        if exchange.id == number:
            return overview.exchange(exchange)
    raise exits.Stop(f"{reader.path} has no exchange {number}; `replay inspect --sessions` lists them.", exits.USAGE)


_VIEWS: dict[str, Any] = {
    "summary": _summary,
    "sessions": _sessions,
    "endpoints": _endpoints,
    "links": _links,
    "exchange": _exchange,
}
