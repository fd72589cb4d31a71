"""Learn the link graph of a trace: which response slot feeds which request slot (load testers say: correlation)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Final

from traces.endpoints import Endpoints
from traces.facts import Facts
from traces.links.elsewhere import Elsewhere
from traces.links.evidence import Company
from traces.links.flow import Place, consumed
from traces.links.judge import Judge, Messages
from traces.links.kinds import kind_of, parameter_name
from traces.links.model import Graph, Link, Slot, Unfed
from traces.links.seen import Seen, Stray, count, is_strong
from traces.model import Session

#: A value fed so often needs nothing known of its parts.
_ALWAYS: Final = 0.999


def learn(
    sessions: Sequence[Session], facts: Facts, endpoints: Endpoints, messages: Messages
) -> tuple[Graph, Elsewhere]:
    """The links of these sessions, ranked within each consumer, the best first, and what no link feeds; and where that
    comes from which a session was given by another.
    """
    seen: defaultdict[Place, Seen] = defaultdict(Seen)
    given = set(facts.given.values)
    for number, session in enumerate(sessions):
        for use in consumed(session.numbers, facts, endpoints):
            count(seen[use.place], use, number)
            if not use.producers and use.row.value in given and is_strong(use):
                stray = seen[use.place].strays.setdefault(use.row.value, Stray())
                # The last of them: the first may have come before any answer was whole.
                stray.number, stray.count = session.numbers[use.step], stray.count + 1
    elsewhere = Elsewhere({value for own in seen.values() for value in own.strays}, sessions, facts, endpoints)
    judge = Judge(sessions, facts, endpoints, given)
    links = [link for consumer, own in seen.items() for link in judge.accepted(consumer, own, messages)]
    links += [link for consumer, own in seen.items() for link in judge.across(consumer, own, elsewhere)]
    links = _without_inner(
        links, {judge.slot(consumer) for consumer, own in seen.items() if own.given >= _ALWAYS * own.count}
    )
    fed = _Fed(links)
    company = Company(links)
    for find in (judge.evident, judge.made):
        for place, own in seen.items():
            if not fed.holds(judge.slot(place)):
                found = find(place, own, company, messages)
                links += found
                fed.add(found)
    set_by_server = {facts.slots[slot] for shape in facts.shapes for slot in shape}
    several = _of_several(seen.values())
    unfed: list[Unfed] = []
    for place, own in seen.items():
        slot = judge.slot(place)
        if fed.holds(slot):
            continue
        cookie = slot.path.startswith("cookie.") and slot.path in set_by_server
        kind = kind_of(slot, own.owners, issued=own.issued / own.count, set_by_server=cookie)
        # What a client makes up no other client has, whatever place they have it at; nor is it what it says of a value
        # beside it.
        if kind == "generated" and (not several.isdisjoint(own.owners.first) or judge.is_own_digest(own, messages)):
            continue
        if kind is not None:
            unfed.append(Unfed(slot=slot, kind=kind, name=parameter_name(slot), sightings=own.count))
    return Graph(links=tuple(links), unfed=tuple(_innermost(unfed))), elsewhere


class _Fed:
    """Which slots need nothing more: what is linked, what stands inside it and what it stands inside."""

    def __init__(self, links: Iterable[Link]) -> None:
        self._linked: set[Slot] = set()
        self._around: set[Slot] = set()
        self.add(links)

    def add(self, links: Iterable[Link]) -> None:
        """Take in more links."""
        for link in links:
            slot = link.consumer
            self._linked.add(slot)
            self._around.update(Slot(slot.endpoint, path) for path in _around(slot.path))

    def holds(self, slot: Slot) -> bool:
        """Is it one of them? (A whole target is never looked at for itself: its parts are.)"""
        if slot in self._around or slot.path == "target":
            return True
        return any(Slot(slot.endpoint, path) in self._linked for path in _around(slot.path))


def _of_several(places: Iterable[Seen]) -> set[int]:
    """The values that several sessions carried, at one place or at different ones."""
    shared: set[int] = set()
    first: dict[int, int] = {}
    for seen in places:
        shared |= seen.owners.shared
        shared.update(
            value for value, session in seen.owners.first.items() if first.setdefault(value, session) != session
        )
    return shared


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


def _without_inner(links: Sequence[Link], given: Container[Slot]) -> list[Link]:
    """Without links into a part of a value that is itself always fed: by one answer, or now by one and now by another.

    given: slots whose values answers always gave.
    """
    always = {link.consumer for link in links if link.coverage >= _ALWAYS or link.consumer in given}
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
