"""Which of the matches that were seen are links.

An issued token that equals an earlier response's is no accident, so one sighting links. Small numbers and words are
equal by accident all the time: they link when the slots' names say that they speak of the same thing, or with
overwhelming support (FIELD: 98 % of 8 sightings, 5 values) that another session's answers would not give as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, Protocol

from traces.endpoints import Endpoints
from traces.facts import Facts
from traces.lens import Leaf
from traces.links import recipes
from traces.links.affinity import identifies, related
from traces.links.elsewhere import Elsewhere
from traces.links.flow import Place
from traces.links.model import Link, Slot
from traces.links.seen import VALUES, Match, Seen
from traces.links.specific import Specific
from traces.model import Session

_WEAK_COVERAGE: Final = 0.98
_WEAK_SIGHTINGS: Final = 8
#: What names say needs no count, but a consumer that mostly carries something else is not fed from there.
_NAMED_COVERAGE: Final = 0.8


class Messages(Protocol):
    """The leaves, nested ones too, of an exchange's two sides, by its number; `values`: the answer's (slot, text)."""

    def request(self, number: int, /) -> Sequence[Leaf]: ...
    def answer(self, number: int, /) -> Sequence[Leaf]: ...
    def values(self, number: int, /) -> Sequence[tuple[str, str]]: ...


class Judge:
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

    def accepted(self, consumer: Place, seen: Seen) -> list[Link]:
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

    def _is_weak_link(self, consumer: Place, producer: Place, match: Match, seen: Seen) -> bool:
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
            and len(match.values) >= VALUES
            and self._specific.is_own(consumer, producer)
        )

    def across(self, consumer: Place, seen: Seen, elsewhere: Elsewhere) -> list[Link]:
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

    def made(self, consumer: Place, seen: Seen, messages: Messages) -> Link | None:
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


def _is_piece(path: str) -> bool:
    """Of a path or of a composite, which have no names of their own."""
    return path.startswith("path[") or "|parts[" in path
