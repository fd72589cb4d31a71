"""Which words name what on a page: a link or a button its own, all that stands in a row the first of the row.

For lists come in another order elsewhere: the third link is another product's there, the one that reads "Oak chair" is
not. A label is a leaf beside what it names: `html.a(/p/{})[3].text` beside `.href`, `html.form(/add/{})[3].near`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from traces.lens.html_tokens import Attribute

#: What a radio button or a check box is called here, and what its words stand in.
CHOICE: Final = "input of several"
LABEL: Final = "label"
#: Elements that hold one item of a list.
ROWS: Final = frozenset({"li", "tr", "article"})
#: Elements that are called by what is written in them; what one chooses is called by the words behind it, or by those
#: before it in its label.
WORDED: Final = frozenset({"a", "button", CHOICE})
#: Longer texts name nothing; a label is compared as a whole.
_LONGEST: Final = 120
#: Attributes that say what an element without words is.
_SPOKEN: Final = ("aria-label", "title", "alt")

Found = Mapping[str, Attribute | None]


class Labels:
    """Follows a page and adds labels where they are read.

    A path given here is that of a list's item, `html.a(/p/{})[3]`. Rows do not nest: where one begins or ends, no other
    goes on.
    """

    def __init__(self, add: Callable[[str, Attribute], None]) -> None:
        self._add = add
        # The link or button that is open, what is called after it, and what it is called if no words come.
        self._element, self._own = "", list[str]()
        self._spare: Attribute | None = None
        # What waits for the row's words; no row is open when there is neither.
        self._row: Attribute | None = None
        self._waiting: list[str] | None = None
        # Is a label open, and its words.
        self._in_label = False
        self._label: Attribute | None = None

    def opened(self, element: str, paths: Sequence[str], found: Found) -> None:
        """A tag was read that gave these items of lists."""
        if element in ROWS:
            self._row, self._waiting = None, []
        if element == LABEL:
            self._in_label, self._label = True, None
        if element in WORDED:
            self.closed(self._element)
            self._element, self._own, self._spare = element, list(paths), None
            if element == CHOICE and self._label is not None:
                self._name(self._label)
        elif self._element == CHOICE and element not in {LABEL, "img"}:
            self._element, self._own, self._spare = "", [], None
        if self._element:
            self._spare = self._spare or _spoken(found)
        self._near(paths)
        if self._row is None and self._waiting is not None and element not in WORDED:
            self._waiting += paths

    def text(self, value: Attribute) -> bool:
        """A text was read that is not blank. Is it what a link or a button is called, or may it be?"""
        if value.end - value.start > _LONGEST:
            return False
        is_own = bool(self._own)
        if not any(map(str.isalpha, value.text)):
            self._spare = self._spare or value
            return is_own
        if self._in_label:
            self._label = self._label or value
        if self._element:
            self._name(value)
        if self._row is None and self._waiting is not None:
            self._row = value
            self._near(self._waiting)
        return is_own

    def closed(self, element: str) -> None:
        """An end tag was read."""
        if element in ROWS:
            self._row, self._waiting = None, None
        elif element == LABEL:
            self._in_label, self._label = False, None
        elif element and element == self._element:
            own, spare = self._own, self._spare
            if spare is not None:
                self._name(spare)
            self._element = ""
            if self._waiting is not None and self._row is None:
                self._waiting += own

    def _name(self, value: Attribute) -> None:
        """The open link or button is called so."""
        for path in self._own:
            self._add(f"{path}.text", value)
        self._element, self._own, self._spare = "", [], None

    def _near(self, paths: Sequence[str]) -> None:
        if self._row is not None:
            for path in paths:
                self._add(f"{path}.near", self._row)


def _spoken(found: Found) -> Attribute | None:
    for name in _SPOKEN:
        value = found.get(name)
        if value is not None and 0 < len(value.text) <= _LONGEST:
            return value
    return None
