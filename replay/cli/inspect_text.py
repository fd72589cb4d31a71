"""What `replay inspect` shows, as lines for a terminal; everything out of a trace is made printable first."""

from __future__ import annotations

from typing import Any, Final

from replay.cli.inspect_links import links_lines
from traces.report.safe import printable

#: Characters of one line of a body.
_BODY: Final = 100_000


def _summary_text(data: dict[str, Any]) -> str:
    lines = [f"{name:<10} {printable(_flat(value))}" for name, value in data.items() if value not in ("", {})]
    if "sessions" not in data:
        lines.append("sessions   --sessions finds them")
    return "\n".join(lines)


def _flat(value: Any) -> str:
    return ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)


def _sessions_text(data: list[dict[str, Any]]) -> str:
    lines = []
    for session in data:
        steps = " -> ".join(_short(step["endpoint"]) for step in session["steps"])
        lines.append(f"{session['id']:<8} {session['start']:>9.3f} s  {session['why']:<10}  {printable(steps)}")
    lines.append(f"{len(data)} sessions")
    return "\n".join(lines)


def _endpoints_text(data: list[dict[str, Any]]) -> str:
    lines = [f"{'n':>6} {'p50 ms':>9} {'p95 ms':>9}  endpoint (statuses)"]
    for row in data:
        p50, p95 = (f"{row[key]:.1f}" if row[key] is not None else "-" for key in ("p50_ms", "p95_ms"))
        statuses = ", ".join(f"{count} x {status}" for status, count in row["statuses"].items())
        lines.append(f"{row['n']:>6} {p50:>9} {p95:>9}  {printable(row['endpoint'])} ({statuses})")
    return "\n".join(lines)


_UNFED: Final = {
    "parameter": "the same in every session; --set {name}=... sends another",
    "generated": "made by the client, made anew for each copy",
    "minted": "issued by a third party, nothing here can make it",
}


def _links_text(data: dict[str, Any]) -> str:
    lines = list(links_lines(data["links"]))
    lines += [
        f"{printable(poll['endpoint'])}\n    repeats every {poll['pause_ms']:.0f} ms until {printable(poll['until'])}"
        + ("" if poll["sightings"] else " (no recorded client had to ask twice)")
        for poll in data["polls"]
    ]
    lines += [
        f"{printable(unfed['slot'])}\n    {_UNFED[unfed['kind']].format(name=printable(unfed['name']))}"
        for unfed in data["unfed"]
    ]
    return "\n".join(lines) or "no links"


def _exchange_text(data: dict[str, Any]) -> str:
    lines = [
        f"{name:<10} {printable(_flat(data[name]))}"
        for name in ("id", "session", "endpoint", "connection", "error", "outcome", "flags", "of", "clock_ms")
        if data[name] not in (None, "", [])
    ]
    for side in ("request", "response"):
        if data[side] is not None:
            lines += ["", printable(data[side]["line"]), *map(printable, data[side]["headers"]), ""]
            body = data[side]["body"]
            lines += ["(not kept)"] if body is None else [printable(part, _BODY) for part in body.splitlines()]
    lines += [f"{e['at_ms']:>10.1f} ms  {printable(e['data'])}" for e in data["events"]]
    return "\n".join(lines)


def _short(endpoint: str) -> str:
    """`POST /v1/checkouts/client/{client_secret}/confirm` -> `POST …/confirm`: the end tells steps apart."""
    method, _, path = endpoint.partition(" ")
    parts = path.strip("/").split("/")
    return f"{method} {path}" if len(parts) <= 2 else f"{method} …/{'/'.join(parts[-2:])}"


TEXTS: dict[str, Any] = {
    "summary": _summary_text,
    "sessions": _sessions_text,
    "endpoints": _endpoints_text,
    "links": _links_text,
    "exchange": _exchange_text,
}
