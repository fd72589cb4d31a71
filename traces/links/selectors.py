"""Which item of a list: the one that a word beside the value names, for lists come in another order elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from traces.lens.leaf import Keys, Leaf
from traces.shapes import is_instant, is_issued, url_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Which item of a list: the one whose `key` reads `text`, else the one at `index`.

    depth: position among the address's steps where the index stands (`traces.lens.address.steps_of`).
    """

    depth: int
    key: str
    text: str
    index: int


def selectors(leaf: Leaf, leaves: Sequence[Leaf]) -> tuple[Selector, ...]:
    """What names the items on the way to a leaf of an answer with these leaves, outermost first."""
    return tuple(_selectors(leaf, leaves))


def _selectors(leaf: Leaf, leaves: Sequence[Leaf]) -> Iterator[Selector]:
    outer = leaf.outer
    above = 0
    if outer is not None:
        yield from _selectors(outer, leaves)
        above = _depth(outer)
    for depth, key in enumerate(leaf.keys):
        if isinstance(key, int) and (found := _selector(leaf, depth, leaves)) is not None:
            yield Selector(depth=above + depth, key=found[0], text=found[1], index=key)


def _depth(leaf: Leaf) -> int:
    """How many steps lead to a leaf through all that it stands in."""
    return len(leaf.keys) + (0 if leaf.outer is None else _depth(leaf.outer))


def _selector(leaf: Leaf, depth: int, leaves: Sequence[Leaf]) -> tuple[str, str] | None:
    """(key, text) of a sibling that tells this item from the others of its list by a word, not by its place."""
    above, index = leaf.keys[:depth], leaf.keys[depth]
    texts: defaultdict[Keys, dict[int, str]] = defaultdict(dict)
    for other in leaves:
        keys = other.keys
        if len(keys) == depth + 2 and keys[:depth] == above and other.outer is leaf.outer and _is_label(other):
            item = keys[depth]
            if isinstance(item, int) and isinstance(keys[depth + 1], str):
                texts[keys[depth + 1 :]][item] = other.text
    for key, by_item in texts.items():
        own = by_item.get(index) if isinstance(index, int) else None
        if own is not None and len(by_item) > 1 and list(by_item.values()).count(own) == 1:
            return str(key[0]), own
    return None


def _is_label(leaf: Leaf) -> bool:
    text = leaf.text
    return not leaf.number and bool(text) and not is_issued(text) and not is_instant(text) and url_path(text) is None
