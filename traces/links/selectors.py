"""Which item of a list: the one that a word beside the value names, for lists come in another order elsewhere."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from traces.lens.address import address_of, document_of
from traces.lens.leaf import Keys, Leaf
from traces.shapes import is_instant, is_issued, url_path

_INDEX: Final = re.compile(r"\[(\d+)\]")
#: What an item of a page's list is called by: its own words, then those of the row it stands in.
_BESIDE: Final = ("text", "near")


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
    if leaf.outer is not None:
        yield from _selectors(leaf.outer, leaves)
    above = _depth(leaf) - len(leaf.keys)
    if leaf.path.startswith("html.") and leaf.outer is None:
        yield from _on_page(leaf, leaves)
    for depth, key in enumerate(leaf.keys):
        if isinstance(key, int) and (found := _selector(leaf, depth, leaves)) is not None:
            yield Selector(depth=above + depth, key=found[0], text=found[1], index=key)


def _depth(leaf: Leaf) -> int:
    """How many steps lead to a leaf through all that it stands in."""
    return len(address_of(leaf).keys) if leaf.outer is None else len(leaf.keys) + _depth(leaf.outer)


def _on_page(leaf: Leaf, leaves: Sequence[Leaf]) -> Iterator[Selector]:
    """What names the items of a page's lists on the way to one of its leaves."""
    for depth, match in enumerate(_INDEX.finditer(document_of(leaf))):
        head, tail, index = leaf.path[: match.start() + 1], leaf.path[match.end() :], int(match[1])
        values: dict[int, str] = {}
        texts: dict[str, dict[int, str]] = {key: {} for key in _BESIDE}
        for other in leaves:
            if other.outer is None and other.path.startswith(head):
                number, _, rest = other.path[len(head) :].partition("]")
                if not number.isdecimal():
                    continue
                if rest == tail:
                    values.setdefault(int(number), other.text)
                elif (key := _names(other, rest)) and _is_label(other):
                    texts.setdefault(key, {}).setdefault(int(number), other.text)
        for key, by_item in texts.items():
            own = by_item.get(index)
            # Two of the same name that lead to the same place are one.
            same = {values.get(n) for n, text in by_item.items() if text == own}
            if own is not None and len(set(values.values())) > 1 and same == {leaf.text}:
                yield Selector(depth=depth, key=key, text=own, index=index)
                break


def _names(leaf: Leaf, below: str) -> str | None:
    """By which key a leaf below an item of a page's list names it: what stands beside, or in the item's document."""
    if len(leaf.keys) == 1 and isinstance(leaf.keys[0], str) and below.startswith(".$."):
        return leaf.keys[0]
    return below[1:] if below[1:] in _BESIDE else None


def _selector(leaf: Leaf, depth: int, leaves: Sequence[Leaf]) -> tuple[str, str] | None:
    """(key, text) of a sibling that tells this item from the others of its list by a word, not by its place."""
    above, index, document = leaf.keys[:depth], leaf.keys[depth], document_of(leaf)
    texts: defaultdict[Keys, dict[int, str]] = defaultdict(dict)
    for other in leaves:
        keys = other.keys
        if (
            len(keys) == depth + 2
            and keys[:depth] == above
            and other.outer is leaf.outer
            and other.path.startswith(document)
            and _is_label(other)
        ):
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
