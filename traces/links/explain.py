"""Which recipe makes a slot's values of what answers gave: a digest, other letters, another unit, a sum.

No fact that is kept of a value says what it is the digest of, so a few sessions of each slot that nothing else feeds
are read again, and every value that their answers gave is tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, permutations
from math import log10
from typing import Final

from traces.links import recipes
from traces.links.affixes import Key, could_be_affixed, is_evident
from traces.links.affixes import votes as affix_votes
from traces.links.evidence import digits
from traces.links.model import Recipe
from traces.shapes import is_issued

#: Sessions read again for one slot.
SAMPLE: Final = 8
#: Two numbers that add up do so by accident, unless in this many sessions with different sums.
_SUMS: Final = 4
_DIFFERENT: Final = 3
#: A recipe must hold in this share of the sessions read.
_SHARE: Final = 0.9
#: Values of one answer tried as summands; an answer has a hundred numbers, not a thousand.
_NUMBERS: Final = 400
#: Amounts of one answer of which any two or three are tried.
_AMOUNTS: Final = 12
#: Zeros the odds against chance must have (traces.links.evidence).
_EVIDENT: Final = 3.5
_NAMED: Final = 2.5
#: Values tried in pairs as what a digest was made of, and what stands between the two.
_PAIRED: Final = 24
_JOINTS: Final = (":", "", ".", "-", "|", "_", "&", ",", ";", "\n")

#: A producer's place: endpoint's number and slot path.
Given = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A consumer's text, and what the answers before it gave, the latest first."""

    text: str
    given: Sequence[tuple[Given, str]]


@dataclass(frozen=True, slots=True)
class Found:
    """A recipe that explains a slot: of one producer, or of several. `joint`: what stands between two."""

    recipe: Recipe
    producers: tuple[Given, ...]
    sightings: int
    coverage: float
    joint: str = ""


def could_be_made(texts: Sequence[str], *, is_amount: bool = False) -> bool:
    """Is it worth reading what was given before texts of one slot? A look at the texts alone."""
    if not texts:
        return False
    if all(recipes.decimal(text) is not None for text in texts):
        return _could_be_sums(texts) or is_amount
    return any(is_issued(text) or recipes.single_recipes(text) for text in texts) or all(map(could_be_affixed, texts))


def explain(
    sightings: Sequence[Sighting],
    is_named: Callable[[Given], bool] = lambda _: False,
    is_carried: Callable[[str], bool] = lambda _: True,
) -> Found | None:
    """The recipe that makes the texts of what was given, if one does.

    is_named:   do its name and the consumer's speak of the same thing, or both of money? Then few sessions are enough.
    is_carried: does some request carry a text as it is? Who sends the digest of two values sends most such themselves.
    """
    if not sightings:
        return None
    return (
        _single(sightings, is_named)
        or _paired(sightings, is_carried)
        or _affixed(sightings, is_named)
        or _amounts(sightings, is_named)
        or _sum(sightings)
    )


def _single(sightings: Sequence[Sighting], is_named: Callable[[Given], bool]) -> Found | None:
    looks = Counter(recipe for sighting in sightings for recipe in recipes.single_recipes(sighting.text))
    best: Found | None = None
    for recipe, count in looks.items():
        if count < _SHARE * len(sightings):
            continue
        votes: Counter[Given] = Counter()
        for sighting in sightings:
            votes.update({place for place, text in sighting.given if recipes.made(text, recipe) == sighting.text})
        found = _elected(recipe, {(place,): n for place, n in votes.items()}, sightings)
        if (
            found
            and (best is None or found.sightings > best.sightings)
            and _is_evident(found, sightings, named=is_named(found.producers[0]))
        ):
            best = found
    return best


def _is_evident(found: Found, sightings: Sequence[Sighting], *, named: bool) -> bool:
    """Numbers may be each other's by accident; digests and tokens are not."""
    if found.recipe not in {"number", "cents", "units"}:
        return True
    numbers = {text for sighting in sightings for _, text in sighting.given if recipes.made(text, found.recipe)}
    odds = _odds([sighting.text for sighting in sightings], len(numbers) / len(sightings))
    return odds >= (_NAMED if named else _EVIDENT)


def _affixed(sightings: Sequence[Sighting], is_named: Callable[[Given], bool]) -> Found | None:
    votes: Counter[Key] = Counter()
    for sighting in sightings:
        votes.update(affix_votes(sighting.text, sighting.given))
    texts = [sighting.text for sighting in sightings]
    numbers = sum(len({text for _, text in s.given if digits(text)}) for s in sightings) / len(sightings)
    for key, count in votes.most_common():
        if count < _SHARE * len(sightings):
            break
        place, recipe, pattern = key
        if is_named(place) or is_evident(key, texts, numbers):
            return Found(recipe, (place,), count, count / len(sightings), pattern)
    return None


