"""`replay inspect`: show what a trace holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from replay.cli import exits
from replay.cli.files import IN, read
from traces.report.safe import printable as safe

if TYPE_CHECKING:
    from replay.recording import Recording
    from traces.analysis import Analysis


@click.command(epilog="Example: replay inspect staging.trace --sessions")
@click.argument("trace", type=IN)
@click.option("--sessions", "view", flag_value="sessions", help="One line a session: when, why one, its steps.")
@click.option("--endpoints", "view", flag_value="endpoints", help="One line an endpoint.")
@click.option("--links", "view", flag_value="links", help="Which response value feeds which request (correlation).")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def command(trace: Path, view: str | None, as_json: bool) -> int:
    """Show what a trace holds; without a view, a summary."""
    from traces.analysis import analyse

    recording = read(trace)
    analysis = analyse(recording.exchanges)
    data = _VIEWS[view or "summary"](recording, analysis)
    if as_json:
        import orjson

        click.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())
    else:
        click.echo(_TEXTS[view or "summary"](data))
    return exits.PASS


def _summary(recording: Recording, analysis: Analysis) -> dict[str, Any]:
    header = recording.header
    span = max(e.end for e in recording.exchanges) - min(e.clock.received for e in recording.exchanges)
    flags = Counter(flag for e in recording.exchanges for flag in e.flags)
    return {
        "kind": header.kind,
        "id": header.id,
        "upstream": header.upstream,
        "tools": dict(header.tools),
        "exchanges": len(recording.exchanges),
        "seconds": round(span / 1e9, 3),
        "sessions": len(analysis.sessions),
        "endpoints": len({analysis.endpoint(e) for e in recording.exchanges}),
        "links": len(analysis.graph.links),
        "polls": len(analysis.graph.polls),
        "failed": sum(e.error is not None for e in recording.exchanges),
        "flags": dict(flags),
    }


def _sessions(_recording: Recording, analysis: Analysis) -> list[dict[str, Any]]:
    return [
        {
            "id": session.id,
            "start": round(session.start / 1e9, 3),
            "why": session.why,
            "steps": [
                {
                    "exchange": e.id,
                    "endpoint": analysis.endpoint(e),
                    "status": e.response.status if e.response else None,
                }
                for e in session.exchanges
            ],
        }
        for session in analysis.sessions
    ]


def _endpoints(recording: Recording, analysis: Analysis) -> list[dict[str, Any]]:
    waits: defaultdict[str, list[float]] = defaultdict(list)
    statuses: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for e in recording.exchanges:
        name = analysis.endpoint(e)
        statuses[name][str(e.response.status) if e.response else "none"] += 1
        if e.clock.wait is not None:
            waits[name].append(e.clock.wait / 1e6)
    return [
        {
            "endpoint": name,
            "n": counter.total(),
            "p50_ms": _at(waits[name], 0.5),
            "p95_ms": _at(waits[name], 0.95),
            "statuses": dict(sorted(counter.items())),
        }
        for name, counter in sorted(statuses.items())
    ]


def _links(_recording: Recording, analysis: Analysis) -> dict[str, Any]:
    return {
        "links": [
            {
                "producer": str(link.producer),
                "consumer": str(link.consumer),
                "recipe": link.recipe,
                "sightings": link.sightings,
                "coverage": round(link.coverage, 4),
            }
            for link in analysis.graph.links
        ],
        "polls": [
            {"endpoint": poll.endpoint, "until": str(poll.condition), "pause_ms": round(poll.pause / 1e6, 1)}
            for poll in analysis.graph.polls
        ],
    }


def _summary_text(data: dict[str, Any]) -> str:
    return "\n".join(f"{name:<10} {safe(str(value))}" for name, value in data.items() if value not in ("", {}))


def _sessions_text(data: list[dict[str, Any]]) -> str:
    lines = []
    for session in data:
        steps = " -> ".join(_short(step["endpoint"]) for step in session["steps"])
        lines.append(f"{session['id']:<8} {session['start']:>9.3f} s  {session['why']:<10}  {safe(steps)}")
    lines.append(f"{len(data)} sessions")
    return "\n".join(lines)


def _endpoints_text(data: list[dict[str, Any]]) -> str:
    lines = [f"{'n':>6} {'p50 ms':>9} {'p95 ms':>9}  endpoint (statuses)"]
    for row in data:
        p50, p95 = (f"{row[key]:.1f}" if row[key] is not None else "-" for key in ("p50_ms", "p95_ms"))
        statuses = ", ".join(f"{count} x {status}" for status, count in row["statuses"].items())
        lines.append(f"{row['n']:>6} {p50:>9} {p95:>9}  {safe(row['endpoint'])} ({statuses})")
    return "\n".join(lines)


def _links_text(data: dict[str, Any]) -> str:
    lines = [
        f"{safe(link['consumer'])}\n    <- {safe(link['producer'])} ({link['recipe']}, "
        f"{link['sightings']} sightings, {link['coverage']:.0%})"
        for link in data["links"]
    ]
    lines += [
        f"{safe(poll['endpoint'])}\n    repeats every {poll['pause_ms']:.0f} ms until {safe(poll['until'])}"
        for poll in data["polls"]
    ]
    return "\n".join(lines) or "no links"


def _short(endpoint: str) -> str:
    """`POST /v1/checkouts/client/{client_secret}/confirm` -> `POST …/confirm`: the end tells steps apart."""
    method, _, path = endpoint.partition(" ")
    parts = path.strip("/").split("/")
    return f"{method} {path}" if len(parts) <= 2 else f"{method} …/{'/'.join(parts[-2:])}"


def _at(values: list[float], share: float) -> float | None:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3) if ordered else None


_VIEWS = {"summary": _summary, "sessions": _sessions, "endpoints": _endpoints, "links": _links}
_TEXTS: dict[str, Any] = {
    "summary": _summary_text,
    "sessions": _sessions_text,
    "endpoints": _endpoints_text,
    "links": _links_text,
}
