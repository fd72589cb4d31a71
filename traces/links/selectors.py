"""Which item of a list: the one that a word beside the value names, for lists come in another order elsewhere."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from traces.lens.address import Address, address_of, document_of
from traces.lens.leaf import Keys, Leaf
from traces.links.source import Selector, Source
from traces.shapes import is_instant, is_issued, names_one, url_path, words

_INDEX: Final = re.compile(r"\[(\d+)\]")
#: A price, though it is written as a text.
_DECIMAL: Final = re.compile(r"-?\d+[.,]\d+")
#: What an item of a page's list is called by: its own words, then those of the row it stands in.
_BESIDE: Final = ("text", "near")
#: Names of fields that say which item it is, then those that say how it is: the surest first.
_NAMES: Final = frozenset("sku slug code handle name title label text near type kind rel role method service".split())
_STATES: Final = frozenset("status state stage default primary selected active current".split())
#: So far below an item stands what it is called by: `edges[*].node.title`.
_BELOW: Final = 2

#: How well a label of its kind names an item: a word, a token that may be another elsewhere, a yes or no, a number that
#: may be a count.
WORD, TOKEN, FLAG, COUNT = range(4)


class Label(NamedTuple):
    """What one item of a list reads at a key, and no other; `all`: what its items read there."""

    kind: int
    text: str
    all: frozenset[str]


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list on the way to a value: the one at `index` of `count`.

    depth:  position among the address's steps where the index stands (`traces.lens.address.steps_of`).
    labels: by key, the best first; a key below another is written `node.title`.
    """

    depth: int
    index: int
    count: int
    labels: Mapping[str, Label]


def items(leaf: Leaf, leaves: Sequence[Leaf]) -> list[Item]:
    """The items of lists on the way to a leaf of an answer with these leaves, outermost first."""
    return list(_items(leaf, leaves))


def selectors(
    found: Sequence[Item], chosen: Sequence[str] = (), source: Callable[[str], Source | None] = lambda _: None
) -> tuple[Selector, ...]:
    """What names these items.

    chosen: by which key each is to be named, `AT` or `LAST` for none; "" or nothing for its best label.
    source: where a token comes from that another answer gave before, if one did.
    """
    made = []
    for n, item in enumerate(found):
        key = chosen[n] if n < len(chosen) else ""
        if key not in item.labels:
            if key in {AT, LAST}:
                continue
            key = next((key for key, label in item.labels.items() if label.kind != COUNT), "")
        if key:
            label = item.labels[key]
            same = source(label.text) if label.kind == TOKEN else None
            made.append(Selector(depth=item.depth, key=key, text=label.text, index=item.index, same=same))
    return tuple(made)


def from_the_end(address: Address, found: Sequence[Item], chosen: Sequence[str] = ()) -> Address:
    """The address with -1 for the index of each item that is the last of its list and was chosen for that.

    So is one that nothing else names: whoever takes neither the first nor one by its name wants the newest.
    """
    for n, item in enumerate(found):
        wanted = chosen[n] if n < len(chosen) else ""
        unnamed = not wanted and not any(label.kind in {WORD, FLAG} for label in item.labels.values())
        if item.index == item.count - 1 and (wanted == LAST or (unnamed and item.index)):
            address = _with_index(address, item.depth, -1)
    return address


def leaf_of(leaves: Sequence[Leaf], slot: str, value: int) -> Leaf:
    """The first leaf at a slot whose text has this hash."""
    return next(leaf for leaf in leaves if hash(leaf.text) == value and leaf.slot == slot)


#: An item is the one at its place in the list, or the last: no word beside it says which.
AT, LAST = "[n]", "[last]"


def _with_index(address: Address, depth: int, index: int) -> Address:
    """The address with another index at one of its steps; only a JSON document is read from its end."""
    if depth < len(address.keys):
        if address.kind != "json":
            return address
        return address._replace(keys=(*address.keys[:depth], index, *address.keys[depth + 1 :]))
    depth -= len(address.keys)
    for n, step in enumerate(address.chain):
        if depth < len(step.keys):
            within = step._replace(keys=(*step.keys[:depth], index, *step.keys[depth + 1 :]))
            return address._replace(chain=(*address.chain[:n], within, *address.chain[n + 1 :]))
        depth -= len(step.keys)
    return address


