"""Learn the link graph of a trace: which response slot feeds which request slot (load testers say: correlation).

An issued token that equals an earlier response's is no accident, so one sighting links. Small numbers and words are
equal by accident all the time, so they link only with overwhelming support (FIELD: 98 % of 8 sightings, 5 values).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from traces.endpoints import Templates
from traces.lens.observed import Observed
from traces.links import polls
from traces.links.flow import Consumed, consumed
from traces.links.model import Graph, Link, Recipe, Slot
from traces.shapes import is_issued, names_one

_WEAK_COVERAGE: Final = 0.98
_WEAK_SIGHTINGS: Final = 8
_WEAK_VALUES: Final = 5


@dataclass(slots=True)
class _Slot:
    """What was seen at one consumer slot."""

    seen: int = 0
    matches: Counter[tuple[Slot, Recipe]] = field(default_factory=Counter)
    strong: Counter[tuple[Slot, Recipe]] = field(default_factory=Counter)
    hops: Counter[tuple[Slot, Recipe]] = field(default_factory=Counter)
    values: defaultdict[tuple[Slot, Recipe], set[str]] = field(default_factory=lambda: defaultdict(set))


def learn(sessions: Sequence[Sequence[Observed]], templates: Templates) -> Graph:
    """The links and polls of these sessions (each in causal order)."""
    slots: defaultdict[Slot, _Slot] = defaultdict(_Slot)
    for session in sessions:
        for use in consumed(session, templates):
            _count(slots[use.slot], use)
    links = [link for consumer, seen in slots.items() for link in _accepted(consumer, seen)]
    return Graph(links=tuple(links), polls=tuple(polls.learn(sessions, templates)))


def _count(slot: _Slot, use: Consumed) -> None:
    slot.seen += 1
    for produced in use.producers:
        key = (produced.slot, produced.recipe)
        slot.matches[key] += 1
        slot.hops[key] += use.step - produced.step
        if len(slot.values[key]) < _WEAK_VALUES:
            slot.values[key].add(use.leaf.text)
        if is_strong(use):
            slot.strong[key] += 1


def is_strong(use: Consumed) -> bool:
    """The value could not be equal by accident: an issued token, or the path of a URL that names one thing."""
    if use.leaf.path == "target":
        return names_one(use.leaf.text)
    return is_issued(use.leaf.text)


def _accepted(consumer: Slot, seen: _Slot) -> list[Link]:
    """The producers of one consumer slot, best first: coverage, then fewest hops, then the shorter path."""
    links = []
    for key, matches in seen.matches.items():
        coverage = matches / seen.seen
        weak = coverage >= _WEAK_COVERAGE and matches >= _WEAK_SIGHTINGS and len(seen.values[key]) >= _WEAK_VALUES
        if seen.strong[key] or weak:
            producer, recipe = key
            links.append(
                Link(producer=producer, consumer=consumer, recipe=recipe, sightings=matches, coverage=coverage)
            )
    hops: Mapping[tuple[Slot, Recipe], int] = seen.hops
    return sorted(
        links,
        key=lambda link: (
            -link.coverage,
            hops[link.producer, link.recipe] / link.sightings,
            len(link.producer.path),
            link.producer,
        ),
    )
