"""What a session was given by another: one login for all, an order that the back office looks up."""

from __future__ import annotations

from array import array
from collections.abc import Sequence, Set
from typing import NamedTuple

from traces.endpoints import Endpoints
from traces.facts import ISSUED, ONE, Facts
from traces.links.flow import Place
from traces.model import Session


class Far(NamedTuple):
    """Where a value was given first: the session, which of its steps, and the place."""

    session: Session
    step: int
    place: Place


class Elsewhere:
    """Finds the answer of another session that issued a value before a request carried it.

    Issued, not echoed: one that any request of the trace had begun to carry before is nobody's issue.

    strays: values that sessions carry and were not given themselves.
    """

    def __init__(self, strays: Set[int], sessions: Sequence[Session], facts: Facts, endpoints: Endpoints) -> None:
        self._facts = facts
        # value -> the exchange that gave it first, which of its answer's slots, and the exchange's session.
        self._first: dict[int, tuple[int, int, int]] = {}
        self._sessions, self._endpoints = sessions, endpoints
        self._home = array("i", bytes(4 * len(facts)) if strays else b"")
        if not strays:
            return
        for n, session in enumerate(sessions):
            for number in session.numbers:
                self._home[number] = n
        carried = self._carried(strays)
        for number in sorted(range(len(facts)), key=lambda n: facts.end[n]):
            began = facts.received[number]
            for row in facts.given.of(number):
                if row.bits & (ISSUED | ONE) and row.value in strays and carried[row.value] > began:
                    self._first.setdefault(row.value, (number, row.slot, self._home[number]))

    def _carried(self, strays: Set[int]) -> dict[int, int]:
        """When the first request that carries each of these began."""
        first: dict[int, int] = {}
        for number, began in enumerate(self._facts.received):
            for row in self._facts.asked.of(number):
                if row.value in strays and began < first.get(row.value, began + 1):
                    first[row.value] = began
        return first

    def source(self, value: int, number: int) -> Far | None:
        """The first answer that gave the value, if it is another session's and was whole before request `number`."""
        if value not in self._first:
            return None
        giver, slot, home = self._first[value]
        if home == self._home[number] or self._facts.end[giver] > self._facts.received[number]:
            return None
        session = self._sessions[home]
        return Far(session, session.numbers.index(giver), (self._endpoints.of[giver], slot))
