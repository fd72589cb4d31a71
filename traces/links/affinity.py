"""Do two slots speak of the same thing, by their names? `POST /orders body.$.id` and `/orders/{order_id}` do.

Small numbers are equal by accident all the time; that a number stands where its name says it should is evidence that
no count of sightings replaces.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from traces.links.model import Slot
from traces.shapes import names_thing, words

#: Names that say "which one" and nothing of what.
_WHICH: Final = frozenset("id ids uuid guid gid pk number no nr key code ref reference handle slug sku".split())
#: Steps of a document that say nothing of what is below them.
_FRAME: Final = frozenset("data item result record node edge object attribute list content value payload body".split())
#: `POST /orders/create` makes an order.
_VERBS: Final = frozenset("create add start new init make search query find get list begin open".split())
_WHEN: Final = frozenset({"next", "prev", "previous", "last", "current"})
_STEP: Final = re.compile(r"\.([^.\[\]|{}()]+)")
_SEGMENT: Final = re.compile(r"path\[(\d+)\]")
_GIVEN_SEGMENT: Final = re.compile(r"\|url\.path\[(\d+)\]$")
_PIECE: Final = re.compile(r"\|(?:parts|url\.path)\[")
_CONDITIONAL: Final = frozenset({"header.if-match", "header.if-none-match", "header.if-range"})

Words = tuple[str, ...]


@lru_cache(maxsize=1 << 14)
def related(producer: Slot, consumer: Slot) -> bool:
    """Is it likely by the names alone that the consumer is sent what the producer gave?"""
    if "etag" in words(producer.path.partition("|")[0]) and consumer.path.partition("|")[0] in _CONDITIONAL:
        return True
    if _is_same_segment(producer, consumer) or _is_for_scripts(producer, consumer):
        return True
    given, wanted = _name(producer), _name(consumer)
    if not wanted or not names_thing(given):
        return False
    if given == wanted and (len(given) > 1 or given[-1] not in _WHICH):
        return True
    own = set(given[:-1]) or _thing(producer)
    if given[-1] in _WHICH and wanted[-1] not in _WHICH and not names_thing(wanted):
        # `basket` is sent what a basket's `id` was.
        return wanted[-1] in own
    alike = given[-1] == wanted[-1] or (given[-1] in _WHICH and wanted[-1] in _WHICH)
    return alike and bool(own & (set(wanted[:-1]) or _thing(consumer)))


@lru_cache(maxsize=1 << 14)
def identifies(slot: Slot) -> bool:
    """Does the slot's name say that its value names a thing?"""
    return names_thing(_name(slot))


def _is_same_segment(producer: Slot, consumer: Slot) -> bool:
    """`Location: /orders/17` gives what stands third in `/orders/17/pay`."""
    given, wanted = _GIVEN_SEGMENT.search(producer.path), _SEGMENT.fullmatch(consumer.path)
    if given is None or wanted is None or given[1] != wanted[1]:
        return False
    parts = consumer.endpoint.partition(" ")[2].split("/")
    return int(wanted[1]) < len(parts) and parts[int(wanted[1])].startswith("{")


def _is_for_scripts(producer: Slot, consumer: Slot) -> bool:
    """`data-product` is what a page has for its own scripts to send as `product`."""
    given = _name(producer)
    return given[:1] == ("data",) and len(given) > 1 and given[1:] == _name(consumer)


def _name(slot: Slot) -> Words:
    """The words of the field a slot is called by; a path segment is called as the template calls it."""
    segment = _SEGMENT.match(slot.path)
    if segment is not None:
        parts = slot.endpoint.partition(" ")[2].split("/")
        number = int(segment[1])
        own = parts[number] if number < len(parts) else ""
        return words(own.strip("{}").rstrip("23456789")) if own.startswith("{") else ()
    # A piece has no name but that of the value it is a piece of.
    steps = _STEP.findall(_PIECE.split(slot.path)[0])
    name = words(steps[-1]) if steps else ()
    # The next cursor is sent as the cursor.
    return name[1:] if len(name) > 1 and name[0] in _WHEN else name


def _thing(slot: Slot) -> set[str]:
    """What the slot's value is one of: the nearest step above it that says so, else the last word of its path."""
    for step in reversed(_STEP.findall(slot.path)[:-1]):
        named = set(words(step)) - _FRAME
        if named:
            return named
    parts = slot.endpoint.partition(" ")[2].split("/")
    segment = _SEGMENT.match(slot.path)
    before = parts[: int(segment[1])] if segment is not None else parts
    literal = [part for part in before if part and not part.startswith("{") and not _VERBS.issuperset(words(part))]
    return set(words(literal[-1])) if literal else set()
