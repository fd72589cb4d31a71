"""How a client chose an item of a list, by what it chose in several sessions: by a word, by its place, or the last.

From one session nobody can tell: there whatever names the item is taken at its word.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Final, NamedTuple

from traces.links.selectors import AT, COUNT, LAST, Item

#: Sightings looked at for one link.
SAMPLE: Final = 8
#: A key must tell the chosen item from the others this often.
_ALWAYS: Final = 0.9
#: A place that chance would choose so seldom was chosen for being that place.
_CHANCE: Final = 0.01
#: Numbers name items when they are the same in so many answers: sizes are, stocks are not.
_STABLE: Final = 3


class Chosen(NamedTuple):
    """For each list on the way to a value, what its item is known by: a key, `AT`, `LAST`, or "" where it is not known.

    doubt: 0 when words or many sightings say so, 1 when a place was the same in all of a few, 2 when nothing does. Of
           two that gave a value, the one that is less in doubt is to be asked.
    """

    items: tuple[str, ...]
    doubt: int


def choices(sightings: Sequence[Sequence[Item]]) -> Chosen:
    """How the items of the lists of one link were chosen, by those that were in several answers."""
    chosen = [_choice(found) for found in zip(*sightings, strict=False)]
    return Chosen(tuple(item for item, _ in chosen), max((doubt for _, doubt in chosen), default=0))


def _choice(found: Sequence[Item]) -> tuple[str, int]:
    several = [item for item in found if item.count > 1]
    if not several:
        return "", 0
    key = _key(several)
    first = several[0].index
    at = len({item.index for item in several}) == 1
    last = first > 0 and all(item.index == item.count - 1 for item in several)
    place = LAST if last else AT if at else ""
    seldom = prod(1 / item.count for item in several[1:]) <= _CHANCE
    if place and seldom and not _is_constant(several, key):
        return place, 0
    return (key, 0) if key else (place, 1) if place and (last or len(several) > 1) else ("", 2)


def _key(several: Sequence[Item]) -> str:
    """The key that names the chosen item in all answers, the best of them; "" for none."""
    order = list(dict.fromkeys(key for item in several for key in item.labels))
    known = [key for key in order if _is_known(several, key)]
    # A word that is always the same is what the client looked for.
    return min(known, key=lambda key: (not _is_constant(several, key), order.index(key)), default="")


def _is_known(several: Sequence[Item], key: str) -> bool:
    labels = [item.labels[key] for item in several if key in item.labels]
    if len(labels) < _ALWAYS * len(several):
        return False
    if all(label.kind != COUNT for label in labels):
        return True
    return len(labels) >= _STABLE and len({label.all for label in labels}) == 1


def _is_constant(several: Sequence[Item], key: str) -> bool:
    """Was the item always called the same there?"""
    return len({item.labels[key].text for item in several if key in item.labels}) == 1 if key else False
