"""Exchanges joined into journeys, and what says that something is no one journey's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

#: A value that would join this many journeys, each with a flow of its own, belongs to none of them.
HUB: Final = 5


class Groups:
    """Union-find over exchange indices; a group remembers the strongest reason that made it."""

    REASONS: Final = ("alone", "connection", "cookie", "value flow")

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))
        self._size = [1] * count
        self._why = [0] * count

    def root(self, index: int) -> int:
        while self._parent[index] != index:
            self._parent[index] = self._parent[self._parent[index]]
            index = self._parent[index]
        return index

    def size(self, index: int) -> int:
        return self._size[self.root(index)]

    def why(self, index: int) -> str:
        return self.REASONS[self._why[self.root(index)]]

    def join(self, a: int, b: int, why: str) -> None:
        a, b = self.root(a), self.root(b)
        if a != b:
            a, b = min(a, b), max(a, b)
            self._parent[b] = a
            self._size[a] += self._size[b]
            self._why[a] = max(self._why[a], self._why[b], self.REASONS.index(why))

    def join_all(self, a: int, others: Iterable[int], why: str) -> None:
        for b in others:
            self.join(a, b, why)


def are_many(indices: Iterable[int], groups: Groups, *, but: int = -1, hub: int = HUB) -> bool:
    """Do these exchanges belong to so many journeys, each with a flow of its own, that what they share is no one's?"""
    roots: set[int] = set()
    for index in indices:
        if groups.size(index) > 1 and (root := groups.root(index)) != but:
            roots.add(root)
            if len(roots) >= hub:
                return True
    return False


def are_a_crowd(indices: Iterable[int], groups: Groups, *, hub: int = HUB) -> bool:
    """Were so many journeys, each with a flow of its own, under way at once between these exchanges?

    indices: in order of arrival.

    A browser's pages are many small flows too, each form's token one; but they come one after another.
    """
    spans: dict[int, tuple[int, int]] = {}
    for index in indices:
        if groups.size(index) > 1:
            root = groups.root(index)
            spans[root] = (spans[root][0] if root in spans else index, index)
    if len(spans) < hub:
        return False
    changes = sorted(change for first, last in spans.values() for change in ((first, 0, 1), (last, 1, -1)))
    return max(accumulate(step for _, _, step in changes)) >= hub


def pools(connections: Sequence[int], groups: Groups, *, hub: int = HUB) -> set[int]:
    """Connections that many journeys use, alone or with others: a client's own few are used by a few journeys only."""
    together = Groups(max(connections, default=0) + 1)
    first: dict[int, int] = {}
    for index, connection in enumerate(connections):
        if groups.size(index) > 1:
            together.join(first.setdefault(groups.root(index), connection), connection, "connection")
    journeys: defaultdict[int, int] = defaultdict(int)
    for connection in first.values():
        journeys[together.root(connection)] += 1
    return {connection for connection in set(connections) if journeys[together.root(connection)] >= hub}
