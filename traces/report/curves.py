"""Two pictures of one quantity: how its latencies are distributed, and how they went over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from traces.compare.result import EndpointResult, Slot
from traces.report import svg
from traces.report.numbers import duration, milliseconds

_LEFT: Final = 48.0
_MARGIN: Final = 16.0
_LEVELS: Final = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999)
#: Up to here the distribution's y axis is linear, above it logarithmic in what is left.
_KNEE: Final = 0.9

Names = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shares:
    """Shares of requests onto pixels: 0..90 % linear in the lower half, the tail evenly in -log(1 - share) above.

    Both halves matter: the lower one shows the typical request, the upper one the slowest, which people remember.
    """

    deepest: float
    top: float
    bottom: float

    def __call__(self, share: float) -> float:
        middle = (self.top + self.bottom) / 2
        if share <= _KNEE:
            return self.bottom + (middle - self.bottom) * share / _KNEE
        left = max(1 - share, 1 - self.deepest)
        return middle + (self.top - middle) * math.log(left / (1 - _KNEE)) / math.log((1 - self.deepest) / (1 - _KNEE))


def ecdf(result: EndpointResult, names: Names, *, width: float = 480, height: float = 250) -> str:
    """Share of requests answered within x ms (logarithmic), both sides; empty when neither answered."""
    both = [*result.ecdf_a, *result.ecdf_b]
    if not both:
        return ""
    x = _span([ms for ms, _ in both], _LEFT, width - _MARGIN)
    y = _Shares(deepest=max(1 - 1 / max(result.n_a, result.n_b), 0.95), top=12, bottom=height - 36)
    parts = []
    for level in _LEVELS:
        if level <= y.deepest:
            parts.append(svg.line(_LEFT, y(level), width - _MARGIN, y(level), "grid"))
            parts.append(svg.text(_LEFT - 8, y(level) + 4, f"{100 * level:g} %", "tick", "end"))
    parts += _time_ticks(x, height - 36)
    for css, points in (("a", result.ecdf_a), ("b", result.ecdf_b)):
        parts.append(svg.steps([(x(ms), y(share)) for ms, share in points], f"curve {css}"))
    parts += _marks(result, names, x, y)
    label = f"Distribution of {result.name}: share of requests answered within a time"
    return svg.drawing(width, height, label, parts)


def _marks(result: EndpointResult, names: Names, x: svg.Scale, y: _Shares) -> list[str]:
    """A dot at each percentile of each side, to hover over."""
    parts = []
    for metric, level in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)):
        change = next((change for change in result.changes if change.metric == metric), None)
        if change is None:
            continue
        for css, name, value in (("a", names[0], change.a), ("b", names[1], change.b)):
            if value is not None:
                said = f"{name} {metric}: {milliseconds(value)} ms"
                parts.append(svg.circle(x(value), y(level), 3.2, f"dot {css}", said))
    return parts


def timeline(
    a: Sequence[Slot], b: Sequence[Slot], names: Names, label: str, *, width: float = 480, height: float = 250
) -> str:
    """p50 (heavy) and p95 (light) of each time slot, both sides; empty when there is nothing to draw.

    Traces of like length share an axis in seconds; otherwise x is the share of each trace's own length.
    """
    values = [value for slot in (*a, *b) for value in (slot.p50, slot.p95) if value is not None]
    if not values:
        return ""
    y = _span(values, height - 36, 14)
    lengths = [_length(slots) for slots in (a, b) if slots]
    alike = max(lengths) <= 1.2 * min(lengths)
    high = max(lengths) if alike else 1.0
    x = svg.Scale(low=0, high=high, start=_LEFT, end=width - 34)
    parts = []
    for tick in svg.log_ticks(y.low, y.high, 5):
        parts.append(svg.line(_LEFT, y(tick), width - 34, y(tick), "grid"))
        parts.append(svg.text(_LEFT - 8, y(tick) + 4, duration(tick), "tick", "end"))
    for tick in svg.linear_ticks(high):
        label_of = f"{tick:g} s" if alike else f"{100 * tick:.0f} %"
        parts += [svg.text(x(tick), height - 18, label_of, "tick", "middle")]
    if not alike:
        parts.append(svg.text((x.start + x.end) / 2, height - 2, "of each trace's length", "mute", "middle"))
    for css, slots in (("a", a), ("b", b)):
        parts += _side(css, slots, _places(slots, x, alike=alike), y)
    parts += _hovers(a, b, names, x, height)
    return svg.drawing(width, height, label, parts)


def _side(css: str, slots: Sequence[Slot], places: Sequence[float], y: svg.Scale) -> list[str]:
    parts = []
    for metric in ("p50", "p95"):
        values = [slot.p50 if metric == "p50" else slot.p95 for slot in slots]
        line = [None if value is None else (place, y(value)) for place, value in zip(places, values, strict=True)]
        parts.append(svg.polyline(line, f"curve {css} {metric}"))
        if css == "b" and (last := next((point for point in reversed(line) if point is not None), None)):
            parts.append(svg.text(last[0] + 10, last[1] + 4, metric, "tick"))
    return parts


def _length(slots: Sequence[Slot]) -> float:
    """The span that `slots` cut into equal parts, in s."""
    return slots[-1].at * len(slots) / max(len(slots) - 1, 1) or 1.0


def _places(slots: Sequence[Slot], x: svg.Scale, *, alike: bool) -> list[float]:
    """Where each slot is drawn: at its middle."""
    if not slots:
        return []
    length = _length(slots)
    return [x((slot.at + length / len(slots) / 2) / (1 if alike else length)) for slot in slots]


def _hovers(a: Sequence[Slot], b: Sequence[Slot], names: Names, x: svg.Scale, height: float) -> list[str]:
    """One invisible column a slot, which says both sides' numbers."""
    count = max(len(a), len(b))
    wide = (x.end - x.start) / count
    parts = []
    for index in range(count):
        said = [
            f"{name} {slot.at:.0f} s: p50 {milliseconds(slot.p50)}, p95 {milliseconds(slot.p95)} ms, {slot.rate:.3g}/s"
            for name, slots in zip(names, (a, b), strict=True)
            for slot in slots[index : index + 1]
        ]
        parts.append(svg.rect(x.start + index * wide, 12, wide, height - 48, css="ghost", title="\n".join(said)))
    return parts


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
