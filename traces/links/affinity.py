"""Do two slots speak of the same thing, by their names? `POST /orders body.$.id` and `/orders/{order_id}` do.

Small numbers are equal by accident all the time; that a number stands where its name says it should is evidence that
no count of sightings replaces.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from traces.links.model import Slot

#: Words that name a thing or a state of it: quantities, prices and pages do not.
_IDENTIFYING: Final = frozenset(
    "id ids uuid guid pk number no nr key token code ref reference version revision rev etag seq sequence cursor "
    "handle slug sku nonce url uri href secret csrf session after before next since".split()
)
_STEP: Final = re.compile(r"\.([^.\[\]|{}()]+)(?:\[\*\])*")
_SEGMENT: Final = re.compile(r"path\[(\d+)\]")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_CONDITIONAL: Final = frozenset({"header.if-match", "header.if-none-match", "header.if-range"})

Words = tuple[str, ...]


@lru_cache(maxsize=1 << 14)
def related(producer: Slot, consumer: Slot) -> bool:
    """Is it likely by the names alone that the consumer is sent what the producer gave?"""
    if "etag" in producer.path and consumer.path.partition("|")[0] in _CONDITIONAL:
        return True
    given, wanted = _name(producer), _name(consumer)
    if not given or not wanted or given[-1] not in _IDENTIFYING or wanted[-1] not in _IDENTIFYING:
        return False
    if given == wanted:
        return len(given) > 1 or _nouns(producer) & _nouns(consumer) != set() or given[-1] not in {"id", "ids"}
    # `order_id` of what gave an order's `id`; `id` below /orders/ of what gave an `order_id`.
    if given[-1] == wanted[-1]:
        longer, shorter, nouns = (wanted, given, producer) if len(wanted) > len(given) else (given, wanted, consumer)
        return longer[-len(shorter) :] == shorter and longer[-len(shorter) - 1] in _nouns(nouns)
    return False


def _name(slot: Slot) -> Words:
    """The words of the field a slot is called by; a path segment is called as the template calls it."""
    path = slot.path
    below = path.rpartition("|")[2] if "|" in path else path
    segment = _SEGMENT.search(below)
    if segment is not None and "|" not in path:
        parts = slot.endpoint.partition(" ")[2].split("/")
        number = int(segment[1])
        own = parts[number] if number < len(parts) else ""
        return _words(own.strip("{}").rstrip("23456789")) if own.startswith("{") else ()
    steps = _STEP.findall(path)
    return _words(steps[-1]) if steps else ()


def _nouns(slot: Slot) -> set[str]:
    """What things the slot is about: the steps above it, the last words of its path, the words of its own name."""
    nouns: set[str] = set()
    for step in _STEP.findall(slot.path)[-3:]:
        nouns.update(_words(step))
    literal = [part for part in slot.endpoint.partition(" ")[2].split("/") if part and not part.startswith("{")]
    for part in literal[-2:]:
        nouns.update(_words(part))
    return nouns - _IDENTIFYING


@lru_cache(maxsize=1 << 14)
def _words(name: str) -> Words:
    return tuple(_singular(word.lower()) for word in _HUMP.split(name) if word)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
