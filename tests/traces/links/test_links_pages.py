"""What a shop's pages give is bound by what it is called there, in whatever order the target lists it."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from tests.traces.links.scene import Scene, token
from traces.analysis import Analysis, analyse
from traces.lens import Reading
from traces.links import Source
from traces.model import HeaderPairs, Response

HTML: HeaderPairs = ((b"content-type", b"text/html"),)
GOODS = ["Blue mug", "Desk lamp", "Oak chair", "Wool scarf"]


def show(scene: Scene, at: float, line: str, page: str, on: str) -> None:
    """A request that is answered with a page."""
    scene.ask(at, line, on=on)
    scene.exchanges[-1] = replace(scene.exchanges[-1], response=Response(status=200, headers=HTML, body=page.encode()))


def source(analysis: Analysis, session: int = 0) -> Source:
    """Where the only value comes from that is bound in a session."""
    (binding,) = analysis.bindings(analysis.sessions[session])
    return binding.sources[0]


def live(found: Source, page: str) -> str | None:
    return Reading(HTML, page.encode()).text(found.address, found.selectors)


def visits(rows: list[str], asked: str, wanted: int) -> Analysis:
    """Sessions that see the rows in some order, `{0}` an id, and ask for that of the wanted one."""
    scene = Scene()
    for n in range(4):
        order = random.Random(n).sample(range(len(rows)), len(rows))
        shown = "\n".join(rows[m].format(token(f"{n} {m}")) for m in order)
        show(scene, n * 100, "GET /", f"<a href=/>Home</a><ul>{shown}</ul>", f"c{n}")
        scene.ask(n * 100 + 10, f"GET {asked.format(token(f'{n} {wanted}'))}", on=f"c{n}")
    return analyse(scene.exchanges)


ROWS = {
    "its own words": "<li><a class=x href='/p/{{0}}/'>{0}</a> 12.00</li>",
    "its own words, nested": "<div><a href='/p/{{0}}/'><i></i><h3>\n {0}</h3><b>12.00</b></a></div>",
    "its picture": "<li><a href='/p/{{0}}/'><img src=x alt='{0}'></a></li>",
    "its picture and its words": "<li><a href='/p/{{0}}/'><img alt='{0}'></a><h3><a href='/p/{{0}}/'>{0}</a></h3></li>",
    "its title": "<div><a href='/p/{{0}}/' title='{0}'></a></div>",
    "its row": "<tr><td>7</td><td>{0}</td><td><a href='/p/{{0}}/'>Details</a></td></tr>",
    "the form of its row": "<article><h3>{0}</h3><form action='/p/{{0}}/'><button>Buy</button></form></article>",
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_what_is_one_of_many_is_found_by_what_it_is_called(row: str) -> None:
    analysis = visits([row.format(name) for name in GOODS], "/p/{0}/", 1)
    others = [row.format(name).format(f"70-{n}") for n, name in reversed(list(enumerate(GOODS)))]
    pages = ["".join(others), "".join([others[2], *others])]
    assert [[live(source(analysis, n), page) for page in pages] for n in range(4)] == [["70-1"] * 2] * 4


def test_a_hidden_field_is_that_of_the_form_in_its_row() -> None:
    row = "<li><h3>{0}</h3><form action='/add/{1}'><input type=hidden name=key value={{0}}></form></li>"
    analysis = visits([row.format(name, n) for n, name in enumerate(GOODS)], "/buy?key={0}", 1)
    page = row.format("Oak chair", 7).format("other") + row.format("Desk lamp", 8).format("wanted")
    assert [live(source(analysis, n), page) for n in range(4)] == ["wanted"] * 4


def test_an_attribute_for_scripts_is_that_of_its_row_or_of_its_button() -> None:
    for row in ("<li data-key={{0}}>{0}</li>", "<p><button data-key={{0}}>{0}</button>"):
        analysis = visits([row.format(name) for name in GOODS], "/buy?key={0}", 1)
        page = row.format("Oak chair").format("other") + row.format("Desk lamp").format("wanted")
        assert [live(source(analysis, n), page) for n in range(4)] == ["wanted"] * 4


def test_an_option_is_found_by_its_words() -> None:
    row = "<option value={{0}}>{0}</option>"
    rows = [row.format(name) for name in GOODS]
    scene = Scene()
    for n in range(4):
        shown = "".join(rows[m].format(token(f"{n} {m}")) for m in ((0, 1, 2, 3), (0, 3, 2, 1))[n % 2])
        show(scene, n * 100, "GET /", f"<select name=a>{shown}</select>", f"c{n}")
        scene.ask(n * 100 + 10, f"GET /buy?a={token(f'{n} 1')}", on=f"c{n}")
    analysis = analyse(scene.exchanges)
    page = "<select name=a>" + "".join(rows[m].format(f"{token(m)}") for m in (0, 2, 1)) + "</select>"
    assert [live(source(analysis, n), page) for n in range(4)] == [token(1)] * 4


@pytest.mark.parametrize(
    ("page", "read"),
    [
        ("<a href=/p/701>Desk lamp</a><a href=/p/702>Desk lamp</a>", "702"),
        ("<a href=/p/701>Mug</a><a href=/p/702>Lamp</a>", "702"),
        ("<a href=/p/701>Mug</a>", None),
    ],
)
def test_without_exactly_one_so_called_the_index_decides(page: str, read: str | None) -> None:
    scene = Scene()
    show(scene, 0, "GET /", f"<a href=/p/{token(1)}>Blue mug</a><a href=/p/{token(2)}>Desk lamp</a>", "c")
    scene.ask(10, f"GET /p/{token(2)}", on="c")
    assert live(source(analyse(scene.exchanges)), page) == read


def test_an_item_of_a_scripts_list_is_found_by_the_word_beside_it() -> None:
    def page(items: list[tuple[str, str]]) -> str:
        goods = [{"name": name, "key": key} for name, key in items]
        return f"<script>window.__STATE__ = {json.dumps({'goods': goods})};</script>"

    scene = Scene()
    show(scene, 0, "GET /", page([(name, token(name)) for name in GOODS]), "c")
    scene.ask(10, f"GET /p/{token(GOODS[1])}", on="c")
    found = source(analyse(scene.exchanges))
    assert found.path == "html.script(window.__STATE__).$.goods[1].key"
    assert live(found, page([("Oak chair", "no"), ("Blue mug", "no"), ("Desk lamp", "yes")])) == "yes"


def test_a_call_among_many_is_found_by_what_it_says() -> None:
    def page(keys: dict[str, str]) -> str:
        calls = [json.dumps({"event": event, "key": key}) for event, key in keys.items()]
        return "<script>" + ";".join(f"push({call})" for call in calls) + "</script>"

    scene = Scene()
    show(scene, 0, "GET /", page({"view": token("v"), "pay": token("p")}), "c")
    scene.ask(10, f"GET /p/{token('p')}", on="c")
    assert live(source(analyse(scene.exchanges)), page({"pay": "yes", "view": "no"})) == "yes"


def test_the_number_on_a_page_that_says_thank_you_is_bound() -> None:
    scene = Scene()
    show(scene, 0, "GET /thanks", "<a href=/>Home</a><p>Your order is <strong>100016</strong>.</p>", "c")
    scene.ask(10, "GET /orders/100016/invoice", on="c")
    found = source(analyse(scene.exchanges))
    assert (found.path, live(found, "<p>2041</p><b>Your new order:</b> <strong>200032</strong>")) == (
        "html.order.number[0]",
        "200032",
    )


def test_the_next_page_is_that_of_the_link_header_whatever_comes_before_it() -> None:
    scene = Scene()
    gives = f'</o?cursor={token("n")}>; rel="next", </o?cursor={token("l")}>; rel=last'.encode()
    scene.ask(0, "GET /o", {}, gives=((b"link", gives),), on="c")
    scene.ask(10, f"GET /o?cursor={token('n')}&limit=5", on="c")
    found = source(analyse(scene.exchanges))
    given = ((b"Link", b'<https://h/o?cursor=l>; title="a, b"; rel=last, <?cursor=n>; REL="start next"'),)
    assert Reading(given, b"").text(found.address, found.selectors) == "n"
