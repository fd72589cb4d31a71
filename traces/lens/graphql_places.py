"""Where in its answer a GraphQL query has each field: an alias stands there in place of the field's own name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Fragments put into a query; people write them.
_PUT_IN: Final = 256


class Places:
    """Told of a query's selections as they come, in order."""

    def __init__(self) -> None:
        # The places of the open selections: `data.cart.lines`; a fragment's begin with its name, `...Parts.lines`.
        self._at: list[str] = []
        self._root, self._key, self._inline = "data", "", False
        self._renamed: dict[str, str] = {}
        self._spreads: list[tuple[str, str]] = []

    def fragment(self, name: str) -> None:
        """The selection that comes next is a fragment's."""
        self._root = _named(name)

    def dots(self) -> None:
        """What comes next is no field: a fragment's name, or a selection of its own in this place."""
        self._inline = True

    def word(self, word: str, before: str) -> None:
        """A word of the open selection, behind this word or mark."""
        if not self._at:
            return  # brackets that do not match
        if before == "...":
            if word != "on":
                self._inline = False
                self._spreads.append((self._at[-1], word))
        elif before == ":":
            self._renamed[f"{self._at[-1]}.{self._key}"] = word
        elif before not in {"on", "@"}:
            self._key = word

    def enter(self) -> None:
        """A selection opens."""
        if not self._at:
            self._at.append(self._root)
        else:
            self._at.append(self._at[-1] if self._inline else f"{self._at[-1]}.{self._key}")
        self._inline = False

    def leave(self) -> None:
        """It closes."""
        if self._at:
            self._at.pop()
        if not self._at:
            self._root = "data"

    def aliases(self) -> Mapping[str, str]:
        """Place in the answer -> the field that has an alias there: `data.found.number` -> `productId`."""
        found: dict[str, str] = {}
        # Roots, and where each is put in. A fragment in itself is no GraphQL, but nobody has checked that.
        todo = [("data", "data")]
        for root, at in todo:
            for place, field in self._renamed.items():
                if place.startswith(f"{root}."):
                    found[at + place[len(root) :]] = field
            for place, name in self._spreads:
                if len(todo) < _PUT_IN and (place == root or place.startswith(f"{root}.")):
                    todo.append((_named(name), at + place[len(root) :]))
        return found


def _named(fragment: str) -> str:
    return f"...{fragment}"
