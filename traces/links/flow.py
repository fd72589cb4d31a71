"""What one session's responses issued, and which of its requests carry it.

Issued, not echoed: a response produces a value only if no earlier request of the session carried it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from traces.endpoints import Endpoints
from traces.facts import FIXED, TARGET, URL, Facts, Row
from traces.links.model import Recipe

#: Where a value stands: endpoint's number, slot's number.
Place = tuple[int, int]


class Produced(NamedTuple):
    """A value a response issued: by which exchange of the session (0-based), where, under which recipe."""

    step: int
    place: Place
    recipe: Recipe


class Consumed(NamedTuple):
    """A request's value that earlier responses of the session may have issued: the first issue at each place, in order.

    leaf: its number among the request's leaves; one more than the last of them for the whole target.
    """

    step: int
    leaf: int
    place: Place
    row: Row
    producers: tuple[Produced, ...]


#: value -> the first issue of it at each place, in order.
_Issued = defaultdict[int, dict[tuple[Place, Recipe], Produced]]


def consumed(session: Sequence[int], facts: Facts, endpoints: Endpoints) -> Iterator[Consumed]:
    """Yield every value that the session's requests carry, in order, with what could have produced it (often nothing).

    session: the numbers of its exchanges, in order of arrival.
    """
    requests = [list(enumerate(row for row in facts.asked.of(number) if not row.bits & URL)) for number in session]
    requests = [[(leaf, row) for leaf, row in rows if not row.bits & FIXED] for rows in requests]
    # What a later request carries and none has yet: all that an answer can still issue, and little of what it holds.
    wanted = {row.value for rows in requests for _, row in rows}
    issued: _Issued = defaultdict(dict)
    # The next to have been answered is last.
    waiting = sorted(range(len(session)), key=lambda i: facts.end[session[i]], reverse=True)
    for step, (number, rows) in enumerate(zip(session, requests, strict=True)):
        # Answers that were complete before this request began may have fed it.
        while waiting and facts.end[session[waiting[-1]]] <= facts.received[number]:
            done = waiting.pop()
            if done < step:
                _issue(done, facts.given.of(session[done]), endpoints.of[session[done]], wanted, issued)
        for leaf, row in rows:
            recipe: Recipe = "url path" if row.bits & TARGET else "copy"
            producers = [p for p in issued.get(row.value, {}).values() if p.recipe == recipe]
            yield Consumed(step, leaf, (endpoints.of[number], row.slot), row, tuple(producers))
        wanted.difference_update(row.value for _, row in rows)


def _issue(step: int, rows: Iterator[Row], endpoint: int, wanted: Set[int], issued: _Issued) -> None:
    for row in rows:
        if row.value in wanted:
            place = (endpoint, row.slot)
            recipe: Recipe = "url path" if row.bits & URL else "copy"
            # The first issue at a place: a list that is read again and again grows nothing here.
            issued[row.value].setdefault((place, recipe), Produced(step, place, recipe))
