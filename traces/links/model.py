"""What is learned about a trace's value flow: slots and recipes, never values, except words of the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: How a consumer's text is made of a producer's: as it is; in capitals or small letters; without its leading zeros; in
#: cents (`1250` of `12.50`) or units (the other way); with something constant glued to it, or cut off; its digest,
#: written in hex or base64 (`=`: with padding). Of two producers, the digest of both; of two or three, their sum. (A
#: part of a value, or a value inside another, needs no recipe: it is a slot of its own.)
Recipe = Literal[
    "copy",
    "md5 hex",
    "md5 HEX",
    "md5 base64",
    "md5 base64url",
    "sha1 hex",
    "sha1 HEX",
    "sha1 base64",
    "sha1 base64url",
    "sha256 hex",
    "sha256 HEX",
    "sha256 base64",
    "sha256 base64url",
    "sha512 hex",
    "sha512 HEX",
    "sha512 base64",
    "sha512 base64url",
    "md5 base64url=",
    "sha1 base64url=",
    "sha256 base64url=",
    "sha512 base64url=",
    "upper",
    "lower",
    "number",
    "cents",
    "units",
    "affix",
    "strip",
    "sum",
]


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

    plus:      the slots of the other summands, or of the second of two whose digest is sent.
    joint:     what stands between those two; of what is glued to a value, `v{}`.
    items:     how the client chose the items of the lists on the way to the producer's value, outermost first: by what
               they read at a key, `[n]` for their place, `[last]`; "" or nothing: by whatever names them.
    across:    the producer's session is another than the consumer's.
    sightings: how often the consumer's value was this producer's.
    coverage:  sightings / times the consumer slot was seen, 0..1.
    """

    producer: Slot
    consumer: Slot
    recipe: Recipe = "copy"
    plus: tuple[Slot, ...] = ()
    joint: str = ""
    items: tuple[str, ...] = ()
    across: bool = False
    sightings: int = 0
    coverage: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfed:
    """A request slot that no answer feeds, and whose values are still not what a person entered.

    kind: "parameter": shared state, the same in every session: a product's id, an API key.
          "generated": made by the client, another in every session: idempotency keys, request ids, nonces.
          "minted": issued to the client by a third party, to be used once: a payment provider's token.
    name: what `--set` calls it.
    """

    slot: Slot
    kind: Literal["parameter", "generated", "minted"]
    name: str
    sightings: int


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
    longest: the time in which the condition held in 99 of 100 recorded sessions, ns.
    sightings: sessions that had to ask more than once; 0 when the state changed before any had to.
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
    unfed: tuple[Unfed, ...] = ()
