"""Which exchanges are one user's journey: by value flow first, then by cookies, then by connection.

A checkout's id that a response issued and a later request carries ties the two together, whatever connection or shared
token they used. A value that several independent journeys are given (a product id) or carry ties nothing. Where ids are
running numbers, the things that they are of tie (traces.things).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Final

from traces.callers import join_callers
from traces.endpoints import Endpoints
from traces.facts import ISSUED, NUMBERED, ONE, TARGET, URL, Facts, Row
from traces.groups import Groups, are_a_crowd, are_many, pools
from traces.model import Session
from traces.things import join_listed, join_made, things

#: Request headers that say who or where the browser is; equal between strangers.
_NOT_IDENTITY: Final = frozenset(
    "user-agent referer origin x-requested-with content-type if-none-match if-modified-since x-forwarded-for "
    "x-forwarded-proto forwarded traceparent tracestate x-request-id".split()
)


def find(facts: Facts, endpoints: Endpoints) -> list[Session]:
    """Group the exchanges of a trace into sessions, ordered by their start; every exchange is in exactly one."""
    groups = Groups(len(facts))
    flow = _Flow(facts, endpoints)
    flow.join(groups)
    _by_identity(facts, groups)
    named = things(facts, endpoints)
    join_made(named, groups)
    join_listed(named, facts, groups)
    flow.join_local(groups)
    join_callers(facts, groups)
    _by_connection(facts.connections, groups, flow.rooted())
    members: defaultdict[int, list[int]] = defaultdict(list)
    for number in range(len(facts)):
        members[groups.root(number)].append(number)
    # Exchanges are numbered by arrival, and a group's root is its first: the sessions come in the order they start.
    return [
        Session(
            id=f"s{facts.ids[root]}", start=facts.received[root], why=groups.why(root), numbers=tuple(members[root])
        )
        for root in sorted(members)
    ]


class _Flow:
    """The values of a trace that a response issued and later requests carry."""

    def __init__(self, facts: Facts, endpoints: Endpoints) -> None:
        self._facts = facts
        self._endpoints = endpoints.of
        # value -> exchanges whose answer holds it though their own request did not.
        self._issuers: defaultdict[int, list[int]] = defaultdict(list)
        # Values that answers set as cookies: a browser gets one for itself.
        self._cookies: set[int] = set()
        cookies = {number for number, path in enumerate(facts.slots) if path.startswith("cookie.") and "|" not in path}
        for index in range(len(facts)):
            own = {row.value for row in facts.asked.of(index) if _ties(row)}
            for row in facts.given.of(index):
                if row.bits & (ISSUED | ONE | NUMBERED) and row.value not in own:
                    if row.slot in cookies:
                        self._cookies.add(row.value)
                    issuers = self._issuers[row.value]
                    if not issuers or issuers[-1] != index:
                        issuers.append(index)
        self._carriers: defaultdict[int, list[int]] = defaultdict(list)
        for index in range(len(facts)):
            for value in {row.value for row in facts.asked.of(index) if row.value in self._issuers and _ties(row)}:
                self._carriers[value].append(index)
        for value in [value for value in self._issuers if value not in self._carriers]:
            del self._issuers[value]
        self._leave_rereads()
        self._private: set[int] = set()

    def _leave_rereads(self) -> None:
        """Of a thing's values leave only the answer that made it: a later one that was asked for the thing by another
        of its values (by its id, and gives its secret again) is a carrier, not an issuer.
        """
        made: defaultdict[int, set[int]] = defaultdict(set)
        for value, issuers in self._issuers.items():
            made[issuers[0]].add(value)
        repeating = {number for issuers in self._issuers.values() for number in issuers[1:]}
        carried: defaultdict[int, set[int]] = defaultdict(set)
        for value, carriers in self._carriers.items():
            for number in carriers:
                if number in repeating:
                    carried[number].add(value)
        for values in made.values():
            # A listing is given to everybody without being asked for by any value of it: that is nobody's thing.
            closed, before = values, None
            while closed != before:
                before = closed
                closed = {v for v in before if all(carried[n] & before for n in self._issuers[v][1:])}
            for value in closed:
                del self._issuers[value][1:]

    def join(self, groups: Groups) -> None:
        """Join every exchange that carries a value with the one that issued it, unless the value is shared."""
        waiting = [value for value in self._issuers if self._was_issued(value)]
        # The most specific first: a value with few carriers says more about who belongs together.
        waiting.sort(key=lambda value: (len(self._issuers[value]), len(self._carriers[value])))
        while waiting:
            later = [value for value in waiting if not self._try(value, groups)]
            if len(later) == len(waiting):
                return
            waiting = later

    def join_local(self, groups: Groups) -> None:
        """Join what was given a shared value (a product of the list) with the answer that gave it on its connection.

        Only where the connection is one client's, not one of a pool.
        """
        connections = self._facts.connections
        shared = pools(connections, groups)
        for value in [v for v in self._issuers if v not in self._private and self._was_issued(v)]:
            issuers = _by_own_connection(self._issuers[value], connections, shared)
            given = self._nearest(issuers, _by_own_connection(self._carriers[value], connections, shared))
            for issuer, carriers in given.items():
                if not are_many(carriers, groups):
                    groups.join_all(issuer, carriers, "value flow")

    def rooted(self) -> list[bool]:
        """Per exchange: does its answer hold a value at a slot that feeds sessions? Then it begins one of its own."""
        facts = self._facts
        slots = {
            (self._endpoints[index], row.slot)
            for index in range(len(facts))
            for row in facts.given.of(index)
            if row.value in self._private and row.bits & (ISSUED | ONE | NUMBERED)
        }
        feeding: defaultdict[int, set[int]] = defaultdict(set)
        for endpoint, slot in slots:
            feeding[endpoint].add(slot)
        return [
            not feeding[endpoint].isdisjoint(facts.shapes[make]) if endpoint in feeding else False
            for endpoint, make in zip(self._endpoints, facts.makes, strict=True)
        ]

    def _nearest(self, issuers: Mapping[int, list[int]], carriers: Mapping[int, list[int]]) -> dict[int, list[int]]:
        """Each carrier under the last issuer on its connection whose answer was complete before it began."""
        given: defaultdict[int, list[int]] = defaultdict(list)
        for connection, asking in carriers.items():
            waiting = sorted(issuers.get(connection, ()), key=lambda i: -self._facts.end[i])
            latest = -1
            for carrier in asking:
                begins = self._facts.received[carrier]
                while waiting and self._facts.end[waiting[-1]] <= begins:
                    latest = max(latest, waiting.pop())
                if latest >= 0:
                    given[latest].append(carrier)
        return given

    def _was_issued(self, value: int) -> bool:
        return self._facts.end[self._issuers[value][0]] <= self._facts.received[self._carriers[value][0]]

    def _try(self, value: int, groups: Groups) -> bool:
        issuers, carriers = self._issuers[value], self._carriers[value]
        root = groups.root(issuers[0])
        # Each look stops at the first that settles it: a product's id has as many issuers and carriers as the trace.
        if any(groups.root(i) != root for i in issuers):
            return False
        if are_a_crowd(carriers, groups) if value in self._cookies else are_many(carriers, groups, but=root):
            return False
        groups.join_all(issuers[0], carriers, "value flow")
        self._private.add(value)
        return True


def _by_own_connection(
    indices: Iterable[int], connections: Sequence[int], pools: Container[int]
) -> dict[int, list[int]]:
    """The exchanges by their connection; those on a pool's or on none left out."""
    by_connection: defaultdict[int, list[int]] = defaultdict(list)
    for index in indices:
        if connections[index] and connections[index] not in pools:
            by_connection[connections[index]].append(index)
    return by_connection


