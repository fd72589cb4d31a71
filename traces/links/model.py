"""What is learned about a trace's value flow: slots and recipes, never values, except words of the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: How a consumer's text is made from a producer's: as it is, or the path (and query) of an absolute URL.
Recipe = Literal["copy", "url path"]


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A place a value can stand: an endpoint's request or response, and a lens path with list indices left open."""

    endpoint: str
    path: str

    def __str__(self) -> str:
        return f"{self.endpoint} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """producer slot (of a response) -> consumer slot (of a later request).

    sightings: how often the consumer's value was this producer's.
    coverage:  sightings / times the consumer slot was seen, 0..1.
    """

    producer: Slot
    consumer: Slot
    recipe: Recipe
    sightings: int
    coverage: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When a poll is done.

    keys:   the steps to a leaf of the JSON answer, below `$`.
    equals: that leaf has this text, a word of the API.
    exists: that leaf is there and not null (a list is no longer empty).
    """

    keys: tuple[str | int, ...]
    test: Literal["equals", "exists"]
    text: str = ""

    def __str__(self) -> str:
        where = "$" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.keys)
        return f'{where} == "{self.text}"' if self.test == "equals" else f"{where} exists"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """Requests to `endpoint` repeat until `condition` holds.

    pause: median gap from one answer to the next attempt, ns.
    longest: the longest time any recorded session needed until the condition held, ns.
    """

    endpoint: str
    condition: Condition
    pause: int
    longest: int
    sightings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """All that was learned; `links` are ranked within each consumer, the best first."""

    links: tuple[Link, ...] = ()
    polls: tuple[Poll, ...] = ()
