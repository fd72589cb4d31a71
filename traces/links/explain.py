"""Which recipe makes a slot's values of what answers gave: a digest, other letters, another unit, a sum.

No fact that is kept of a value says what it is the digest of, so a few sessions of each slot that nothing else feeds
are read again: every way to make the first of its values is tried with the others, and most slots need no second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import combinations, permutations, product
from math import comb, log10
from typing import Final, NamedTuple

from traces.links import affixes, recipes
from traces.links.evidence import digits
from traces.links.model import Recipe
from traces.shapes import is_issued

#: A number of so many digits is looked for in others though it was seen once.
_LONG: Final = 6
#: Sessions read again for one slot.
SAMPLE: Final = 8
#: Two numbers that add up do so by accident, unless in this many sessions with different sums.
_SUMS: Final = 4
_DIFFERENT: Final = 3
#: Values of one answer tried as summands; an answer has a hundred numbers, not a thousand.
_NUMBERS: Final = 400
#: Amounts of one answer of which any two or three are tried.
_AMOUNTS: Final = 12
_CHANCE: Final = 0.01
#: Zeros the odds against chance must have (traces.links.evidence), and where names say the same.
_EVIDENT: Final = 3.5
_NAMED: Final = 2.5
#: Values tried in pairs as what a digest was made of, and what stands between the two.
_PAIRED: Final = 24
_JOINTS: Final = (":", "", ".", "-", "|", "_", "&", ",", ";", "\n")

#: A producer's place: endpoint's number and slot path.
Given = tuple[int, str]
Named = Callable[[Given], bool]
Carried = Callable[[str], bool]


class Sighting:
    """A consumer's text, and what the answers before it gave, the latest first."""

    def __init__(self, text: str, given: Sequence[tuple[Given, str]]) -> None:
        self.text, self.given = text, given
        self._at: defaultdict[Given, list[str]] = defaultdict(list)
        for place, value in given:
            self._at[place].append(value)

    def holds(self, way: Way) -> bool:
        """Can the text be made in this way of what was given?"""
        is_sum = way.recipe == "sum"
        # Of a place that was read twice, or of a list, the latest number and the first: of any two some would add up.
        given = (self._at.get(place, [])[: 1 if is_sum else None] for place in way.producers)
        like = self.text if is_sum else way.joint
        return any(recipes.of_several(texts, way.recipe, like) == self.text for texts in product(*given))


class Way(NamedTuple):
    """A recipe and the places of its producers. `joint` as a link has it."""

    recipe: Recipe
    producers: tuple[Given, ...]
    joint: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The way that explains a slot, and how many sightings were looked at."""

    way: Way
    sightings: int


def could_be_made(text: str, sightings: int, *, is_amount: bool = False) -> bool:
    """Is it worth reading what was given before a slot of so many sightings, one of them this text?"""
    if recipes.decimal(text) is not None:
        return sightings >= _SUMS or is_amount or len(text) >= _LONG
    return bool(recipes.single_recipes(text)) or affixes.could_be_affixed(text)


def explain(
    sightings: Iterable[Sighting], is_named: Named = lambda _: False, is_carried: Carried = lambda _: True
) -> Found | None:
    """The way that makes the texts of what was given, if one does. Sightings are read no further than needed.

    is_named:   do its name and the consumer's speak of the same thing, or both of money? Then few sessions are enough.
    is_carried: does some request carry a text as it is? Who sends the digest of two values sends most such themselves.
    """
    seen: list[Sighting] = []
    ways: list[Way] = []
    named = cache(is_named)
    for sighting in sightings:
        ways = [way for way in ways if sighting.holds(way)] if seen else list(_ways(sighting, named, is_carried))
        seen.append(sighting)
        if not ways:
            return None
    return next((Found(way, len(seen)) for way in ways if _is_evident(way, seen, named)), None)


def _ways(sighting: Sighting, is_named: Named, is_carried: Carried) -> Iterator[Way]:
    """Every way to make a text, the surest first; of each kind what was given last comes first."""
    for recipe in recipes.single_recipes(sighting.text):
        for place, text in sighting.given:
            if recipes.made(text, recipe) == sighting.text:
                yield Way(recipe, (place,))
    if recipes.decimal(sighting.text) is not None:
        yield from _amounts(sighting, is_named)
        yield from _sums(sighting)
    else:
        yield from _paired(sighting, is_carried)
    for place, recipe, pattern in affixes.ways(sighting.text, sighting.given):
        yield Way(recipe, (place,), pattern)


def _paired(sighting: Sighting, is_carried: Carried) -> Iterator[Way]:
    """Digests of two values and something between them."""
    looks = recipes.digest_recipes(sighting.text)
    tokens: dict[str, Given] = {}
    for place, text in sighting.given if looks else ():
        if len(tokens) < _PAIRED and is_carried(text) and (is_issued(text) or digits(text) >= _SUMS):
            tokens.setdefault(text, place)
    for recipe in looks:
        for (a, one), (b, other) in permutations(tokens.items(), 2):
            for joint in _JOINTS:
                if recipes.combined(a, b, recipe, joint) == sighting.text:
                    yield Way(recipe, (one, other), joint)


def _amounts(sighting: Sighting, is_named: Named) -> Iterator[Way]:
    """Sums of two or three amounts of one answer."""
    total = recipes.decimal(sighting.text)
    for size in (2, 3):
        for amounts in _by_answer(sighting, is_named):
            for places in combinations(amounts, size):
                if sum(amounts[place] for place in places) == total:
                    yield Way("sum", places)


def _by_answer(sighting: Sighting, is_named: Named) -> Iterable[dict[Given, Decimal]]:
    """The amounts of more than a digit that each endpoint's latest answer gave, in the order of their places."""
    found: dict[int, dict[Given, Decimal]] = {}
    for place, text in sighting.given:
        own = found.setdefault(place[0], {})
        if place not in own and len(own) < _AMOUNTS and len(text) > 1:
            number = recipes.decimal(text)
            if number is not None and is_named(place):
                own[place] = number
    return [dict(sorted(own.items())) for own in found.values()]


