"""The leaves of a page as they are found: how each is called, and how many there may be."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from traces.lens.html_tokens import Attribute
from traces.lens.leaf import MAX_LEAVES, Leaf
from traces.shapes import is_id_segment, names_one

#: Longer names are no names, and would stand in every path below them.
LONGEST_NAME: Final = 64
#: So many labels, data attributes and numbers of texts at most: a page of more is still read for its forms and links.
_EXTRA: Final = 5_000


class TooMany(Exception):
    """The page has more leaves than a message may have."""


class Collected:
    """Leaves with paths of their own. `leaves` are those found so far."""

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self._seen: Counter[str] = Counter()
        self._left = _EXTRA
        # The items of lists that the tag at hand gave.
        self._items: list[str] = []

    def _add(self, path: str, value: Attribute) -> None:
        if len(self.leaves) >= MAX_LEAVES:
            raise TooMany
        self.leaves.append(Leaf("body", path, value.start, value.end, value.text, value.coding))

    def _add_extra(self, path: str, value: Attribute) -> None:
        if self._left and len(self.leaves) < MAX_LEAVES:
            self._left -= 1
            self._add(path, value)

    def _listed(self, path: str) -> str:
        """The path with how many of it came before."""
        self._seen[path] += 1
        listed = f"{path}[{self._seen[path] - 1}]"
        self._items.append(listed)
        return listed

    def _named(self, path: str) -> str:
        """The path itself, and only for those after the first with an index: of its name there should be one."""
        listed = self._listed(path)
        return path if listed.endswith("[0]") else listed


def template(url: str) -> str:
    """The path a URL leads to, in brackets, `{}` for each segment that names one thing; "" when it is too long."""
    path = re.split(r"[?#]", url, maxsplit=1)[0]
    path = re.sub(r"^(?:[a-z]+:)?//[^/]*", "", path)
    segments = ["{}" if names_one(segment) or is_id_segment(segment) else segment for segment in path.split("/")]
    shown = "/".join(segments)
    return f"({shown})" if shown and len(shown) <= LONGEST_NAME else ""
