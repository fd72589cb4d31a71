"""One session's links, resolved: where each value that must be live comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from traces.endpoints import Templates
from traces.lens.leaf import Leaf
from traces.lens.observed import Observed
from traces.links.flow import Consumed, Produced, consumed
from traces.links.learn import is_strong
from traces.links.model import Graph, Link, Recipe, Slot
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
    """A request leaf that must be live. `sources` are ranked; none means the session cannot go on from here."""

    step: int
    leaf: Leaf
    slot: Slot
    sources: tuple[Source, ...]


def resolve(session: Sequence[Observed], graph: Graph, templates: Templates) -> list[Binding]:
    """Every binding of the session, in request order."""
    ranked: defaultdict[Slot, list[Link]] = defaultdict(list)
    for link in graph.links:
        ranked[link.consumer].append(link)
    bindings: list[Binding] = []
    bound_inside: set[int] = set()
    for use in consumed(session, templates):
        links = ranked.get(use.slot)
        if not links or (use.leaf.path == "target" and use.step in bound_inside):
            continue
        binding = _binding(use, links, session)
        if binding is not None:
            bindings.append(binding)
            if use.leaf.part == "target" and use.leaf.path != "target" and is_strong(use):
                bound_inside.add(use.step)
    whole = {b.step for b in bindings if b.leaf.path == "target"}
    return [b for b in bindings if b.step not in whole or b.leaf.part != "target" or b.leaf.path == "target"]


def _binding(use: Consumed, links: Sequence[Link], session: Sequence[Observed]) -> Binding | None:
    by_slot: Mapping[tuple[Slot, Recipe], Produced] = {(p.slot, p.recipe): p for p in use.producers}
    sources = tuple(
        _source(produced, session[produced.step].response)
        for link in links
        if (produced := by_slot.get((link.producer, link.recipe))) is not None
    )
    if not sources:
        fed = sum(link.coverage for link in links[:1])
        if use.leaf.path == "target" or fed < _ALWAYS_FED or not is_issued(use.leaf.text):
            return None
    return Binding(step=use.step, leaf=use.leaf, slot=use.slot, sources=sources)


def _source(produced: Produced, leaves: Sequence[Leaf]) -> Source:
    leaf = produced.leaf
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
