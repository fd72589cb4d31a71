"""Values that are made of an answer's rather than copied: digests and sums. (Parts and encodings are the lens's.)

No fact that is kept of a value says what it is the digest of, so a few sessions of each slot that nothing else feeds
are read again, and every value that their answers gave is tried.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from traces.links.model import Recipe

#: Sessions read again for one slot.
SAMPLE: Final = 8
#: A digest is no accident; two numbers that add up are, unless they do so in this many sessions with different sums.
_SUMS: Final = 4
_DIFFERENT: Final = 3
#: A recipe must hold in this share of the sessions read.
_SHARE: Final = 0.9
#: Values of one answer tried as summands; an answer has a hundred numbers, not a thousand.
_NUMBERS: Final = 400

_HEX: Final = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
#: Amounts; a count of seconds since 1970 is always the sum of another and a little.
_NUMBER: Final = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?")
_ALGORITHMS: Final = {16: "md5", 20: "sha1", 32: "sha256", 64: "sha512"}

#: A producer's place: endpoint's number and slot path.
Given = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A consumer's text, and what the answers before it gave, the latest first."""

    text: str
    given: Sequence[tuple[Given, str]]


@dataclass(frozen=True, slots=True)
class Found:
    """A recipe that explains a slot: of one producer, or the sum of two."""

    recipe: Recipe
    producer: Given
    plus: Given | None
    sightings: int
    coverage: float


def could_be_made(texts: Sequence[str]) -> bool:
    """Is it worth reading what was given before texts of one slot? A look at the texts alone."""
    return bool(texts) and (digest_recipe(texts[0]) is not None or _could_be_sums(texts))


def _could_be_sums(texts: Sequence[str]) -> bool:
    return len(texts) >= _SUMS and len(set(texts)) >= _DIFFERENT and all(map(_NUMBER.fullmatch, texts))


def explain(sightings: Sequence[Sighting]) -> Found | None:
    """The recipe that makes the texts of what was given, if one does."""
    if not sightings:
        return None
    return _digest(sightings) or _sum(sightings)


def digest(text: str, recipe: Recipe) -> str | None:
    """`text` under a digest recipe; None for a recipe that is no digest."""
    algorithm, _, form = recipe.partition(" ")
    if not form:
        return None
    raw = hashlib.new(algorithm, text.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    if form in {"hex", "HEX"}:
        return raw.hex() if form == "hex" else raw.hex().upper()
    if form == "base64url":
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return base64.b64encode(raw).decode()


def add(a: str, b: str, like: str) -> str | None:
    """The sum of two numbers, written with the decimals of `like`; None when either is no number."""
    first, second = _decimal(a), _decimal(b)
    if first is None or second is None:
        return None
    places = len(like.partition(".")[2])
    return f"{first + second:.{places}f}"


def digest_recipe(text: str) -> Recipe | None:
    """Which digest a text looks like, by its length and letters."""
    if _HEX.fullmatch(text) and len(text) % 2 == 0:
        algorithm, form = _ALGORITHMS.get(len(text) // 2), "hex" if text == text.lower() else "HEX"
    elif _BASE64.fullmatch(text):
        size = len(text.rstrip("=")) * 3 // 4
        url = "=" not in text and len(text) % 4 != 0
        algorithm, form = _ALGORITHMS.get(size), "base64url" if url or "-" in text or "_" in text else "base64"
    else:
        return None
    recipe = f"{algorithm} {form}"
    return recipe if algorithm and recipe in _RECIPES else None  # type: ignore[return-value]  # one of the names there


_RECIPES: Final = frozenset(Recipe.__args__)  # type: ignore[attr-defined]  # a Literal has its values there


def _digest(sightings: Sequence[Sighting]) -> Found | None:
    recipe = digest_recipe(sightings[0].text)
    if recipe is None:
        return None
    votes: Counter[Given] = Counter()
    for sighting in sightings:
        votes.update({place for place, text in sighting.given if digest(text, recipe) == sighting.text})
    if not votes:
        return None
    # Of those that fit as often, the one that was given last.
    order = {place: n for n, (place, _) in reversed(list(enumerate(sightings[0].given)))}
    place, count = min(votes.items(), key=lambda item: (-item[1], order.get(item[0], len(order))))
    share = count / len(sightings)
    return Found(recipe, place, None, count, share) if share >= _SHARE else None


def _sum(sightings: Sequence[Sighting]) -> Found | None:
    if not _could_be_sums([sighting.text for sighting in sightings]):
        return None
    wanted = [_decimal(sighting.text) for sighting in sightings]
    votes: Counter[tuple[Given, Given]] = Counter()
    for sighting, total in zip(sightings, wanted, strict=True):
        if total is not None:
            votes.update(set(_pairs(sighting.given, total)))
    if not votes:
        return None
    order = {place: n for n, (place, _) in reversed(list(enumerate(sightings[0].given)))}
    far = len(order)
    (a, b), count = min(
        votes.items(), key=lambda item: (-item[1], max(order.get(place, far) for place in item[0]), item[0])
    )
    share = count / len(sightings)
    return Found("sum", a, b, count, share) if share >= _SHARE and count >= _SUMS else None


def _pairs(given: Sequence[tuple[Given, str]], total: Decimal) -> Iterator[tuple[Given, Given]]:
    """Every two places whose numbers add up to `total`; the latest of each place counts, and nothing is no summand."""
    numbers: dict[Given, Decimal] = {}
    for place, text in given:
        number = _decimal(text)
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


def _decimal(text: str) -> Decimal | None:
    if _NUMBER.fullmatch(text) is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
