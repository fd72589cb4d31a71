"""Two pictures of one quantity: how its latencies are distributed, and how they went over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from traces.compare.result import EndpointResult, Slot
from traces.report import svg
from traces.report.numbers import duration, milliseconds

_LEFT: Final = 48.0
_MARGIN: Final = 16.0
_LEVELS: Final = (0.0, 0.5, 0.9, 0.95, 0.99, 0.999, 0.9999)

Names = tuple[str, str]


def ecdf(result: EndpointResult, names: Names, *, width: float = 480, height: float = 230) -> str:
    """Share of requests answered within x ms, both sides; empty when neither answered.

    x is logarithmic; y stretches the tail (evenly in -log(1 - share)), since the slowest percent is what people feel.
    """
    both = [*result.ecdf_a, *result.ecdf_b]
    if not both:
        return ""
    x = _span([ms for ms, _ in both], _LEFT, width - _MARGIN)
    requests = max(result.n_a, result.n_b)
    deepest = max(1 - 1 / max(requests, 2), 0.9)
    y = svg.Scale(low=1 - deepest, high=1, start=12, end=height - 36, log=True)
    parts = []
    for level in _LEVELS:
        if level <= deepest:
            parts.append(svg.line(_LEFT, y(1 - level), width - _MARGIN, y(1 - level), "grid"))
            if level != 0.95 or height > 200:
                parts.append(svg.text(_LEFT - 8, y(1 - level) + 4, f"{100 * level:g} %", "tick", "end"))
    parts += _time_ticks(x, height - 36)
    for css, points in (("a", result.ecdf_a), ("b", result.ecdf_b)):
        parts.append(svg.steps([(x(ms), y(max(1 - share, 1 - deepest))) for ms, share in points], f"curve {css}"))
    parts += _marks(result, names, x, y)
    label = f"Distribution of {result.name}: share of requests answered within a time"
    return svg.drawing(width, height, label, parts)


def _marks(result: EndpointResult, names: Names, x: svg.Scale, y: svg.Scale) -> list[str]:
    """A dot at each percentile of each side, to hover over."""
    parts = []
    for metric, level in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)):
        change = next((change for change in result.changes if change.metric == metric), None)
        if change is None:
            continue
        for css, name, value in (("a", names[0], change.a), ("b", names[1], change.b)):
            if value is not None:
                said = f"{name} {metric}: {milliseconds(value)} ms"
                parts.append(svg.circle(x(value), y(1 - level), 3.2, f"dot {css}", said))
    return parts


def timeline(
    a: Sequence[Slot], b: Sequence[Slot], names: Names, label: str, *, width: float = 480, height: float = 230
) -> str:
    """p50 (heavy) and p95 (light) of each time slot, both sides; empty when there is nothing to draw.

    Traces of like length share an axis in seconds; otherwise x is the share of each trace's own length.
    """
    values = [value for slot in (*a, *b) for value in (slot.p50, slot.p95) if value is not None]
    if not values:
        return ""
    y = _span(values, height - 36, 14)
    lengths = [slots[-1].at * len(slots) / max(len(slots) - 1, 1) for slots in (a, b) if slots]
    alike = max(lengths) <= 1.2 * min(lengths)
    high = max(lengths) if alike else 1.0
    x = svg.Scale(low=0, high=high, start=_LEFT, end=width - 34)
    parts = []
    for tick in svg.log_ticks(y.low, y.high, 5):
        parts.append(svg.line(_LEFT, y(tick), width - 34, y(tick), "grid"))
        parts.append(svg.text(_LEFT - 8, y(tick) + 4, duration(tick), "tick", "end"))
    for tick in svg.linear_ticks(high):
        parts.append(
            svg.text(x(tick), height - 18, f"{tick:g} s" if alike else f"{100 * tick:.0f} %", "tick", "middle")
        )
    parts.append(
        svg.text((x.start + x.end) / 2, height - 2, "" if alike else "of each trace's length", "mute", "middle")
    )
    for css, name, slots in (("a", names[0], a), ("b", names[1], b)):
        parts += _side(css, name, slots, x, y, alike=alike)
    return svg.drawing(width, height, label, parts)


def _side(css: str, name: str, slots: Sequence[Slot], x: svg.Scale, y: svg.Scale, *, alike: bool) -> list[str]:
    if not slots:
        return []
    length = slots[-1].at * len(slots) / max(len(slots) - 1, 1) or 1.0
    parts, dots = [], []
    # A slot is drawn in its middle.
    places = [x((slot.at + length / len(slots) / 2) / (1 if alike else length)) for slot in slots]
    for metric in ("p50", "p95"):
        line: list[tuple[float, float] | None] = []
        for place, slot in zip(places, slots, strict=True):
            value = slot.p50 if metric == "p50" else slot.p95
            line.append(None if value is None else (place, y(value)))
            if value is not None:
                said = f"{name} at {slot.at:.0f} s: {metric} {milliseconds(value)} ms, {slot.rate:.3g} requests/s"
                dots.append(svg.circle(place, y(value), 5, "ghost", said))
        parts.append(svg.polyline(line, f"curve {css} {metric}"))
        last = next((point for point in reversed(line) if point is not None), None)
        if last is not None and css == "b":
            parts.append(svg.text(x.end + 4, last[1] + 4, metric, "tick"))
    return [*parts, *dots]


def _span(values: Sequence[float], start: float, end: float) -> svg.Scale:
    """A log scale a little wider than `values`; never narrower than a factor of two, so that noise looks like noise."""
    low, high = min(values), max(values)
    spare = max(1.05, math.sqrt(2 / (high / low)) if high < 2 * low else 1.05)
    return svg.Scale(low=low / spare, high=high * spare, start=start, end=end, log=True)


def _time_ticks(x: svg.Scale, bottom: float) -> list[str]:
    parts = []
    for tick in svg.log_ticks(x.low, x.high):
        parts.append(svg.line(x(tick), 12, x(tick), bottom, "grid"))
        parts.append(svg.text(x(tick), bottom + 18, duration(tick), "tick", "middle"))
    return parts
