"""One session's links, resolved: where each value that must be live comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Final

from traces.endpoints import Endpoints
from traces.facts import ISSUED, ONE, TARGET, Facts
from traces.lens.address import address_of
from traces.lens.leaf import Leaf
from traces.links import recipes
from traces.links.elsewhere import Elsewhere, Far
from traces.links.flow import Consumed, Place, Produced, consumed
from traces.links.judge import Messages
from traces.links.model import Graph, Link, Recipe
from traces.links.seen import is_strong
from traces.links.selectors import from_the_end, items, leaf_of, selectors
from traces.links.source import Binding, Source
from traces.model import Session

#: A consumer slot fed at least this often is never sent as recorded: without a producer its value is a stale secret.
_ALWAYS_FED: Final = 0.9


class Resolver:
    """Finds the bindings of sessions, by what was learned of all of them.

    A link that was never seen is a person's word: it takes what the producer's slot gave last, whatever it was.
    """

    def __init__(
        self, graph: Graph, elsewhere: Elsewhere, facts: Facts, endpoints: Endpoints, messages: Messages
    ) -> None:
        self._facts, self._endpoints, self._messages = facts, endpoints, messages
        self._elsewhere = elsewhere
        names = {name: number for number, name in enumerate(endpoints.names)}
        self._ranked: defaultdict[Place, list[tuple[Place, Link]]] = defaultdict(list)
        for link in graph.links:
            producer, consumer = (
                (names.get(slot.endpoint, -1), facts.slot(slot.path)) for slot in (link.producer, link.consumer)
            )
            self._ranked[consumer].append((producer, link))

    def bindings(self, session: Session) -> list[Binding]:
        """Every binding of a session, in request order."""
        chosen: list[tuple[Consumed, Binding]] = []
        # The value bound last, its step and slot: what stands inside it needs no binding of its own.
        within = (-1, "")
        in_target: set[int] = set()
        for use in consumed(session.numbers, self._facts, self._endpoints):
            path = self._facts.slots[use.row.slot]
            if within[0] == use.step and path.startswith(within[1] + "|"):
                continue
            whole = bool(use.row.bits & TARGET)
            if whole and use.step in in_target and not (self._is_redirect(use) or self._is_next(use, session)):
                continue
            binding = self._binding(use, session)
            if binding is None:
                continue
            chosen.append((use, binding))
            if binding.sources:
                within = (use.step, path)
                if not whole and is_strong(use) and _in_target(path):
                    in_target.add(use.step)
        return list(self._kept(chosen))

    def _is_redirect(self, use: Consumed) -> bool:
        """Did an answer say to go just there? Then that is where it goes, whatever is known of its parts."""
        return any(self._facts.slots[p.place[1]] == "header.location|url.target" for p in use.producers)

    def _is_next(self, use: Consumed, session: Session) -> bool:
        """Does a URL that an answer gave lead just here, and say more in its query than its path tells?"""
        slots = self._facts.slots
        return bool(use.producers) and any(
            slots[row.slot].startswith("query.") for row in self._facts.asked.of(session.numbers[use.step])
        )

    def _kept(self, chosen: Sequence[tuple[Consumed, Binding]]) -> Iterator[Binding]:
        """Without parts of a target that is bound whole, and without what is unbound but for what stands inside it."""
        whole = {use.step for use, _ in chosen if use.row.bits & TARGET}
        for n, (use, binding) in enumerate(chosen):
            path = self._facts.slots[use.row.slot]
            if use.step in whole and not use.row.bits & TARGET and _in_target(path):
                continue
            if binding.sources or not self._stands_in(path, use.step, chosen[n + 1 : n + 2]):
                yield binding

    def _stands_in(self, path: str, step: int, following: Sequence[tuple[Consumed, Binding]]) -> bool:
        """Does what is bound next stand inside the value at `path` of the same request?"""
        return any(use.step == step and self._facts.slots[use.row.slot].startswith(path + "|") for use, _ in following)

    def _binding(self, use: Consumed, session: Session) -> Binding | None:
        links = self._ranked.get(use.place, ())
        by_place = {p.place: p for p in use.producers}
        sources = [
            self._copied(produced, use, session, link)
            for producer, link in links
            if link.recipe == "copy" and (produced := by_place.get(producer)) is not None
        ]
        whole = bool(use.row.bits & TARGET)
        if not sources:
            sources = [
                self._source(session, step, leaf, leaves, chosen=link.items)
                for producer, link in links
                if link.recipe == "copy" and not link.sightings
                for step, leaves, leaf in islice(self._given(producer, use.step, session), 1)
            ]
        if not sources:
            sources = [made for producer, link in links if (made := self._made(producer, link, use, session))]
        if not sources and is_strong(use):
            far = self._elsewhere.source(use.row.value, session.numbers[use.step])
            is_linked = far is not None and any(link.across and far.place == producer for producer, link in links)
            sources = [self._far(far, use)] if far is not None and is_linked else []
        if not sources and (whole or not links or links[0][1].coverage < _ALWAYS_FED or not use.row.bits & ISSUED):
            return None
        return Binding(step=use.step, leaf=None if whole else use.leaf, sources=tuple(sources))

    def _copied(self, produced: Produced, use: Consumed, session: Session, link: Link) -> Source:
        leaves = self._messages.answer(session.numbers[produced.step])
        leaf = leaf_of(leaves, self._path(produced.place), use.row.value)
        return self._source(session, produced.step, leaf, leaves, chosen=link.items)

    def _far(self, far: Far, use: Consumed) -> Source:
        leaves = self._messages.answer(far.session.numbers[far.step])
        leaf = leaf_of(leaves, self._path(far.place), use.row.value)
        return replace(self._source(None, far.step, leaf, leaves), session=far.session.id)

    def _path(self, place: Place) -> str:
        return self._facts.slots[place[1]]

    def _made(self, producer: Place, link: Link, use: Consumed, session: Session) -> Source | None:
        """The source of a value that a recipe made of what earlier answers gave, the latest that fit."""
        if link.recipe == "copy":
            return None
        text = self._messages.request(session.numbers[use.step])[use.leaf].text
        names = self._endpoints.names
        places = [producer, *((names.index(slot.endpoint), self._facts.slot(slot.path)) for slot in link.plus)]
        for found in product(*(list(self._given(place, use.step, session)) for place in places)):
            like = text if link.recipe == "sum" else link.joint
            if recipes.of_several([leaf.text for *_, leaf in found], link.recipe, like) == text:
                source: Source | None = None
                for step, leaves, leaf in reversed(found):
                    # The innermost of several is only read.
                    recipe: Recipe = "copy" if source is None and link.plus else link.recipe
                    made = self._source(session, step, leaf, leaves, chosen=link.items)
                    source = replace(made, recipe=recipe, plus=source, like=like)
                return source
        return None

    def _source(
        self, session: Session | None, step: int, leaf: Leaf, leaves: Sequence[Leaf], *, chosen: Sequence[str] = ()
    ) -> Source:
        """Where a leaf is read of a step's answer; of a session, what names it may come from its earlier answers."""
        found = items(leaf, leaves)
        return Source(
            step=step,
            path=leaf.path,
            address=from_the_end(address_of(leaf), found, chosen),
            selectors=selectors(
                found, chosen, lambda text: None if session is None else self._same(text, session, step)
            ),
        )

    def _same(self, text: str, session: Session, before: int) -> Source | None:
        """Where a token was given first, if an answer before a step's did."""
        facts, value = self._facts, hash(text)
        for step, number in enumerate(session.numbers[:before]):
            for row in facts.given.of(number):
                if row.value == value and row.bits & (ISSUED | ONE):
                    leaves = self._messages.answer(number)
                    return self._source(None, step, leaf_of(leaves, facts.slots[row.slot], value), leaves)
        return None

    def _given(self, place: Place, before: int, session: Session) -> Iterator[tuple[int, Sequence[Leaf], Leaf]]:
        """(step, its answer's leaves, the leaf) at a place of what had been answered, the latest first."""
        facts, numbers = self._facts, session.numbers
        path = facts.slots[place[1]] if place[1] >= 0 else ""
        for step in range(before - 1, -1, -1):
            number = numbers[step]
            if self._endpoints.of[number] == place[0] and facts.end[number] <= facts.received[numbers[before]]:
                leaves = self._messages.answer(number)
                yield from ((step, leaves, leaf) for leaf in leaves if leaf.slot == path)


def _in_target(path: str) -> bool:
    return path.startswith(("path[", "query."))
