"""Where a request's live value is read: of which answer, at which place, and how a list's item is known there."""

from __future__ import annotations

from dataclasses import dataclass

from traces.lens.address import Address
from traces.links.model import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Which item of a list: the one whose `key` reads `text`, else the one at `index`.

    depth: position among the address's steps where the index stands (`traces.lens.address.steps_of`).
    same:  where the text itself is read live: a basket's line is known by the product that the client put there.
    """

    depth: int
    key: str
    text: str
    index: int
    same: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a live value is read: the answer of `step` (0-based in its session), at an address.

    path:    the address for people.
    session: the session it comes from, when it is another.
    plus:    where the second of two values comes from; of three summands it has one itself.
    like:    of a sum the recorded one, for its decimals; of the digest of two values what stands between them; of what
             is glued to a value or cut off, `v{}`.
    """

    step: int
    path: str
    address: Address
    recipe: Recipe = "copy"
    selectors: tuple[Selector, ...] = ()
    session: str | None = None
    plus: Source | None = None
    like: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A request leaf that must be live. `sources` are ranked; none means the session cannot go on from here.

    leaf: its number among the request's leaves, nested ones too; None for the whole target.
    """

    step: int
    leaf: int | None
    sources: tuple[Source, ...]
