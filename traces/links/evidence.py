"""How unlikely it is that a value no one could tell from chance by its look equals an answer's by chance.

An answer holds a hundred numbers, so that one of two digits is always among them and one of seven never. What counts
is how many zeros the odds have: a decimal digit of the value is one against, every ten values it could have been equal
to take one back; different values add up. Where another value of the same request comes from the same object of an
answer, only that object's values could have been meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log10
from typing import Final

from traces.links.affinity import is_alike, is_amount
from traces.links.model import Link, Slot
from traces.shapes import is_code, is_issued

#: Zeros the odds must have: against all answers' values; against those of one object, or those called amounts too.
_ALONE: Final = 4.0
_IN_COMPANY: Final = 3.0

#: Shorter numbers are counts and quantities, which go up and down together; in company or of money they may be ids.
_LONG: Final = 4
_SHORT: Final = 3

#: A number, its digits behind a word or not: `HS256` is a word of three digits.
_NUMBER: Final = re.compile(r"-?(?:[A-Za-z]+(?=\d+$))?0*(\d*)(?:\.(\d+))?")
_SECONDS: Final = re.compile(r"1\d{9}")
_MILLISECONDS: Final = re.compile(r"1\d{12}")
#: What a server's clock read to the millisecond is worth: its other digits are known.
_MILLISECOND: Final = 3.0
#: Two clocks read to the second, so far apart that they cannot agree, disagree this surely.
_SURELY: Final = 0.02


@dataclass(frozen=True, slots=True)
class Sighting:
    """A value that an answer gave and a later request carries.

    given: what that answer gave, (slot path, text) each.
    steps: answers before the request. gap: from the answer to the request, seconds.
    """

    text: str
    given: Sequence[tuple[str, str]]
    steps: int
    gap: float


class Company:
    """From which objects of which answers the requests to an endpoint are known to be fed."""

    def __init__(self, links: Iterable[Link]) -> None:
        self._objects: dict[str, set[Slot]] = {}
        self._whole: dict[Slot, set[Slot]] = {}
        for link in links:
            given = Slot(link.producer.endpoint, parent(link.producer.path))
            self._objects.setdefault(link.consumer.endpoint, set()).add(given)
            whole = Slot(link.consumer.endpoint, link.consumer.path.partition("|parts[")[0])
            self._whole.setdefault(whole, set()).add(given)

    def keeps(self, consumer: Slot, producer: Slot) -> bool:
        """Does another value of the consumer's request come from the object that the producer stands in?"""
        given = Slot(producer.endpoint, parent(producer.path))
        return given in self._objects.get(consumer.endpoint, ())

    def is_beside(self, consumer: Slot, producer: Slot) -> bool:
        """Does another piece of the composite that the consumer is a piece of?"""
        whole, _, piece = consumer.path.partition("|parts[")
        given = Slot(producer.endpoint, parent(producer.path))
        return bool(piece) and given in self._whole.get(Slot(consumer.endpoint, whole), ())


def is_evident(consumer: Slot, producer: Slot, sightings: Sequence[Sighting], company: Company) -> bool:
    """Is what was seen of a producer and a consumer, which always agreed, no accident?"""
    by_text = {sighting.text: sighting for sighting in sightings}
    # What several sessions were all given is a word of the API.
    if len(by_text) == 1 < len(sightings):
        return False
    near, money = company.keeps(consumer, producer), is_amount(consumer) and is_amount(producer)
    beside = company.is_beside(consumer, producer)
    shortest = _SHORT if near or money else _LONG
    zeros = 0.0
    for text, sighting in by_text.items():
        if _SECONDS.fullmatch(text):
            # In a signature's `t=..,n=..` the instant is the nonce's, however soon it is sent.
            zeros += _IN_COMPANY if beside else -log10(max(_SURELY, 1 - sighting.gap))
        elif (known := digits(text)) >= shortest:
            zeros += max(0.0, known - log10(_among(producer, sighting, near=near, money=money)))
    if money and is_alike(producer, consumer):
        zeros += 1
    return zeros >= (_IN_COMPANY if near or money else _ALONE)


def digits(text: str) -> float:
    """How many decimal digits chance would have to guess; 0 for words and for what everybody says."""
    if _MILLISECONDS.fullmatch(text):
        return _MILLISECOND
    if (match := _NUMBER.fullmatch(text)) is not None:
        # Round numbers are chosen.
        return float(len((match[1] + (match[2] or "")).rstrip("0")))
    return 1.5 * len(text) if is_code(text) or is_issued(text) else 0.0


def parent(path: str) -> str:
    """The object that a slot's value, whole or in pieces, stands in."""
    return re.split(r"\|(?:parts|url\.)", path, maxsplit=1)[0].rpartition(".")[0]


def _among(producer: Slot, sighting: Sighting, *, near: bool, money: bool) -> int:
    """How many values it could have been equal to."""
    own = parent(producer.path)
    texts = {
        text
        for path, text in sighting.given
        if digits(text) and (parent(path) == own if near else not money or is_amount(Slot(producer.endpoint, path)))
    }
    return max(1, len(texts)) * (1 if near or money else max(1, sighting.steps))
