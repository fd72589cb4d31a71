"""Things that are called by running numbers: the cart 24 that an answer made is the cart 24 that requests then name.

A small number ties nobody to anybody. With the word for what it is the number of, it does, where one answer made the
thing: every shop has a cart 24 once. What a listing gave is everybody's; it only says whom a listing could be of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from traces.endpoints import Endpoints
from traces.facts import FIXED, NUMBER, Facts, Row
from traces.groups import Groups, are_many, pools
from traces.links.affinity import identifies, noun
from traces.links.arguments import meant
from traces.links.model import Slot

_GIVEN, _WANTED = 0, 1
#: A number that this many journeys name, each with a flow of its own, ties none of them: numbers are told less well.
_HUB: Final = 2


class Thing(NamedTuple):
    """The exchanges whose answers gave a thing's number though they had not been asked for it, and those that carry it.

    made: the first of these answers made it: its request wrote, and nobody had named the thing before.
    """

    issuers: list[int]
    carriers: list[int]
    made: bool


def things(facts: Facts, endpoints: Endpoints) -> list[Thing]:
    """Everything that answers gave a running number of, and requests named by it; exchanges in order of arrival."""
    kinds = _Kinds(facts, endpoints)
    issuers: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    carriers: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for number in range(len(facts)):
        own = set(kinds.of(number, facts.asked.of(number), _WANTED))
        for key in own:
            carriers[key].append(number)
        for key in set(kinds.of(number, facts.given.of(number), _GIVEN)) - own:
            issuers[key].append(number)
    return [
        Thing(
            giving,
            carriers[key],
            not facts.is_read(giving[0]) and facts.end[giving[0]] <= facts.received[carriers[key][0]],
        )
        for key, giving in issuers.items()
        if key in carriers
    ]


def join_made(found: Iterable[Thing], groups: Groups) -> None:
    """Join whoever names a thing with the answer that made it, if one journey's did."""
    waiting, before = [thing for thing in found if thing.made], -1
    makers: defaultdict[int, list[int]] = defaultdict(list)
    for thing in waiting:
        for carrier in thing.carriers:
            makers[carrier].append(thing.issuers[0])
    while len(waiting) != before:
        before, trying, waiting = len(waiting), waiting, []
        for thing in trying:
            root = groups.root(thing.issuers[0])
            if any(groups.root(i) != root for i in thing.issuers) or _is_shared(thing, makers, groups):
                waiting.append(thing)
            else:
                groups.join_all(root, thing.carriers, "value flow")


def _is_shared(thing: Thing, makers: Mapping[int, Sequence[int]], groups: Groups) -> bool:
    """Is it named by several journeys: with a flow of their own, or that name what other answers made besides?

    makers: by exchange, those whose answers made what it names.
    """
    root, own = groups.root(thing.issuers[0]), {*thing.issuers, *thing.carriers}
    others = {groups.root(maker) for carrier in thing.carriers for maker in makers[carrier] if maker not in own}
    return len(others - {root}) >= _HUB or are_many(thing.carriers, groups, but=root, hub=_HUB)


def join_listed(found: Iterable[Thing], facts: Facts, groups: Groups) -> None:
    """Give each journey that names a listed thing, and has no listing, the last one that is nobody's.

    Only where connections do not say whose a listing is: where several journeys use one.
    """
    pool = pools(facts.connections, groups, hub=_HUB)
    taken: dict[int, set[int]] = {}
    shelves = [_Shelf(thing, facts, groups, pool, taken) for thing in found if not thing.made]
    # By the instant, not thing by thing: whoever asks first has the listing that came just before.
    asking = sorted((carrier, n) for n, shelf in enumerate(shelves) for carrier in shelf.carriers)
    for carrier, n in asking:
        shelves[n].serve(carrier)


class _Shelf:
    """The listings that gave one thing, while the journeys that name it are looked at in order.

    taken: by journey, the listings that it was given for any thing; the same for all shelves.
    """

    def __init__(
        self, thing: Thing, facts: Facts, groups: Groups, pool: Container[int], taken: dict[int, set[int]]
    ) -> None:
        self.carriers = thing.carriers
        self._facts, self._groups, self._pool, self._taken = facts, groups, pool, taken
        self._all = set(thing.issuers)
        # The next to be complete is last.
        self._coming = sorted(thing.issuers, key=lambda n: facts.end[n], reverse=True)
        self._free: list[int] = []
        self._served: set[int] = set()

    def serve(self, carrier: int) -> None:
        """See to it that a carrier's journey has a listing, if one is left."""
        groups, ends = self._groups, self._facts.end
        while self._coming and ends[self._coming[-1]] <= self._facts.received[carrier]:
            listing = self._coming.pop()
            if groups.size(listing) == 1 and self._facts.connections[listing] in self._pool:
                self._free.append(listing)
            else:
                self._served.add(groups.root(listing))
        taken = self._taken.pop(groups.root(carrier), set())
        if groups.root(carrier) not in self._served and self._all.isdisjoint(taken):
            while self._free and groups.size(self._free[-1]) > 1:
                self._free.pop()
            if self._free:
                taken.add(self._free[-1])
                groups.join(self._free.pop(), carrier, "value flow")
        self._taken[groups.root(carrier)] = taken


class _Kinds:
    """What the numbers at each place are numbers of."""

    def __init__(self, facts: Facts, endpoints: Endpoints) -> None:
        self._slots, self._endpoints, self._arguments = facts.slots, endpoints, facts.arguments
        self._known: tuple[dict[tuple[int, int], str], ...] = ({}, {})

    def of(self, number: int, rows: Iterable[Row], side: int) -> Iterator[tuple[str, int]]:
        """(what, which) of each row of an exchange that is the number of a thing."""
        known, endpoint = self._known[side], self._endpoints.of[number]
        for row in rows:
            if row.bits & NUMBER and not row.bits & FIXED:
                kind = known.get((endpoint, row.slot))
                if kind is None:
                    kind = known[endpoint, row.slot] = self._kind(endpoint, row.slot, side)
                if kind:
                    yield kind, row.value

    def _kind(self, endpoint: int, slot: int, side: int) -> str:
        place = meant(Slot(self._endpoints.names[endpoint], self._slots[slot]), self._arguments)
        # Only what is called an id makes a thing known; `cart` is then enough to name it by.
        if side == _WANTED:
            return noun(place)
        return noun(place) if identifies(place) else ""
