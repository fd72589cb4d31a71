"""How preflight writes what it found: counts, places, times. Whatever comes out of a trace is made printable here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from replay.preflight.tallies import Group
from traces.report.safe import printable

#: Characters of an endpoint with its slot, of a host, of a name.
_PLACE, _SHORT = 140, 80
_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def many(count: int, what: str) -> str:
    """`1 session`, `1,200 sessions`; what ends in s takes es."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}{'es' if what.endswith('s') else 's'}"


def short(text: str) -> str:
    """A host, a name."""
    return printable(text, _SHORT)


def place(text: str) -> str:
    """An endpoint, perhaps with a slot."""
    return printable(text, _PLACE)


def places(group: Group) -> str:
    """Where something stands: the place it stands in most often, and how many others there are."""
    (first, _), *_ = group.places.most_common(1)
    rest = len(group.places) - 1
    return place(first) + (f" and {many(rest, 'other place')}" if rest else "")


def examples(group: Group) -> str:
    """Which sessions, for who wants to look at one."""
    more = ", ..." if group.sessions > len(group.examples) else ""
    return f"({', '.join(map(short, group.examples))}{more})"


def listed(texts: Sequence[str], most: int, what: str) -> str:
    """The first of them, and how many more."""
    rest = len(texts) - most
    return ", ".join(texts[:most]) + (f" and {many(rest, what)} more" if rest > 0 else "")


def span(seconds: float) -> str:
    """`3 days`, `20 minutes`: of the largest unit there is at least one of."""
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), _UNITS[-1])
    return many(max(round(seconds / size), 1), unit)
