"""Which of the matches that were seen are links.

An issued token that equals an earlier response's is no accident, so one sighting links. Small numbers and words are
equal by accident all the time: they link when the slots' names say that they speak of the same thing, or with
overwhelming support (FIELD: 98 % of 8 sightings, 5 values) that another session's answers would not give as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from typing import Final, Protocol

from traces.endpoints import Endpoints
from traces.facts import Facts
from traces.lens import Leaf
from traces.links import explain, recipes
from traces.links.affinity import closeness, identifies, is_amount, related
from traces.links.arguments import meant
from traces.links.choices import Chosen, choices
from traces.links.elsewhere import Elsewhere
from traces.links.evidence import Company, Sighting, is_evident
from traces.links.flow import Place
from traces.links.model import Link, Slot
from traces.links.seen import VALUES, Example, Match, Seen
from traces.links.selectors import items, leaf_of
from traces.links.specific import Specific
from traces.model import Session

_WEAK_COVERAGE: Final = 0.98
_WEAK_SIGHTINGS: Final = 8
#: What names say needs no count, but a consumer that mostly carries something else is not fed from there.
_NAMED_COVERAGE: Final = 0.8
#: So many of the numbers that count up from 1000 are not round.
_RARE: Final = 0.6
#: How a client chose among the items of a list is looked at for what feeds a slot this often.
_WORTH_A_LOOK: Final = 0.2
_AS_IT_COMES: Final = Chosen((), 0)


class Messages(Protocol):
    """The leaves, nested ones too, of an exchange's two sides, by its number; `values`: the answer's (slot, text)."""

    def request(self, number: int, /) -> Sequence[Leaf]: ...
    def answer(self, number: int, /) -> Sequence[Leaf]: ...
    def values(self, number: int, /) -> Sequence[tuple[str, str]]: ...


class Judge:
    """Which matches are links. `given`: the values that answers gave and requests carry."""

    def __init__(
        self, sessions: Sequence[Session], facts: Facts, endpoints: Endpoints, given: Set[int] = frozenset()
    ) -> None:
        self._sessions, self._facts, self._endpoints, self._given = sessions, facts, endpoints, given
        self._specific = Specific(sessions, facts, endpoints)
        self._slots: dict[Place, Slot] = {}
        self._meant: dict[Place, Slot] = {}

    def slot(self, place: Place) -> Slot:
        """The slot at a place."""
        known = self._slots.get(place)
        if known is None:
            known = self._slots[place] = Slot(self._endpoints.names[place[0]], self._facts.slots[place[1]])
        return known

    def meant(self, place: Place) -> Slot:
        """The slot at a place, by the names that say most of it."""
        known = self._meant.get(place)
        if known is None:
            known = self._meant[place] = meant(self.slot(place), self._facts.arguments)
        return known

    def accepted(self, consumer: Place, seen: Seen, messages: Messages) -> list[Link]:
        """The producers of one consumer slot, best first: coverage, then those in whose lists it is known what was
        chosen, then fewest hops, then the shorter path.
        """
        wanted, called, ranked = self.slot(consumer), self.meant(consumer), []
        distant = self._distant(called, seen)
        for place, match in seen.matches.items():
            coverage = match.count / seen.count
            if match.strong or (place not in distant and self._is_weak_link(consumer, place, match, seen)):
                producer = self.slot(place)
                chosen = self._choices(place, match, messages) if coverage >= _WORTH_A_LOOK else _AS_IT_COMES
                link = Link(
                    producer=producer,
                    consumer=wanted,
                    items=chosen.items,
                    sightings=match.count,
                    coverage=coverage,
                )
                named = not match.strong and not related(self.meant(place), called)
                # A form's own choice may be another elsewhere; what its words name is not.
                is_own = not producer.path.endswith(".option[*]")
                hops = match.hops / match.count
                order = (named, -coverage, chosen.doubt, is_own, hops, len(producer.path), producer)
                ranked.append((order, link))
        return _without_parts([link for _, link in sorted(ranked, key=lambda rank: rank[0])])

    def _choices(self, place: Place, match: Match, messages: Messages) -> Chosen:
        """How the items of the lists on the way to a place were chosen."""
        path = self._facts.slots[place[1]]
        if "[*]" not in path:
            return _AS_IT_COMES
        answers = [(messages.answer(self._number(e.session, e.step)), e.value) for e in match.examples]
        return choices([items(leaf_of(leaves, path, value), leaves) for leaves, value in answers])

    def _distant(self, called: Slot, seen: Seen) -> set[Place]:
        """Places whose names speak of the same thing, where others' say it better and always gave the value: a shipping
        method's id is not a payment method's.
        """
        close = {place: closeness(self.meant(place), called) for place in seen.matches}
        for least in sorted(set(close.values()) - {0}, reverse=True):
            near = {place for place, how in close.items() if how >= least}
            if sum(count for places, count in seen.together.items() if not near.isdisjoint(places)) == seen.count:
                return close.keys() - near
        return set()

    def _is_weak_link(self, consumer: Place, producer: Place, match: Match, seen: Seen) -> bool:
        given, wanted = self.meant(producer), self.meant(consumer)
        coverage = match.count / seen.count
        if related(given, wanted):
            # A version is given by the first answer, then by each change: together they give it always.
            joint = sum(
                count
                for places, count in seen.together.items()
                if any(related(self.meant(place), wanted) for place in places)
            )
            return max(coverage, joint / seen.count) >= _NAMED_COVERAGE
        if match.echoed == match.count:
            return False
        if match.rare >= _RARE * match.count and identifies(given) and (identifies(wanted) or _is_piece(wanted.path)):
            return coverage >= _NAMED_COVERAGE
        return (
            coverage >= _WEAK_COVERAGE
            and match.count >= _WEAK_SIGHTINGS
            and len(match.values) >= VALUES
            and self._specific.is_own(consumer, producer)
        )

    def evident(self, consumer: Place, seen: Seen, company: Company, messages: Messages) -> list[Link]:
        """The producer of a slot that nothing else feeds, whose values always were that answer's, and not by chance."""
        wanted, found = self.meant(consumer), []
        for place, match in seen.matches.items():
            if match.echoed or match.count < _WEAK_COVERAGE * seen.count:
                continue
            producer = self.slot(place)
            if is_evident(
                wanted, self.meant(place), [self._sighting(place, e, messages) for e in match.examples], company
            ):
                chosen = self._choices(place, match, messages)
                link = Link(
                    producer=producer,
                    consumer=self.slot(consumer),
                    items=chosen.items,
                    sightings=match.count,
                    coverage=match.count / seen.count,
                )
                order = (not company.keeps(wanted, producer), chosen.doubt, match.hops / match.count, producer)
                found.append((order, link))
        return [link for _, link in sorted(found, key=lambda rank: rank[0])]

    def _sighting(self, place: Place, example: Example, messages: Messages) -> Sighting:
        facts, number = self._facts, self._number(example.session, example.step)
        given, path = messages.values(number), facts.slots[place[1]]
        text = next(text for slot, text in given if slot == path and hash(text) == example.value)
        gap = facts.received[self._number(example.session, example.use)] - facts.end[number]
        return Sighting(text, given, example.use, gap / 1e9)

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

    def made(self, consumer: Place, seen: Seen, _company: Company, messages: Messages) -> list[Link]:
        """How a slot that is fed no value as it is was made of an answer's, if it was."""
        wanted = self.meant(consumer)
        amounts = is_amount(wanted)
        session, step, leaf = seen.examples[0]
        text = messages.request(self._number(session, step))[leaf].text
        if not explain.could_be_made(text, len(seen.examples), is_amount=amounts):
            return []
        found = explain.explain(
            (self._sighted(*example, messages) for example in seen.examples),
            lambda place: (amounts and is_amount(self._named(place))) or related(self._named(place), wanted),
            lambda text: hash(text) in self._given,
        )
        if found is None:
            return []
        first, *others = map(self._named, found.way.producers)
        link = Link(
            producer=first,
            consumer=self.slot(consumer),
            recipe=found.way.recipe,
            plus=tuple(others),
            joint=found.way.joint,
            sightings=found.sightings,
            coverage=1.0,
        )
        return [link]

    def is_own_digest(self, seen: Seen, messages: Messages) -> bool:
        """Is what the slot was seen with always the digest of another value of its request, as a query's hash is?"""
        for session, step, number in seen.examples:
            leaves = messages.request(self._number(session, step))
            made = recipes.digest_recipes(text := leaves[number].text)
            if not any(recipes.digest(leaf.text, recipe) == text for recipe in made for leaf in leaves):
                return False
        return bool(seen.examples)

    def _named(self, place: explain.Given) -> Slot:
        return Slot(self._endpoints.names[place[0]], place[1])

    def _number(self, session: int, step: int) -> int:
        return self._sessions[session].numbers[step]

    def _sighted(self, session: int, step: int, leaf: int, messages: Messages) -> explain.Sighting:
        """A request's text, and what the answers gave that were complete before it, the latest first."""
        facts, number = self._facts, self._number(session, step)
        given = [
            ((self._endpoints.of[earlier], slot), text)
            for earlier in reversed(self._sessions[session].numbers[:step])
            if facts.end[earlier] <= facts.received[number]
            for slot, text in messages.values(earlier)
        ]
        return explain.Sighting(messages.request(number)[leaf].text, given)


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
