"""A comparison for a terminal: the verdict first, then three lines a row, plain ASCII, never wider than asked."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final, Literal

from traces.compare.result import Comparison, EndpointResult, Metric
from traces.report.numbers import interval, milliseconds, share, times
from traces.report.safe import cells, clean, shorten

_PERCENTILES: Final[tuple[Metric, ...]] = ("p50", "p90", "p95", "p99")
_NARROWEST: Final = 80
#: From this width on the ratios fit beside the percentiles.
_WIDE: Final = 97


def render(comparison: Comparison, *, width: int = 100) -> str:
    """The report as lines of at most `width` columns (80 at least), the first of them the verdict in plain words."""
    return "\n".join(_lines(clean(comparison), max(width, _NARROWEST))) + "\n"


def _lines(comparison: Comparison, width: int) -> Iterator[str]:
    for sentence in comparison.why:
        yield from textwrap.wrap(sentence, width)
    a, b = comparison.names
    if comparison.endpoints:
        yield ""
        yield _heading(width)
    for result in comparison.endpoints:
        yield from _row(result, a, b, width)
    if comparison.left_out:
        yield ""
        yield _columns("Left out", shorten(a, 14), shorten(b, 14))
        for left in comparison.left_out:
            yield _columns(f"  {left.reason}", f"{left.a:,}", f"{left.b:,}")
    if comparison.caveats:
        yield ""
        yield "Bear in mind"
        for caveat in comparison.caveats:
            yield from textwrap.wrap(caveat, width, initial_indent="  ", subsequent_indent="  ")
    if comparison.facts:
        yield ""
        yield "Facts"
        room = min(max(cells(name) for name in comparison.facts), width // 3)
        for name, fact in comparison.facts.items():
            label = f"  {_pad(shorten(name, room), room)}  "
            yield from textwrap.wrap(fact, width, initial_indent=label, subsequent_indent=" " * len(label)) or [label]


def _heading(width: int) -> str:
    names = "".join(f"{name:>9}" for name in _PERCENTILES)
    ratio = "  ratio (95 % CI)" if width >= _WIDE else ""
    return f"{'latency in ms':16}{'requests':>9}{'failed':>9}{names}{ratio}"


def _row(result: EndpointResult, a: str, b: str, width: int) -> Iterator[str]:
    verdict = result.verdict.upper() if result.verdict == "regressed" else result.verdict
    yield _spread(result.name, verdict, width)
    if not result.changes or not (result.n_a and result.n_b):
        yield from textwrap.wrap(result.why, width, initial_indent="  ", subsequent_indent="  ")
        return
    sides = [_side(result, "a", a), _side(result, "b", b)]
    ratios = [_ratio(result, metric) for metric in ("typical", "p95")]
    beside = [f"{side}  {ratio}".rstrip() for side, ratio in zip(sides, ratios, strict=True)]
    if width >= _WIDE and max(map(cells, beside)) <= width:
        yield from beside
    else:
        yield from (*sides, "  ratio (95 % CI)  " + "   ".join(ratio for ratio in ratios if ratio))
    if result.verdict == "inconclusive":
        yield from textwrap.wrap(result.why, width, initial_indent="  ", subsequent_indent="  ")


def _side(result: EndpointResult, side: Literal["a", "b"], name: str) -> str:
    n = result.n_a if side == "a" else result.n_b
    failures = result.failures
    failed = "-" if failures is None else share(failures.requests_a if side == "a" else failures.requests_b, n)
    values = []
    for metric in _PERCENTILES:
        change = result.change(metric)
        values.append(milliseconds(None if change is None else change.a if side == "a" else change.b))
    return f"  {_pad(shorten(name, 14), 14)}{n:>9,}{failed:>9}" + "".join(f"{value:>9}" for value in values)


def _ratio(result: EndpointResult, metric: Metric) -> str:
    change = result.change(metric)
    if change is None or change.ratio is None:
        return ""
    known = f" ({interval(change.low, change.high)})" if change.low is not None else ""
    return f"{metric:7} {times(change.ratio)}{known}"


def _spread(left: str, right: str, width: int) -> str:
    left = shorten(left, width - len(right) - 2)
    return left + " " * (width - cells(left) - len(right)) + right


def _columns(label: str, a: str, b: str) -> str:
    return f"{_pad(shorten(label, 44), 44)}  {_pad(a, 14, right=True)}  {_pad(b, 14, right=True)}"


def _pad(text: str, room: int, *, right: bool = False) -> str:
    space = " " * (room - cells(text))
    return space + text if right else text + space