def _items(leaf: Leaf, leaves: Sequence[Leaf]) -> Iterator[Item]:
    if leaf.outer is not None:
        yield from _items(leaf.outer, leaves)
    above = _depth(leaf) - len(leaf.keys)
    if leaf.path.startswith("html.") and leaf.outer is None:
        yield from _on_page(leaf, leaves)
    for depth, key in enumerate(leaf.keys):
        if isinstance(key, int):
            yield _item(leaf, depth, key, leaves, above)


def _depth(leaf: Leaf) -> int:
    """How many steps lead to a leaf through all that it stands in."""
    return len(address_of(leaf).keys) if leaf.outer is None else len(leaf.keys) + _depth(leaf.outer)


def _item(leaf: Leaf, depth: int, index: int, leaves: Sequence[Leaf], above: int) -> Item:
    """The item at one of the steps of a JSON document."""
    before, document = leaf.keys[:depth], document_of(leaf)
    read: defaultdict[str, dict[int, Leaf]] = defaultdict(dict)
    count = index + 1
    for other in leaves:
        keys = other.keys
        if (
            len(keys) > depth
            and keys[:depth] == before
            and other.outer is leaf.outer
            and other.path.startswith(document)
            and isinstance(item := keys[depth], int)
        ):
            count = max(count, item + 1)
            if (key := _key(keys[depth + 1 :])) and not other.is_name:
                read[key][item] = other
    read.pop(_key(leaf.keys[depth + 1 :]), None)
    labels = {key: label for key, by_item in read.items() if (label := _label(key, by_item, index)) is not None}
    return Item(above + depth, index, count, dict(sorted(labels.items(), key=_rank)))


def _key(below: Keys) -> str:
    if not 0 < len(below) <= _BELOW:
        return ""
    if len(below) == 1:
        return below[0] if isinstance(below[0], str) else ""
    names = [name for name in below if isinstance(name, str) and "." not in name]
    return ".".join(names) if len(names) == len(below) else ""


def _label(key: str, by_item: Mapping[int, Leaf], index: int) -> Label | None:
    own = by_item.get(index)
    if own is None or len(by_item) < 2 or not own.text or own.text == "null":
        return None
    texts, kind = Counter(leaf.text for leaf in by_item.values()), _kind(own)
    if kind == WORD and own.text.isdecimal() and not _is_name(key):
        # A running number is one in quotes too: elsewhere the item has another.
        kind = COUNT
    return Label(kind, own.text, frozenset(texts)) if texts[own.text] == 1 and kind >= 0 else None


def _kind(leaf: Leaf) -> int:
    """How well a leaf names an item; -1 for what never does."""
    text = leaf.text
    if leaf.number or _DECIMAL.fullmatch(text):
        return FLAG if text in {"true", "false"} else COUNT
    if is_instant(text):
        return -1
    if (path := url_path(text)) is not None:
        return TOKEN if names_one(path) else -1
    return TOKEN if is_issued(text) else WORD


def _rank(labelled: tuple[str, Label]) -> tuple[int, int, int]:
    key, label = labelled
    state = _STATES.issuperset(words(key.rpartition(".")[2])[-1:])
    return label.kind, 0 if _is_name(key) else 1 if state else 2, key.count(".")


def _is_name(key: str) -> bool:
    """Do people call an item by what stands at such a key?"""
    return _NAMES.issuperset(words(key.rpartition(".")[2])[-1:])


def _on_page(leaf: Leaf, leaves: Sequence[Leaf]) -> Iterator[Item]:
    """The items of a page's lists on the way to one of its leaves."""
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
                elif (key := _names(other, rest)) and not other.number and other.text and _kind(other) == WORD:
                    texts.setdefault(key, {}).setdefault(int(number), other.text)
        labels = {}
        for key, by_item in texts.items():
            own = by_item.get(index)
            # Two of the same name that lead to the same place are one.
            same = {values.get(n) for n, text in by_item.items() if text == own}
            if own is not None and len(set(values.values())) > 1 and same == {leaf.text}:
                labels[key] = Label(WORD, own, frozenset(by_item.values()))
        yield Item(depth, index, max(values, default=index) + 1, labels)


def _names(leaf: Leaf, below: str) -> str | None:
    """By which key a leaf below an item of a page's list names it: what stands beside, or in the item's document."""
    if len(leaf.keys) == 1 and isinstance(leaf.keys[0], str) and below.startswith(".$."):
        return leaf.keys[0]
    return below[1:] if below[1:] in _BESIDE else None
