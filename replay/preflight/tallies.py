"""How often things were seen in a recording, session by session: what is alike is counted, not kept.

Rule 1: memory does not grow with requests. Of each sort so many things are told apart, the rest are one.
Rule 2: what was seen of a session counts when the session ends, and not at all when it cannot be sent.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

#: What is told apart first of all.
Sort = Literal[
    "unbound", "unsigned", "parameter", "stale", "expires", "spent", "host", "origin", "unmoved", "upstream", "change"
]

_THINGS: Final = 1000
_EXAMPLES: Final = 3
_PLACES: Final = 32
#: Of all sorts together, 8 bytes each.
_INSTANTS: Final = 1_000_000


class Key(NamedTuple):
    """What is counted as one. `about`: a slot, a host, a name, an endpoint; `detail`: what else tells it apart."""

    sort: Sort
    about: str
    detail: str = ""


@dataclass(slots=True)
class Here:
    """What was seen of one thing in the session at hand.

    answered: of the requests, those that were answered, and not by an error.
    until:    the earliest instant after which its value is no use, unix seconds.
    value:    the hash of a value it had.
    is_last:  it was the session's last step on the way to an order.
    """

    requests: int = 0
    answered: int = 0
    until: float | None = None
    value: int | None = None
    is_last: bool = False
    places: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Group:
    """The same over all sessions that can be sent.

    sessions: that had it; examples: the first of them.
    ended:    of the sessions, those whose last step to an order it was, answered without an error.
    places:   where, the first few, and how many requests had it there.
    until:    of each session, unix seconds.
    values:   hashes of two different values at most: enough to tell a constant.
    """

    sessions: int = 0
    requests: int = 0
    answered: int = 0
    ended: int = 0
    examples: list[str] = field(default_factory=list)
    places: Counter[str] = field(default_factory=Counter)
    until: array[float] = field(default_factory=lambda: array("d"))
    values: set[int] = field(default_factory=set)

    def add(self, session: str, here: Here) -> None:
        """Count one session in."""
        self.sessions += 1
        self.requests += here.requests
        self.answered += here.answered
        self.ended += here.is_last and here.answered > 0
        if len(self.examples) < _EXAMPLES:
            self.examples.append(session)
        if here.value is not None and len(self.values) < 2:
            self.values.add(here.value)
        for place, count in here.places.items():
            if place in self.places or len(self.places) < _PLACES:
                self.places[place] += count


class Tallies:
    """The groups of a recording, by what they are about."""

    def __init__(self) -> None:
        self.groups: dict[Key, Group] = {}
        self._here: dict[Key, Here] = {}
        self._things: Counter[Sort] = Counter()
        self._instants = 0

    def count(self, key: Key, place: str) -> Here:
        """Something is seen in a request of the session at hand; returns what is known of it there, to be added to."""
        here = self._here.get(key)
        if here is None:
            is_new = key not in self.groups
            if is_new and (self._things[key.sort] >= _THINGS or len(self._here) >= _THINGS):
                key = Key(key.sort, "others")
            here = self._here.setdefault(key, Here())
        here.requests += 1
        if place in here.places or len(here.places) < _PLACES:
            here.places[place] += 1
        return here

    def end(self, session: str, *, counts: bool) -> None:
        """The session at hand is over."""
        for key, here in self._here.items() if counts else ():
            group = self.groups.get(key)
            if group is None:
                group = self.groups[key] = Group()
                self._things[key.sort] += 1
            group.add(session, here)
            if here.until is not None and self._instants < _INSTANTS:
                group.until.append(here.until)
                self._instants += 1
        self._here.clear()

    def of(self, sort: Sort) -> list[tuple[Key, Group]]:
        """The groups of a sort, those of most sessions first."""
        found = [(key, group) for key, group in self.groups.items() if key.sort == sort]
        return sorted(found, key=lambda pair: (-pair[1].sessions, pair[0]))
