"""What is usual at an endpoint: all that its recorded answers had in common, learned while they are read once.

An endpoint is not one make of answer: a GraphQL server has a single one, and each refuses in its own words. So answers
are kept apart by how they turned out (status, and whether they tell of a failure), and those of one outcome by the
keys at their top, where they have too few in common to be of one make.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from traces.outcome import telling
from traces.outcome.page import Pages
from traces.outcome.telling import Words
from traces.outcome.tree import Room, Tree

#: Answers with this share of their keys in common are of one make.
_ALIKE: Final = 0.4
#: Makes of one outcome that are told apart, and outcomes of one endpoint.
_MAKES: Final = 8
_OUTCOMES: Final = 32
#: Keys of one make; those of a document whose keys are data never end.
_KEYS: Final = 512

#: The keys at a document's top.
_Keys = frozenset[str]


class Outcome:
    """The recorded answers of one endpoint that turned out the same way.

    kinds: of body that they had.
    words: that they told.
    pages: what those of HTML had.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._trees: list[tuple[set[str], Tree]] = []
        self.kinds: set[str] = set()
        self.words = Words()
        self.pages = Pages()

    def add(self, document: Any) -> Tree:
        """Learn from a document; the tree of its make."""
        keys = _keys(document)
        known, tree = self._of(keys)
        if tree is None:
            known, tree = set(), Tree(self._room)
            self._trees.append((known, tree))
        if len(known) < _KEYS:
            known |= keys
        tree.add(document)
        return tree

    def differs(self, tree: Tree | None, document: Any) -> str | None:
        """What a document has otherwise than all recorded ones of the make of `tree`, or of its own; or None."""
        if tree is None:
            tree = self._of(_keys(document))[1]
        why = None if tree is None else tree.differs(document)
        if why is None or len(self._trees) == 1:
            return why
        keys = _keys(document)
        others = (other for known, other in self._trees if other is not tree and _share(known, keys) >= _ALIKE)
        return None if any(other.differs(document) is None for other in others) else why

    def _of(self, keys: _Keys) -> tuple[set[str], Tree | None]:
        best = max(self._trees, key=lambda known: _share(known[0], keys), default=None)
        if best is None or (_share(best[0], keys) < _ALIKE and len(self._trees) < _MAKES):
            return set(), None
        return best


def _keys(document: Any) -> _Keys:
    """Below `data`, where it is all there is: in a GraphQL answer that names the query."""
    if telling.is_graphql(document) and type(document.get("data")) is dict:
        document = document["data"]
    return frozenset(document) if type(document) is dict else frozenset()


def _share(known: Iterable[str], keys: _Keys) -> float:
    either = len(keys.union(known))
    return len(keys.intersection(known)) / either if either else 1.0


class Usual:
    """The outcomes of one endpoint."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._outcomes: dict[tuple[int, bool], Outcome] = {}

    def outcome(self, status: int, *, fails: bool) -> Outcome | None:
        """The answers that turned out this way; None when there are too many ways.

        status: equal for those that mean the same to a client.
        fails:  they tell of a failure, whatever the status says.
        """
        key = (status, fails)
        if key not in self._outcomes and len(self._outcomes) < _OUTCOMES:
            self._outcomes[key] = Outcome(self._room)
        return self._outcomes.get(key)
