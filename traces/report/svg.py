"""Inline SVG from numbers: scales, ticks, marks. Pure functions; every number is written with one decimal.

Colours are not set here: marks carry the classes `a` (reference) and `b` (candidate), and the page's style gives each a
colour *and* a line style, so that neither print nor colour blindness takes the difference away.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

#: Steps shorter than this many pixels are drawn together: half of them cannot be told apart, and they fill the file.
_VISIBLE: Final = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Values low..high onto pixels start..end, evenly in the value or (log) in its logarithm; clamps what lies outside.

    A log scale needs 0 < low < high.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high = self.low, self.high
        value = min(max(value, low), high)
        if self.log:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return self.start + (self.end - self.start) * ((value - low) / (high - low) if high > low else 0.5)


def log_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values inside low..high: as fine as stays below `most`, from 1.5 and 8 down to powers of ten alone."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 1.5, 2, 3, 4, 5, 6, 8), (1, 2, 5), (1, 3), (1,)):
        ticks = [step * 10.0**decade for decade in decades for step in steps]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) <= most:
            return inside
    return inside[:: math.ceil(len(inside) / most)]


def linear_ticks(high: float, most: int = 6) -> list[float]:
    """Round values from 0 to at most `high`."""
    if high <= 0:
        return [0.0]
    step = 10 ** math.floor(math.log10(high / most))
    step = next(step * factor for factor in (1, 2, 5, 10) if high / (step * factor) <= most)
    return [index * step for index in range(int(high / step) + 1)]


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}"/>'


def rect(x: float, y: float, width: float, height: float, *, css: str, title: str = "") -> str:
    """A rectangle, with what hovering over it says."""
    inner = f"<title>{escape(title)}</title>" if title else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" class="{css}">{inner}</rect>'
    )


def text(x: float, y: float, content: str, css: str = "", anchor: str = "start", *, title: str = "") -> str:
    """A line of text; `content` and `title` are escaped here."""
    inner = f"<title>{escape(title)}</title>" if title else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{css}">{inner}{escape(content)}</text>'


def circle(x: float, y: float, radius: float, css: str, title: str = "") -> str:
    """A round mark."""
    inner = f"<title>{escape(title)}</title>" if title else ""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" class="{css}">{inner}</circle>'


def diamond(x: float, y: float, radius: float, css: str, title: str = "") -> str:
    """A square on its corner."""
    inner = f"<title>{escape(title)}</title>" if title else ""
    corners = f"M{x - radius:.1f} {y:.1f}L{x:.1f} {y - radius:.1f}L{x + radius:.1f} {y:.1f}L{x:.1f} {y + radius:.1f}Z"
    return f'<path d="{corners}" class="{css}">{inner}</path>'


def polyline(points: Iterable[tuple[float, float] | None], css: str) -> str:
    """A line through `points`, broken at each None; a lone point becomes a dot."""
    parts: list[str] = []
    pen = False
    for point in points:
        if point is None:
            pen = False
            continue
        parts.append(f"{'L' if pen else 'M'}{point[0]:.1f} {point[1]:.1f}" + ("" if pen else "h.01"))
        pen = True
    return f'<path d="{"".join(parts)}" class="{css}"/>' if parts else ""


def steps(points: Sequence[tuple[float, float]], css: str) -> str:
    """A staircase through `points`: level until the next x, then up."""
    if not points:
        return ""
    parts, last = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"], points[0]
    for x, y in points[1:]:
        if abs(x - last[0]) + abs(y - last[1]) >= _VISIBLE or (x, y) == points[-1]:
            parts.append(f"H{x:.1f}V{y:.1f}")
            last = (x, y)
    return f'<path d="{"".join(parts)}" class="{css}"/>'


def drawing(width: float, height: float, label: str, parts: Iterable[str]) -> str:
    """The finished picture; `label` is what a screen reader says instead."""
    head = f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(label)}">'
    return head + "".join(parts) + "</svg>"
