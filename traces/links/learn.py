"""Learn the link graph of a trace: which response slot feeds which request slot (load testers say: correlation).

An issued token that equals an earlier response's is no accident, so one sighting links. Small numbers and words are
equal by accident all the time, so they link only with overwhelming support (FIELD: 98 % of 8 sightings, 5 values).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from traces.endpoints import Endpoints
from traces.facts import ISSUED, ONE, TARGET, Facts
from traces.links.flow import Consumed, Place, consumed
from traces.links.model import Link, Recipe, Slot
from traces.model import Session

_WEAK_COVERAGE: Final = 0.98
_WEAK_SIGHTINGS: Final = 8
_WEAK_VALUES: Final = 5


#: Where a value came from, and how.
_Producer = tuple[Place, Recipe]


@dataclass(slots=True)
class _Slot:
    """What was seen at one consumer slot."""

    seen: int = 0
    matches: Counter[_Producer] = field(default_factory=Counter)
    strong: Counter[_Producer] = field(default_factory=Counter)
    hops: Counter[_Producer] = field(default_factory=Counter)
    values: defaultdict[_Producer, set[int]] = field(default_factory=lambda: defaultdict(set))


def learn(sessions: Sequence[Session], facts: Facts, endpoints: Endpoints) -> tuple[Link, ...]:
    """The links of these sessions, ranked within each consumer, the best first."""
    slots: defaultdict[Place, _Slot] = defaultdict(_Slot)
    for session in sessions:
        for use in consumed(session.numbers, facts, endpoints):
            _count(slots[use.place], use)

    def slot(place: Place) -> Slot:
        return Slot(endpoints.names[place[0]], facts.slots[place[1]])

    return tuple(link for consumer, seen in slots.items() for link in _accepted(consumer, seen, slot))


def _count(slot: _Slot, use: Consumed) -> None:
    slot.seen += 1
    for produced in use.producers:
        key = (produced.place, produced.recipe)
        slot.matches[key] += 1
        slot.hops[key] += use.step - produced.step
        if len(slot.values[key]) < _WEAK_VALUES:
            slot.values[key].add(use.row.value)
        if is_strong(use):
            slot.strong[key] += 1


def is_strong(use: Consumed) -> bool:
    """The value could not be equal by accident: an issued token, or the path of a URL that names one thing."""
    return use.row.bits & (ONE if use.row.bits & TARGET else ISSUED) != 0


def _accepted(consumer: Place, seen: _Slot, slot: Callable[[Place], Slot]) -> list[Link]:
    """The producers of one consumer slot, best first: coverage, then fewest hops, then the shorter path."""
    links = []
    for key, matches in seen.matches.items():
        coverage = matches / seen.seen
        weak = coverage >= _WEAK_COVERAGE and matches >= _WEAK_SIGHTINGS and len(seen.values[key]) >= _WEAK_VALUES
        if seen.strong[key] or weak:
            producer, recipe = key
            link = Link(
                producer=slot(producer), consumer=slot(consumer), recipe=recipe, sightings=matches, coverage=coverage
            )
            links.append((-coverage, seen.hops[key] / matches, len(link.producer.path), link.producer, recipe, link))
    return [link for *_, link in sorted(links, key=lambda ranked: ranked[:-1])]