def _ties(row: Row) -> bool:
    """Could a request that carries it belong to whoever was given it?"""
    return row.bits & (ISSUED | TARGET | URL | NUMBERED) != 0


def _by_identity(facts: Facts, groups: Groups) -> None:
    """Join what carries the same client-chosen session id or cookie, where different clients carry different ones."""
    slots = {number for number, path in enumerate(facts.slots) if _is_identity(path)}
    values: defaultdict[int, defaultdict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index in range(len(facts)):
        for row in facts.asked.of(index):
            if row.slot in slots and row.bits & ISSUED:
                values[row.slot][row.value].append(index)
    for by_value in values.values():
        if len(by_value) < 2:
            continue
        for members in by_value.values():
            if not are_many(members, groups):
                groups.join_all(members[0], members[1:], "cookie")


def _is_identity(path: str) -> bool:
    kind, _, name = path.partition(".")
    if "|" in path:
        return False  # a part of one
    return kind == "cookie" or (kind == "header" and name not in _NOT_IDENTITY)


def _by_connection(connections: Sequence[int], groups: Groups, rooted: Sequence[bool]) -> None:
    """Give each exchange that no value ties down to the session that next uses its connection, else the one before.

    A connection that carries one journey only is that journey's whole, checkouts it began and left included; one that
    carries several is a pool, and says nothing about what began on it.
    """
    loose = [not rooted[i] and groups.size(i) == 1 for i in range(len(connections))]
    by_connection: defaultdict[int, list[int]] = defaultdict(list)
    for index, connection in enumerate(connections):
        if connection:
            by_connection[connection].append(index)
    for members in by_connection.values():
        if len({groups.root(i) for i in members if groups.size(i) > 1}) == 1:
            groups.join_all(members[0], members[1:], "connection")
            continue
        anchors = [i for i in members if not loose[i]]
        last = anchors[-1] if anchors else members[0]
        # From the back, so that the nearest anchor after each loose exchange is the one last passed.
        for index in reversed(members):
            if loose[index]:
                groups.join(last, index, "connection")
            else:
                last = index
