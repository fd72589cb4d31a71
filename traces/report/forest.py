"""The forest plot: every row's typical and p95 ratio with its interval, against the band of what is tolerated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from traces.compare.result import Change, EndpointResult
from traces.report import svg
from traces.report.numbers import interval, times, typographic
from traces.report.safe import shorten

_WIDTH: Final = 1000.0
_LEFT: Final = 300.0
_RIGHT: Final = 720.0
_ROW: Final = 52.0
_TOP: Final = 34.0
#: Ratios beyond this are drawn at the edge, with an arrow: one broken endpoint may not flatten all others.
_FURTHEST: Final = 8.0
_TICKS: Final = (0.125, 0.2, 0.33, 0.5, 0.67, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 8.0)
_APART: Final = 34.0


def forest(results: Sequence[EndpointResult]) -> str:
    """The plot of all `results` that have a ratio, in their order; empty when none has."""
    rows = [result for result in results if any(change.ratio is not None for change in _two(result))]
    if not rows:
        return ""
    scale = _scale(rows)
    bottom = _TOP + _ROW * len(rows)
    parts: list[str] = []
    drawn = -_APART
    for tick in _ticks(scale):
        parts.append(svg.line(scale(tick), _TOP, scale(tick), bottom, "one" if tick == 1 else "grid"))
        if scale(tick) - drawn >= _APART:
            parts.append(svg.text(scale(tick), _TOP - 10, f"{tick:g}x", "tick", "middle"))
            drawn = scale(tick)
    parts.append(svg.text(_LEFT, bottom + 20, "\u2190 faster", "mute"))
    parts.append(svg.text(_RIGHT, bottom + 20, "slower \u2192", "mute", "end"))
    for index, result in enumerate(rows):
        parts += _row(result, _TOP + _ROW * index, scale)
    return svg.drawing(_WIDTH, bottom + 30, "Ratio of each endpoint with its 95 % interval and its margin", parts)


def _row(result: EndpointResult, top: float, scale: svg.Scale) -> list[str]:
    loud = " loud" if result.verdict == "regressed" else " good" if result.verdict == "improved" else ""
    parts = [
        svg.line(0, top, _WIDTH, top, "rule"),
        svg.text(0, top + 22, shorten(result.name, 40, "\u2026"), "name", title=result.name),
        svg.text(0, top + 39, result.verdict, "verdict" + loud),
    ]
    for change, y in zip(_two(result), (top + 16, top + 37), strict=True):
        if change.margin is not None:
            low, high = scale(1 / change.margin), scale(change.margin)
            parts.append(
                svg.rect(low, y - 8, high - low, 16, css="band", title=f"tolerated: up to {times(change.margin)}")
            )
        if change.ratio is None:
            parts.append(
                svg.text(_RIGHT + 24, y + 4, typographic(f"{change.metric}: {change.note or 'not estimated'}"), "mute")
            )
            continue
        css = ("typical" if change.metric == "typical" else "tail") + loud
        parts += _mark(change, y, scale, css)
        ci = interval(change.low, change.high, "\u2013")
        parts.append(svg.text(_RIGHT + 24, y + 4, change.metric, "mute"))
        parts.append(svg.text(_RIGHT + 132, y + 4, times(change.ratio), "value", "end"))
        parts.append(svg.text(_RIGHT + 146, y + 4, ci or "no interval", "mute"))
        if not change.gates:
            parts.append(svg.text(_WIDTH, y + 4, "not judged", "mute", "end"))
    return parts


def _mark(change: Change, y: float, scale: svg.Scale, css: str) -> list[str]:
    ratio = change.ratio or 1.0
    parts = []
    if change.low is not None and change.high is not None:
        parts.append(svg.line(scale(change.low), y, scale(change.high), y, f"whisker {css}"))
        ends = [scale(edge) for edge in (change.low, change.high) if scale.low <= edge <= scale.high]
        parts += [svg.line(end, y - 4, end, y + 4, f"whisker {css}") for end in ends]
    said = f"{change.metric}: {times(ratio)} ({interval(change.low, change.high)})"
    if not scale.low <= ratio <= scale.high:
        arrow = "\u25b6" if ratio > 1 else "\u25c0"
        return [
            *parts,
            svg.text(scale(ratio), y + 5, arrow, f"arrow {css}", "end" if ratio > 1 else "start", title=said),
        ]
    draw = svg.circle if change.metric == "typical" else svg.diamond
    return [*parts, draw(scale(ratio), y, 5.5, f"mark {css}", said)]


def _two(result: EndpointResult) -> tuple[Change, Change]:
    """The two metrics drawn; an empty row for what the result lacks."""
    empty = Change(metric="p95", a=None, b=None)
    return result.change("typical") or empty, result.change("p95") or empty


def _scale(rows: Sequence[EndpointResult]) -> svg.Scale:
    values = [0.85, 1.18]
    for result in rows:
        for change in _two(result):
            if change.margin is not None:
                values += [change.margin, 1 / change.margin]
            values += [value for value in (change.ratio, change.low, change.high) if value]
    low, high = max(min(values) / 1.05, 1 / _FURTHEST), min(max(values) * 1.05, _FURTHEST)
    return svg.Scale(low=low, high=high, start=_LEFT, end=_RIGHT, log=True)


def _ticks(scale: svg.Scale) -> list[float]:
    """Those of the usual ratios that are in view; 1 always stands, and neighbours keep their distance from it."""
    inside = [tick for tick in _TICKS if scale.low <= tick <= scale.high]
    return [tick for tick in inside if tick == 1 or abs(scale(tick) - scale(1)) >= _APART]
