"""Items of a list that have a running number each, in quotes: elsewhere they have others, and stand elsewhere."""

from __future__ import annotations

from typing import Any

from tests.traces.links.scene import Scene
from traces.analysis import analyse

FRUIT = ["Apple", "Pear", "Plum", "Fig", "Fig"]


def chosen(wanted: list[int], **more: str) -> list[tuple[str, str]]:
    """(key, text) by which each visitor's item is known, of a list that every visitor gets in another order."""
    scene = Scene()
    for n, fruit in enumerate(wanted):
        rows: list[dict[str, Any]] = [
            {
                "id": str(31 + k),
                "variant": str(61 + k),
                "name": name,
                **{key: f"{text}{k}" for key, text in more.items()},
            }
            for k, name in enumerate(FRUIT)
        ]
        scene.ask(n * 100.0, "GET /list", {"fruits": rows[n % 3 :] + rows[: n % 3]}, on=f"c{n}")
        scene.ask(n * 100.0 + 10, "POST /cart", {}, body={"fruit_id": str(31 + fruit)}, on=f"c{n}")
    analysis = analyse(scene.exchanges)
    sources = [binding.sources[0] for session in analysis.sessions for binding in analysis.bindings(session)]
    return [(s.selectors[0].key, s.selectors[0].text) if s.selectors else ("", "") for s in sources]


def test_an_item_is_known_by_its_name_and_not_by_another_number_it_has() -> None:
    assert chosen([0, 2, 1]) == [("name", "Apple"), ("name", "Plum"), ("name", "Pear")]


def test_one_that_shares_its_name_is_taken_by_its_place_and_the_others_by_their_names_still() -> None:
    assert chosen([0, 2, 3, 1]) == [("name", "Apple"), ("name", "Plum"), ("", ""), ("name", "Pear")]


def test_a_number_is_a_name_where_it_is_called_one() -> None:
    assert chosen([0, 3, 4, 2], sku="83") == [("sku", "830"), ("sku", "833"), ("sku", "834"), ("sku", "832")]
