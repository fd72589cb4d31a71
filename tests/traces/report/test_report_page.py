"""What a browser shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

from traces.compare import Change, Comparison, EndpointResult
from traces.report import as_json, page

Found = Callable[..., Comparison]
Result = Callable[..., EndpointResult]


class _Elements(HTMLParser):
    """Every element's name and attributes, as a browser would read them."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs


def _elements(html: str) -> _Elements:
    parser = _Elements()
    parser.feed(html)
    return parser


def test_the_verdict_is_the_heading(found: Found) -> None:
    assert "<h1>Regressed: POST /confirm is 1.58x slower (95 % CI 1.52-1.64).</h1>" in page.render(found())


def test_a_hostile_endpoint_name_stays_text_everywhere(found: Found, result: Result) -> None:
    hostile = """GET /"><script>alert(1)</script><img src=x onerror='x'>{{ 7*7 }}\x1b\u202e"""
    html = page.render(found(result(hostile), facts={hostile: hostile}, caveats=(hostile,)))
    seen = _elements(html)
    assert "script" not in seen.seen
    assert "img" not in seen.seen
    assert not any(name.startswith("on") for name, _ in seen.attributes)
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert "{{ 7*7 }}" in html


def test_the_page_asks_the_network_for_nothing(found: Found) -> None:
    html = page.render(found())
    assert not re.search(r"https?://|url\(|@import|<link", html)
    assert "default-src 'none'" in html


def test_every_tag_is_closed(found: Found) -> None:
    html = page.render(found())
    for tag in ("svg", "div", "table", "section", "tr", "td", "ul", "dl", "main"):
        assert len(re.findall(f"<{tag}[ >]", html)) == html.count(f"</{tag}>"), tag


def test_fifty_endpoints_stay_below_a_megabyte(found: Found, result: Result) -> None:
    curve = tuple((1.0 + index, (index + 1) / 200) for index in range(200))
    slots = result().timeline_a * 5
    rows = [
        replace(result(f"GET /endpoint/{index}"), ecdf_a=curve, ecdf_b=curve, timeline_a=slots, timeline_b=slots)
        for index in range(50)
    ]
    assert len(page.render(found(*rows)).encode()) < 1_000_000


def test_the_sides_differ_by_line_style_and_not_by_colour_alone(found: Found) -> None:
    html = page.render(found())
    assert "stroke-dasharray" in html
    assert "(dashed)" in html


def test_what_has_no_numbers_still_renders(found: Found) -> None:
    lone = EndpointResult(
        name="GET /gone", kind="endpoint", n_a=3, n_b=0, verdict="inconclusive", why="only the reference has it"
    )
    broken = replace(lone, name="GET /x", changes=(Change(metric="typical", a=5.0, b=None, note="is a failure"),))
    assert "only the reference has it" in page.render(found(lone, broken))
    assert "Inconclusive" in page.render(Comparison(verdict="inconclusive", why=("Inconclusive: nothing.",)))


def test_a_ratio_off_the_scale_is_drawn_at_the_edge(found: Found, result: Result) -> None:
    far = replace(result(), changes=(Change(metric="typical", a=1.0, b=900.0, ratio=900.0, low=800.0, high=1000.0),))
    assert "\u25b6" in page.render(found(far))


def test_json_is_the_whole_tree_and_only_ascii(found: Found, result: Result) -> None:
    written = as_json.render(found(result("GET /\x1b\u202e")))
    assert written.isascii()
    assert "\x1b" not in written
    read = json.loads(written)
    assert (read["version"], read["verdict"], read["endpoints"][0]["n_a"]) == (1, "regressed", 2000)
    assert read["endpoints"][0]["changes"][0]["ratio"] == 1.58
