"""The leaves of a page as they are found: how each is called, and how many there may be."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from traces.lens.field_names import called
from traces.lens.html_tokens import Attribute
from traces.lens.leaf import MAX_LEAVES, NAME, Leaf, make
from traces.shapes import is_id_segment, names_one

#: Longer names are no names, and would stand in every path below them.
LONGEST_NAME: Final = 64
#: So many labels, data attributes and numbers of texts at most: a page of more is still read for its forms and links.
_EXTRA: Final = 5_000
#: Longer URLs are read anew each time.
_SHORT: Final = 256
_BEHIND: Final = re.compile(r"[?#]")
_ORIGIN: Final = re.compile(r"^(?:[a-z]+:)?//[^/]*")


class TooMany(Exception):
    """The page has more leaves than a message may have."""


class Collected:
    """Leaves with paths of their own. `leaves` are those found so far."""

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self._seen: dict[str, int] = {}
        self._left = _EXTRA
        # The items that fields called by an id are: (path above, name) -> path.
        self._fields: dict[tuple[str, str], str] = {}
        # The items of lists that the tag at hand gave.
        self._items: list[str] = []

    def _add(self, path: str, value: Attribute) -> None:
        if len(self.leaves) >= MAX_LEAVES:
            raise TooMany
        text, start, end, coding = value
        self.leaves.append(make(("body", path, start, end, text, coding, -1, (), False, None, "")))

    def _add_extra(self, path: str, value: Attribute) -> None:
        if self._left and len(self.leaves) < MAX_LEAVES:
            self._left -= 1
            self._add(path, value)

    def _listed(self, path: str) -> str:
        """The path with how many of it came before."""
        before = self._seen.get(path, 0)
        self._seen[path] = before + 1
        listed = f"{path}[{before}]"
        self._items.append(listed)
        return listed

    def _field(self, above: str, name: Attribute) -> str:
        """The path of a form's field; one that is called by an id is of a list, and its name a leaf too."""
        known = called(name.text)
        path = f"{above}.{known[:LONGEST_NAME]}"
        if known == name.text:
            return path
        # Of the same name are the choices of one field.
        item = self._fields.get((above, name.text))
        if item is None:
            item = self._fields[above, name.text] = self._listed(path)
            self._add_extra(item + NAME, name)
        else:
            self._items.append(item)
        return item

    def _named(self, path: str) -> str:
        """The path itself, and only for those after the first with an index: of its name there should be one."""
        if path.endswith("]") and path in self._items:
            return path
        listed = self._listed(path)
        return path if listed.endswith("[0]") else listed


def template(url: str) -> str:
    """The path a URL leads to, in brackets, `{}` for each segment that names one thing; "" when it is too long."""
    # A page's frame has the links of the page before.
    return _known(url) if len(url) <= _SHORT else _template(url)


@lru_cache(maxsize=1024)
def _known(url: str) -> str:
    return _template(url)


def _template(url: str) -> str:
    path = _ORIGIN.sub("", _BEHIND.split(url, maxsplit=1)[0])
    segments = ["{}" if names_one(segment) or is_id_segment(segment) else segment for segment in path.split("/")]
    shown = "/".join(segments)
    return f"({shown})" if shown and len(shown) <= LONGEST_NAME else ""