def _paired(sightings: Sequence[Sighting], is_carried: Callable[[str], bool]) -> Found | None:
    """The digest of two values that were given, and something between them."""
    first = sightings[0]
    looks = recipes.digest_recipes(first.text)
    tokens: dict[str, Given] = {}
    for place, text in first.given if looks else ():
        if len(tokens) < _PAIRED and is_carried(text) and (is_issued(text) or digits(text) >= _SUMS):
            tokens.setdefault(text, place)
    for recipe in looks:
        for (a, one), (b, other) in permutations(tokens.items(), 2):
            for joint in _JOINTS:
                if recipes.combined(a, b, recipe, joint) == first.text:
                    holds = sum(_holds(sighting, one, other, recipe, joint) for sighting in sightings)
                    found = _elected(recipe, {(one, other): holds}, sightings)
                    return None if found is None else Found(recipe, (one, other), holds, found.coverage, joint)
    return None


def _holds(sighting: Sighting, one: Given, other: Given, recipe: Recipe, joint: str) -> bool:
    texts = [[text for place, text in sighting.given if place == wanted] for wanted in (one, other)]
    return any(recipes.combined(a, b, recipe, joint) == sighting.text for a in texts[0] for b in texts[1])


def _amounts(sightings: Sequence[Sighting], is_named: Callable[[Given], bool]) -> Found | None:
    """The sum of two or three amounts of one answer."""
    for size in (2, 3):
        votes: Counter[tuple[Given, ...]] = Counter()
        tried = 0
        for sighting in sightings:
            total = recipes.decimal(sighting.text)
            for amounts in _by_answer(sighting, is_named):
                for places in combinations(amounts, size):
                    tried += 1
                    if total is not None and sum(amounts[place] for place in places) == total:
                        votes[places] += 1
        found = _elected("sum", votes, sightings)
        if found and _odds([sighting.text for sighting in sightings], tried / len(sightings)) >= _EVIDENT:
            return found
    return None


def _by_answer(sighting: Sighting, is_named: Callable[[Given], bool]) -> Iterable[dict[Given, Decimal]]:
    """The amounts of more than a digit that each endpoint's latest answer gave, in the order of their places."""
    found: dict[int, dict[Given, Decimal]] = {}
    for place, text in sighting.given:
        own = found.setdefault(place[0], {})
        if place not in own and len(own) < _AMOUNTS and len(text) > 1 and is_named(place):
            number = recipes.decimal(text)
            if number is not None:
                own[place] = number
    return [dict(sorted(own.items())) for own in found.values()]


def _sum(sightings: Sequence[Sighting]) -> Found | None:
    if not _could_be_sums([sighting.text for sighting in sightings]):
        return None
    votes: Counter[tuple[Given, ...]] = Counter()
    for sighting in sightings:
        total = recipes.decimal(sighting.text)
        if total is not None:
            votes.update(set(_pairs(sighting.given, total)))
    found = _elected("sum", votes, sightings)
    return found if found is not None and found.sightings >= _SUMS else None


def _could_be_sums(texts: Sequence[str]) -> bool:
    numbers = all(recipes.decimal(text) is not None for text in texts)
    return numbers and len(texts) >= _SUMS and len(set(texts)) >= _DIFFERENT


def _pairs(given: Sequence[tuple[Given, str]], total: Decimal) -> Iterator[tuple[Given, Given]]:
    """Every two places whose numbers add up to `total`; the latest of each place counts, and nothing is no summand."""
    numbers: dict[Given, Decimal] = {}
    for place, text in given:
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
                yield place, other


def _elected(recipe: Recipe, votes: dict[tuple[Given, ...], int], sightings: Sequence[Sighting]) -> Found | None:
    """Of the producers that fit as often, those that were given last; None when they fit too seldom."""
    if not votes:
        return None
    order = {place: n for n, (place, _) in reversed(list(enumerate(sightings[0].given)))}
    far = len(order)
    producers, count = min(
        votes.items(), key=lambda item: (-item[1], max(order.get(place, far) for place in item[0]), item[0])
    )
    share = count / len(sightings)
    return Found(recipe, producers, count, share) if share >= _SHARE else None


def _odds(texts: Iterable[str], among: float) -> float:
    """Zeros of the odds against chance making all these texts, of so many tries each."""
    return sum(max(0.0, digits(text) - log10(max(1.0, among))) for text in set(texts))
