"""One session's links, resolved: where each value that must be live comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from traces.endpoints import Endpoints
from traces.facts import ISSUED, TARGET, Facts
from traces.lens.leaf import Leaf
from traces.links.flow import Consumed, Place, Produced, consumed
from traces.links.learn import is_strong
from traces.links.model import Graph, Link, Recipe
from traces.shapes import is_instant, is_issued, url_path

#: A consumer slot fed at least this often is never sent as recorded: without a producer its value is a stale secret.
_ALWAYS_FED: Final = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Which item of a list: the one whose `key` reads `text`, else the one at `index`.

    depth: position in the source's keys where the index stands.
    """

    depth: int
    key: str
    text: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a live value is read: the answer of `step` (0-based in the session), at a header, cookie or JSON path."""

    step: int
    path: str
    keys: tuple[str | int, ...]
    recipe: Recipe
    selectors: tuple[Selector, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A request leaf that must be live. `sources` are ranked; none means the session cannot go on from here.

    leaf: its number among the request's leaves; None for the whole target.
    """

    step: int
    leaf: int | None
    sources: tuple[Source, ...]


class Resolver:
    """Finds the bindings of sessions, by what was learned of all of them."""

    def __init__(self, graph: Graph, facts: Facts, endpoints: Endpoints) -> None:
        self._facts, self._endpoints = facts, endpoints
        names = {name: number for number, name in enumerate(endpoints.names)}
        slots = {path: number for number, path in enumerate(facts.slots)}
        self._ranked: defaultdict[Place, list[tuple[Place, Link]]] = defaultdict(list)
        for link in graph.links:
            producer, consumer = (
                (names.get(slot.endpoint, -1), slots.get(slot.path, -1)) for slot in (link.producer, link.consumer)
            )
            self._ranked[consumer].append((producer, link))

    def bindings(self, session: Sequence[int], answer: Callable[[int], Sequence[Leaf]]) -> list[Binding]:
        """Every binding of a session, in request order.

        session: the numbers of its exchanges.
        answer:  the leaves of the answer of a step; asked for of those only that gave something.
        """
        found: list[tuple[Consumed, Binding]] = []
        bound_inside: set[int] = set()
        for use in consumed(session, self._facts, self._endpoints):
            links, whole = self._ranked.get(use.place), use.row.bits & TARGET
            if not links or (whole and use.step in bound_inside):
                continue
            binding = self._binding(use, links, answer)
            if binding is not None:
                found.append((use, binding))
                if not whole and is_strong(use) and _in_target(self._facts.slots[use.row.slot]):
                    bound_inside.add(use.step)
        whole_targets = {use.step for use, _ in found if use.row.bits & TARGET}
        return [
            binding
            for use, binding in found
            if use.step not in whole_targets or use.row.bits & TARGET or not _in_target(self._facts.slots[use.row.slot])
        ]

    def _binding(
        self, use: Consumed, links: Sequence[tuple[Place, Link]], answer: Callable[[int], Sequence[Leaf]]
    ) -> Binding | None:
        by_place: Mapping[tuple[Place, Recipe], Produced] = {(p.place, p.recipe): p for p in use.producers}
        sources = tuple(
            self._source(produced, use.row.value, answer(produced.step))
            for producer, link in links
            if (produced := by_place.get((producer, link.recipe))) is not None
        )
        if not sources and (use.row.bits & TARGET or links[0][1].coverage < _ALWAYS_FED or not use.row.bits & ISSUED):
            return None
        return Binding(step=use.step, leaf=None if use.row.bits & TARGET else use.leaf, sources=sources)

    def _source(self, produced: Produced, value: int, leaves: Sequence[Leaf]) -> Source:
        path = self._facts.slots[produced.place[1]]
        leaf = next(leaf for leaf in leaves if leaf.slot == path and _text(leaf, produced.recipe, value))
        return Source(
            step=produced.step,
            path=leaf.path,
            keys=leaf.keys,
            recipe=produced.recipe,
            selectors=tuple(
                selector
                for depth, key in enumerate(leaf.keys)
                if isinstance(key, int) and (selector := _selector(leaf, depth, leaves)) is not None
            ),
        )


def _in_target(path: str) -> bool:
    return path.startswith(("path[", "query."))


def _text(leaf: Leaf, recipe: Recipe, value: int) -> bool:
    """Does the leaf hold the value under this recipe?"""
    text = leaf.text if recipe == "copy" else url_path(leaf.text)
    return text is not None and hash(text) == value


def _selector(leaf: Leaf, depth: int, leaves: Sequence[Leaf]) -> Selector | None:
    """A sibling that tells this item from the others of its list by a word, not by its place."""
    above, index = leaf.keys[:depth], leaf.keys[depth]
    texts: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for other in leaves:
        keys = other.keys
        if len(keys) == depth + 2 and keys[:depth] == above and isinstance(keys[depth + 1], str) and _is_label(other):
            item = keys[depth]
            if isinstance(item, int):
                texts[str(keys[depth + 1])][item] = other.text
    for key, by_item in texts.items():
        own = by_item.get(index) if isinstance(index, int) else None
        if own is not None and len(by_item) > 1 and list(by_item.values()).count(own) == 1:
            return Selector(depth=depth, key=key, text=own, index=int(index))
    return None


def _is_label(leaf: Leaf) -> bool:
    text = leaf.text
    return not leaf.number and bool(text) and not is_issued(text) and not is_instant(text) and url_path(text) is None
