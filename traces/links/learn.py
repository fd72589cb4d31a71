"""Learn the link graph of a trace: which response slot feeds which request slot (load testers say: correlation).

An issued token that equals an earlier response's is no accident, so one sighting links. Small numbers and words are
equal by accident all the time: they link when the slots' names say that they speak of the same thing, or with
overwhelming support (FIELD: 98 % of 8 sightings, 5 values) that another session's answers would not give as well.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from traces.endpoints import Endpoints
from traces.facts import ISSUED, NUMBER, ONE, RARE, TARGET, Facts
from traces.lens import Leaf
from traces.links import recipes
from traces.links.affinity import identifies, related
from traces.links.elsewhere import Elsewhere
from traces.links.flow import Consumed, Place, consumed
from traces.links.kinds import Owners, kind_of, parameter_name
from traces.links.model import Graph, Link, Slot, Unfed
from traces.links.specific import Specific
from traces.model import Session

_WEAK_COVERAGE: Final = 0.98
_WEAK_SIGHTINGS: Final = 8
_WEAK_VALUES: Final = 5
#: What names say needs no count, but a consumer that mostly carries something else is not fed from there.
_NAMED_COVERAGE: Final = 0.8
#: So many different sets of places are told apart for one consumer.
_TOGETHER: Final = 256
#: A value fed so often needs nothing known of its parts.
_ALWAYS: Final = 0.999


class Messages(Protocol):
    """The leaves, nested ones too, of an exchange's two sides, by its number; `values`: the answer's (slot, text)."""

    def request(self, number: int, /) -> Sequence[Leaf]: ...
    def answer(self, number: int, /) -> Sequence[Leaf]: ...
    def values(self, number: int, /) -> Sequence[tuple[str, str]]: ...


@dataclass(slots=True)
class _Match:
    """How often a consumer's value was one producer's."""

    count: int = 0
    strong: int = 0
    rare: int = 0
    echoed: int = 0
    hops: int = 0
    values: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Stray:
    """A value that some answer gave, but none of the session that carries it: by which request first, and how often."""

    number: int
    count: int = 0


@dataclass(slots=True)
class _Seen:
    """What was seen at one consumer slot.

    together: how often these places, and no others, had given the value.
    examples: a few (session, step, leaf) of different values.
    """

    count: int = 0
    issued: int = 0
    numbers: int = 0
    together: Counter[tuple[Place, ...]] = field(default_factory=Counter)
    strays: dict[int, _Stray] = field(default_factory=dict)
    examples: list[tuple[int, int, int]] = field(default_factory=list)
    matches: defaultdict[Place, _Match] = field(default_factory=lambda: defaultdict(_Match))
    owners: Owners = field(default_factory=Owners)


def learn(
    sessions: Sequence[Session], facts: Facts, endpoints: Endpoints, messages: Messages
) -> tuple[Graph, Elsewhere]:
    """The links of these sessions, ranked within each consumer, the best first, and what no link feeds; and where that
    comes from which a session was given by another.
    """
    seen: defaultdict[Place, _Seen] = defaultdict(_Seen)
    given = set(facts.given.values)
    for number, session in enumerate(sessions):
        for use in consumed(session.numbers, facts, endpoints):
            _count(seen[use.place], use, number)
            if not use.producers and use.row.value in given and is_strong(use):
                stray = seen[use.place].strays.setdefault(use.row.value, _Stray(session.numbers[use.step]))
                stray.count += 1
    elsewhere = Elsewhere({value for own in seen.values() for value in own.strays}, sessions, facts, endpoints)
    judge = _Judge(sessions, facts, endpoints)
    links = [link for consumer, own in seen.items() for link in judge.accepted(consumer, own)]
    links += [link for consumer, own in seen.items() for link in judge.across(consumer, own, elsewhere)]
    links = _without_inner(links)
    linked = {link.consumer for link in links}
    for place, own in seen.items():
        if judge.slot(place) not in linked and (made := judge.made(place, own, messages)) is not None:
            links.append(made)
            linked.add(made.consumer)
    # A value with something linked inside it, or standing inside such a one, is fed already.
    fed = {Slot(slot.endpoint, part) for slot in linked for part in _around(slot.path)}
    set_by_server = {facts.slots[slot] for shape in facts.shapes for slot in shape}
    unfed: list[Unfed] = []
    for place, own in seen.items():
        slot = judge.slot(place)
        if slot in fed or slot.path == "target" or any(Slot(slot.endpoint, p) in linked for p in _around(slot.path)):
            continue
        cookie = slot.path.startswith("cookie.") and slot.path in set_by_server
        kind = kind_of(slot, own.owners, issued=own.issued / own.count, set_by_server=cookie)
        if kind is not None:
            unfed.append(Unfed(slot=slot, kind=kind, name=parameter_name(slot), sightings=own.count))
    return Graph(links=tuple(links), unfed=tuple(_innermost(unfed))), elsewhere


def _innermost(unfed: Sequence[Unfed]) -> Iterator[Unfed]:
    """Of a value and what stands inside it the inner one; but a token is whole, whatever pieces it has."""
    slots = {entry.slot for entry in unfed}
    around = {
        Slot(slot.endpoint, path)
        for slot in slots
        for path in _around(slot.path)
        if path != slot.path and "|parts[" not in slot.path[len(path) :]
    }
    for entry in unfed:
        path = entry.slot.path
        piece_of = path.rpartition("|parts[")[0] if "|parts[" in path else ""
        if entry.slot not in around and Slot(entry.slot.endpoint, piece_of) not in slots:
            yield entry


def _without_inner(links: Sequence[Link]) -> list[Link]:
    """Without links into a part of a value that is itself always fed."""
    always = {link.consumer for link in links if link.coverage >= _ALWAYS}
    return [
        link
        for link in links
        if not any(
            Slot(link.consumer.endpoint, path) in always
            for path in _around(link.consumer.path)
            if path != link.consumer.path
        )
    ]


def _around(path: str) -> Iterator[str]:
    """The path and those of all values it stands inside: `a|json.$.b|url.path[1]`, `a|json.$.b`, `a`."""
    while path:
        yield path
        path = path.rpartition("|")[0]


def _count(seen: _Seen, use: Consumed, session: int) -> None:
    seen.count += 1
    seen.issued += bool(use.row.bits & ISSUED)
    seen.numbers += bool(use.row.bits & NUMBER)
    if len(seen.examples) < recipes.SAMPLE and use.row.value not in seen.owners.first:
        seen.examples.append((session, use.step, use.leaf))
    seen.owners.add(use.row.value, session)
    strong = is_strong(use)
    if use.producers and not strong and len(seen.together) < _TOGETHER:
        seen.together[tuple(produced.place for produced in use.producers)] += 1
    for produced in use.producers:
        match = seen.matches[produced.place]
        match.count += 1
        match.strong += strong
        match.rare += bool(use.row.bits & RARE)
        match.echoed += produced.echoed
        match.hops += use.step - produced.step
        if len(match.values) < _WEAK_VALUES:
            match.values.add(use.row.value)


def _without_parts(links: Sequence[Link]) -> list[Link]:
    """Without what an endpoint also gave inside another of its values, as an id in a URL, no more often than alone."""
    alone: dict[str, float] = {}
    for link in links:
        if "|" not in link.producer.path:
            alone[link.producer.endpoint] = max(alone.get(link.producer.endpoint, 0.0), link.coverage)
    return [
        link
        for link in links
        if "|" not in link.producer.path or alone.get(link.producer.endpoint, -1.0) < link.coverage
    ]


def is_strong(use: Consumed) -> bool:
    """The value could not be equal by accident: an issued token, the path of a URL that names one thing, a server's
    clock read to the millisecond.
    """
    bits = use.row.bits
    return bits & (ONE if bits & TARGET else ISSUED) != 0 or bits & (RARE | NUMBER) == RARE


def _is_piece(path: str) -> bool:
    """Of a path or of a composite, which have no names of their own."""
    return path.startswith("path[") or "|parts[" in path


class _Judge:
    """Which matches are links."""

    def __init__(self, sessions: Sequence[Session], facts: Facts, endpoints: Endpoints) -> None:
        self._sessions, self._facts, self._endpoints = sessions, facts, endpoints
        self._specific = Specific(sessions, facts, endpoints)
        self._slots: dict[Place, Slot] = {}

    def slot(self, place: Place) -> Slot:
        """The slot at a place."""
        known = self._slots.get(place)
        if known is None:
            known = self._slots[place] = Slot(self._endpoints.names[place[0]], self._facts.slots[place[1]])
        return known

    def accepted(self, consumer: Place, seen: _Seen) -> list[Link]:
        """The producers of one consumer slot, best first: coverage, then fewest hops, then the shorter path."""
        wanted, ranked = self.slot(consumer), []
        for place, match in seen.matches.items():
            coverage = match.count / seen.count
            if match.strong or self._is_weak_link(consumer, place, match, seen):
                producer = self.slot(place)
                link = Link(producer=producer, consumer=wanted, sightings=match.count, coverage=coverage)
                named = not match.strong and not related(producer, wanted)
                ranked.append((named, -coverage, match.hops / match.count, len(producer.path), producer, link))
        return _without_parts([link for *_, link in sorted(ranked, key=lambda rank: rank[:-1])])

    def _is_weak_link(self, consumer: Place, producer: Place, match: _Match, seen: _Seen) -> bool:
        given, wanted = self.slot(producer), self.slot(consumer)
        coverage = match.count / seen.count
        if related(given, wanted):
            # A version is given by the first answer, then by each change: together they give it always.
            joint = sum(
                count
                for places, count in seen.together.items()
                if any(related(self.slot(place), wanted) for place in places)
            )
            return max(coverage, joint / seen.count) >= _NAMED_COVERAGE
        if match.echoed == match.count:
            return False
        if match.rare == match.count and identifies(given) and (identifies(wanted) or _is_piece(wanted.path)):
            return coverage >= _NAMED_COVERAGE
        return (
            coverage >= _WEAK_COVERAGE
            and match.count >= _WEAK_SIGHTINGS
            and len(match.values) >= _WEAK_VALUES
            and self._specific.is_own(consumer, producer)
        )

    def across(self, consumer: Place, seen: _Seen, elsewhere: Elsewhere) -> list[Link]:
        """The producers of other sessions that feed a slot, the most frequent first."""
        counts: Counter[Place] = Counter()
        for value, stray in seen.strays.items():
            if (found := elsewhere.source(value, stray.number)) is not None:
                counts[found.place] += stray.count
        return [
            Link(
                producer=self.slot(place),
                consumer=self.slot(consumer),
                across=True,
                sightings=count,
                coverage=count / seen.count,
            )
            for place, count in counts.most_common()
        ]

    def made(self, consumer: Place, seen: _Seen, messages: Messages) -> Link | None:
        """How a slot that is fed no value as it is was made of an answer's, if it was."""
        if seen.numbers < seen.count and seen.issued < seen.count:
            return None
        texts = [messages.request(self._number(session, step))[leaf].text for session, step, leaf in seen.examples]
        if not recipes.could_be_made(texts):
            return None
        given = [self._given_before(session, step, messages) for session, step, _ in seen.examples]
        found = recipes.explain([recipes.Sighting(*sighting) for sighting in zip(texts, given, strict=True)])
        if found is None:
            return None
        names = self._endpoints.names
        return Link(
            producer=Slot(names[found.producer[0]], found.producer[1]),
            consumer=self.slot(consumer),
            recipe=found.recipe,
            plus=None if found.plus is None else Slot(names[found.plus[0]], found.plus[1]),
            sightings=found.sightings,
            coverage=found.coverage,
        )

    def _number(self, session: int, step: int) -> int:
        return self._sessions[session].numbers[step]

    def _given_before(self, session: int, step: int, messages: Messages) -> list[tuple[recipes.Given, str]]:
        """What the answers gave that were complete before a request, the latest first."""
        facts, begins = self._facts, self._facts.received[self._number(session, step)]
        return [
            ((self._endpoints.of[number], slot), text)
            for number in reversed(self._sessions[session].numbers[:step])
            if facts.end[number] <= begins
            for slot, text in messages.values(number)
        ]
