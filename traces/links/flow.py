"""What one session's responses issued, and which of its requests carry it.

Issued, not echoed: a response produces a value only if no earlier request of the session carried it. A small number
may have been carried for another reason (a version 1, a quantity of 1): for those, that is noted instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from traces.endpoints import Endpoints
from traces.facts import FIXED, ISSUED, NUMBER, ONE, RARE, TARGET, URL, Facts, Row

#: Where a value stands: endpoint's number, slot's number.
Place = tuple[int, int]


class Produced(NamedTuple):
    """A value a response issued: by which exchange of the session (0-based), where.

    echoed: a request had carried it before, or that exchange's own did.
    """

    step: int
    place: Place
    echoed: bool


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
_Issued = defaultdict[int, dict[Place, Produced]]


def consumed(session: Sequence[int], facts: Facts, endpoints: Endpoints) -> Iterator[Consumed]:
    """Yield every value that the session's requests carry, in order, with what could have produced it (often nothing).

    session: the numbers of its exchanges, in order of arrival.
    """
    requests = [
        [(leaf, row) for leaf, row in enumerate(facts.asked.of(number)) if not row.bits & FIXED] for number in session
    ]
    # The last request that carries a value, and the first: what comes after the one is of no use, what after the other
    # may be an echo.
    last = {row.value: step for step, rows in enumerate(requests) for _, row in rows}
    carried: set[int] = set()
    issued: _Issued = defaultdict(dict)
    urls: set[Place] = set()
    # The next to have been answered is last.
    waiting = sorted(range(len(session)), key=lambda i: facts.end[session[i]], reverse=True)
    for step, (number, rows) in enumerate(zip(session, requests, strict=True)):
        # Answers that were complete before this request began may have fed it.
        while waiting and facts.end[session[waiting[-1]]] <= facts.received[number]:
            done = waiting.pop()
            if done < step:
                own = {row.value for _, row in requests[done]}
                endpoint = endpoints.of[session[done]]
                for row in facts.given.of(session[done]):
                    echoed = row.value in carried or row.value in own
                    if last.get(row.value, -1) < step or (echoed and _is_none_elses(row.bits)):
                        continue
                    place = (endpoint, row.slot)
                    # The first issue at a place: a list that is read again and again grows nothing here.
                    issued[row.value].setdefault(place, Produced(done, place, echoed))
                    if row.bits & URL:
                        urls.add(place)
        for leaf, row in rows:
            producers = tuple(issued[row.value].values()) if row.value in issued else ()
            if row.bits & TARGET:
                producers = tuple(p for p in producers if p.place in urls)
            yield Consumed(step, leaf, (endpoints.of[number], row.slot), row, producers)
        carried.update(row.value for _, row in rows)


def _is_none_elses(bits: int) -> bool:
    """Is a value of these bits nobody else's by accident: a token, a URL that names one thing, a document?"""
    return bits & (ISSUED | ONE) != 0 or bits & (RARE | NUMBER) == RARE
