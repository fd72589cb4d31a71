"""A comparison as one HTML file: no network, no script, light and dark, prints; the pictures are inline SVG.

Rule 1: everything a trace may have written goes through jinja2's autoescape, or through `svg`, which escapes itself.
"""

from __future__ import annotations

from importlib import resources
from typing import Any, Final

from traces.compare.result import Comparison, EndpointResult
from traces.report import numbers
from traces.report.curves import ecdf, timeline
from traces.report.forest import forest
from traces.report.safe import clean

#: Rows that get pictures of their own, worst first: what keeps the file below a megabyte. The table holds all.
_PICTURED: Final = 50
#: Shape and word, not colour alone.
_SIGN: Final = {
    "regressed": "\u25b2",
    "inconclusive": "?",
    "not worse": "\u2264",
    "improved": "\u25bc",
    "equivalent": "=",
    "invalid": "\u2715",
}


def render(comparison: Comparison) -> str:
    """The whole page; below 1 MB for 50 endpoints."""
    import jinja2
    from markupsafe import Markup

    seen = clean(comparison)
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters.update(
        ms=numbers.milliseconds, times=numbers.times, p=numbers.probability, signs=numbers.typographic, share=_percent
    )
    source = resources.files("traces.report").joinpath("page.html.j2").read_text("utf-8")
    page: str = environment.from_string(
        source
    ).render(
        c=seen,
        sign=_SIGN,
        forest=Markup(forest(seen.endpoints)),  # noqa: S704 - svg escapes every string it is given
        whole=Markup(_whole(seen)),  # noqa: S704 - as above
        cards=[_card(result, seen) for result in seen.endpoints[:_PICTURED]],
        without_card=max(len(seen.endpoints) - _PICTURED, 0),
        interval=numbers.interval,
        failed=numbers.share,
    )
    return page


def _card(result: EndpointResult, comparison: Comparison) -> dict[str, Any]:
    from markupsafe import Markup

    over_time = timeline(
        result.timeline_a, result.timeline_b, comparison.names, f"{result.name} over time, p50 and p95 of each slot"
    )
    return {
        "result": result,
        "ecdf": Markup(ecdf(result, comparison.names)),  # noqa: S704 - svg escapes every string it is given
        "timeline": Markup(over_time),  # noqa: S704 - as above
    }


def _whole(comparison: Comparison) -> str:
    label = "All requests over time, p50 and p95 of each slot"
    return timeline(comparison.timeline_a, comparison.timeline_b, comparison.names, label, width=1000, height=240)


def _percent(part: float) -> str:
    return f"{100 * part:.1f} %"
