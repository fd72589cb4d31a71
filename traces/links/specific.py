"""Is a number that a request shares with an earlier answer its own session's, or one that any session was given?

Every cart has a quantity of 1 and every list an item 1. A value that other sessions' answers hold at the same slot just
as well was not fed from there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from traces.endpoints import Endpoints
from traces.facts import FIXED, Facts
from traces.links.flow import Place
from traces.model import Session

#: Sessions looked at, from all over the trace.
_SAMPLE: Final = 48
#: Others' answers may hold the value this often.
_OTHERS: Final = 0.5


class Specific:
    """Tells what belongs to a session from what is everywhere, by a sample of a trace's sessions."""

    def __init__(self, sessions: Sequence[Session], facts: Facts, endpoints: Endpoints) -> None:
        several = [session for session in sessions if len(session.numbers) > 1]
        self._sample = several[:: max(1, -(-len(several) // _SAMPLE))]
        self._facts, self._endpoints = facts, endpoints

    def is_own(self, consumer: Place, producer: Place) -> bool:
        """Do other sessions' answers at `producer` hold a session's values at `consumer` less than half the time?"""
        asked, given = self._values
        wanted, offered = asked.get(consumer, {}), given.get(producer, {})
        found = pairs = 0
        for session, values in wanted.items():
            for other, theirs in offered.items():
                if other != session:
                    pairs += len(values)
                    found += len(values & theirs)
        return pairs > 0 and found <= _OTHERS * pairs

    @cached_property
    def _values(self) -> tuple[dict[Place, dict[int, set[int]]], dict[Place, dict[int, set[int]]]]:
        """What the sample's requests carry and its answers give: place -> session -> values."""
        facts, of = self._facts, self._endpoints.of
        asked: defaultdict[Place, dict[int, set[int]]] = defaultdict(dict)
        given: defaultdict[Place, dict[int, set[int]]] = defaultdict(dict)
        for n, session in enumerate(self._sample):
            for number in session.numbers:
                for row in facts.asked.of(number):
                    if not row.bits & FIXED:
                        asked[of[number], row.slot].setdefault(n, set()).add(row.value)
                for row in facts.given.of(number):
                    given[of[number], row.slot].setdefault(n, set()).add(row.value)
        return asked, given
