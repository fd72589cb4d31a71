"""What was seen at each place where requests carry values: how often, and which answers had given it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from traces.facts import ISSUED, NUMBER, ONE, RARE, TARGET
from traces.links import explain
from traces.links.choices import SAMPLE
from traces.links.flow import Consumed, Place
from traces.links.kinds import Owners

#: Different values looked at for one producer: so many are no accident.
VALUES: Final = 5
#: So many different sets of places are told apart for one consumer.
_TOGETHER: Final = 256


class Example(NamedTuple):
    """Where a value was produced: by which step of which session, its hash, and which step's request carries it."""

    session: int
    step: int
    value: int
    use: int


@dataclass(slots=True)
class Match:
    """How often a consumer's value was one producer's. `examples`: a few sightings, of as many sessions."""

    count: int = 0
    strong: int = 0
    rare: int = 0
    echoed: int = 0
    hops: int = 0
    values: set[int] = field(default_factory=set)
    examples: list[Example] = field(default_factory=list)


@dataclass(slots=True)
class Stray:
    """A value that some answer gave, but none of the session that carries it: by which request last, and how often."""

    number: int = -1
    count: int = 0


@dataclass(slots=True)
class Seen:
    """What was seen at one consumer slot.

    given: how often answers had given it, and no accident.
    together: how often these places, and no others, had given the value.
    examples: a few (session, step, leaf) of different values.
    """

    count: int = 0
    given: int = 0
    issued: int = 0
    numbers: int = 0
    together: Counter[tuple[Place, ...]] = field(default_factory=Counter)
    strays: dict[int, Stray] = field(default_factory=dict)
    examples: list[tuple[int, int, int]] = field(default_factory=list)
    matches: defaultdict[Place, Match] = field(default_factory=lambda: defaultdict(Match))
    owners: Owners = field(default_factory=Owners)


def count(seen: Seen, use: Consumed, session: int) -> None:
    seen.count += 1
    seen.issued += bool(use.row.bits & ISSUED)
    seen.numbers += bool(use.row.bits & NUMBER)
    if len(seen.examples) < explain.SAMPLE and use.row.value not in seen.owners.first:
        seen.examples.append((session, use.step, use.leaf))
    seen.owners.add(use.row.value, session)
    strong = is_strong(use)
    seen.given += strong and bool(use.producers)
    if use.producers and not strong and len(seen.together) < _TOGETHER:
        seen.together[tuple(produced.place for produced in use.producers)] += 1
    for produced in use.producers:
        match = seen.matches[produced.place]
        match.count += 1
        match.strong += strong
        match.rare += bool(use.row.bits & RARE)
        match.echoed += produced.echoed
        match.hops += use.step - produced.step
        if len(match.values) < VALUES:
            match.values.add(use.row.value)
        examples = match.examples
        if len(examples) < SAMPLE and (not examples or examples[-1].session != session):
            examples.append(Example(session, produced.step, use.row.value, use.step))


def is_strong(use: Consumed) -> bool:
    """The value could not be equal by accident: an issued token, the path of a URL that names one thing, a server's
    clock read to the millisecond.
    """
    bits = use.row.bits
    return bits & (ONE if bits & TARGET else ISSUED) != 0 or bits & (RARE | NUMBER) == RARE
