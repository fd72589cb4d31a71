"""How a client chose an item of a list, by what it chose in several sessions: by a word, by its place, or the last.

From one session nobody can tell: there whatever names the item is taken at its word.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Final, NamedTuple

from traces.links.selectors import AT, COUNT, LAST, WORD, Item

#: Sightings looked at for one link.
SAMPLE: Final = 8
#: A key must tell the chosen item from the others this often.
_ALWAYS: Final = 0.9
#: A word that two items have in some answers names the others' still, and better than a number does.
_MOSTLY: Final = 0.5
#: A place that chance would choose so seldom was chosen for being that place.
_CHANCE: Final = 0.01
#: Numbers name items when they are the same in so many answers: sizes are, stocks are not.
_STABLE: Final = 3


class Chosen(NamedTuple):
    """For each list on the way to a value, what its item is known by: a key, `AT`, `LAST`, or "" where it is not known;
    nothing where none is.

    doubt: 0 when words or many sightings say so, 1 when a place was the same in all of a few, 2 when nothing does. Of
           two that gave a value, the one that is less in doubt is to be asked.
    """

    items: tuple[str, ...]
    doubt: int


def choices(sightings: Sequence[Sequence[Item]]) -> Chosen:
    """How the items of the lists of one link were chosen, by those that were in several answers."""
    chosen = [_choice(found) for found in zip(*sightings, strict=False)]
    known = tuple(item for item, _ in chosen)
    return Chosen(known if any(known) else (), max((doubt for _, doubt in chosen), default=0))


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
    if all(_kinds(several, key) == {COUNT} for key in known):
        known = [key for key in order if _is_mostly_a_word(several, key)] or known
    # A word that is always the same is what the client looked for.
    return min(known, key=lambda key: (not _is_constant(several, key), order.index(key)), default="")


def _is_known(several: Sequence[Item], key: str) -> bool:
    labels = [item.labels[key] for item in several if key in item.labels]
    if len(labels) < _ALWAYS * len(several):
        return False
    if all(label.kind != COUNT for label in labels):
        return True
    return len(labels) >= _STABLE and len({label.all for label in labels}) == 1


def _is_mostly_a_word(several: Sequence[Item], key: str) -> bool:
    words = sum(key in item.labels and item.labels[key].kind == WORD for item in several)
    return words >= max(2, _MOSTLY * len(several))


def _kinds(several: Sequence[Item], key: str) -> set[int]:
    return {item.labels[key].kind for item in several if key in item.labels}


def _is_constant(several: Sequence[Item], key: str) -> bool:
    """Was the item always called the same there?"""
    return len({item.labels[key].text for item in several if key in item.labels}) == 1 if key else False