def _sums(sighting: Sighting) -> Iterator[Way]:
    """Every two places whose numbers add up; the latest of each place counts, and nothing is no summand."""
    total = recipes.decimal(sighting.text)
    if total is None:
        return
    numbers: dict[Given, Decimal] = {}
    for place, text in sighting.given:
        number = recipes.decimal(text)
        if number and place not in numbers:
            numbers[place] = number
            if len(numbers) >= _NUMBERS:
                break
    by_number: dict[Decimal, list[Given]] = {}
    for place, number in numbers.items():
        by_number.setdefault(number, []).append(place)
    for place, number in numbers.items():
        for other in by_number.get(total - number, ()):
            if place < other:
                yield Way("sum", (place, other))


def _is_evident(way: Way, seen: Sequence[Sighting], is_named: Named) -> bool:
    """Numbers may be each other's by accident; digests and tokens are not."""
    texts = [sighting.text for sighting in seen]
    named = all(map(is_named, way.producers))
    if way.recipe == "sum":
        if named and _odds(texts, sum(comb(len(a), len(way.producers)) for a in _by_answer(seen[0], is_named))):
            return True
        enough = len(way.producers) == 2 and len(seen) >= _SUMS and len(set(texts)) >= _DIFFERENT
        return enough and _by_chance(seen[0], len(set(texts))) <= _CHANCE
    if way.recipe in {"affix", "strip"}:
        numbers = len({text for _, text in seen[0].given if digits(text)})
        return named or affixes.is_evident(way.recipe, way.joint, texts, numbers)
    if way.recipe in {"number", "cents", "units"}:
        numbers = len({text for _, text in seen[0].given if recipes.made(text, way.recipe)})
        return _odds(texts, numbers, _NAMED if named else _EVIDENT)
    return True


def _by_chance(first: Sighting, different: int) -> float:
    """How many sums would by chance have come out right for so many different totals, as many as did for the first."""
    right = sum(1 for _ in _sums(first)) - 1
    numbers = {place for place, text in first.given if recipes.decimal(text)}
    return right * (right / max(1, comb(len(numbers), 2))) ** (different - 1)


def _odds(texts: Iterable[str], among: int, zeros: float = _EVIDENT) -> bool:
    """Have the odds against chance making all these texts, of so many tries each, so many zeros?"""
    return sum(max(0.0, digits(text) - log10(max(1, among))) for text in set(texts)) >= zeros
