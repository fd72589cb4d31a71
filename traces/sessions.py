"""Which exchanges are one user's journey: by value flow first, then by cookies, then by connection.

A checkout's id that a response issued and a later request carries ties the two together, whatever connection or shared
token they used. A value that several independent journeys are given (a product id) or carry ties nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Final

from traces.endpoints import Templates
from traces.lens.observed import Observed
from traces.model import Session
from traces.shapes import is_issued, names_one, url_path

#: A value that would join this many journeys, each with a flow of its own, belongs to none of them.
_HUB: Final = 5

#: Request headers that say who or where the browser is; equal between strangers.
_NOT_IDENTITY: Final = frozenset(
    "user-agent referer origin x-requested-with content-type if-none-match if-modified-since x-forwarded-for "
    "x-forwarded-proto forwarded traceparent tracestate x-request-id".split()
)


def find(observed: Sequence[Observed], templates: Templates) -> list[Session]:
    """Group the exchanges of a trace into sessions, ordered by their start; every exchange is in exactly one."""
    groups = _Groups(len(observed))
    flow = _Flow(observed, templates)
    flow.join(groups)
    _by_identity(observed, groups)
    flow.join_local(groups)
    _by_connection(observed, groups, flow.rooted())
    members: defaultdict[int, list[int]] = defaultdict(list)
    for index in range(len(observed)):
        members[groups.root(index)].append(index)
    sessions = [
        Session(
            id=f"s{observed[indices[0]].exchange.id}",
            exchanges=tuple(observed[i].exchange for i in indices),
            why=groups.why(root),
        )
        for root, indices in members.items()
    ]
    return sorted(sessions, key=lambda s: (s.start, s.exchanges[0].id))


class _Groups:
    """Union-find over exchange indices; a group remembers the strongest reason that made it."""

    REASONS: Final = ("alone", "connection", "cookie", "value flow")

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))
        self._size = [1] * count
        self._why = [0] * count

    def root(self, index: int) -> int:
        while self._parent[index] != index:
            self._parent[index] = self._parent[self._parent[index]]
            index = self._parent[index]
        return index

    def size(self, index: int) -> int:
        return self._size[self.root(index)]

    def why(self, index: int) -> str:
        return self.REASONS[self._why[self.root(index)]]

    def join(self, a: int, b: int, why: str) -> None:
        a, b = self.root(a), self.root(b)
        if a != b:
            a, b = min(a, b), max(a, b)
            self._parent[b] = a
            self._size[a] += self._size[b]
            self._why[a] = max(self._why[a], self._why[b], self.REASONS.index(why))


class _Flow:
    """The values of a trace that a response issued and later requests carry."""

    def __init__(self, observed: Sequence[Observed], templates: Templates) -> None:
        self._observed = observed
        self._endpoints = [templates.of(o.exchange.request.method, o.exchange.request.target) for o in observed]
        asked: defaultdict[str, list[int]] = defaultdict(list)
        requests = [_request_texts(o) for o in observed]
        for index, texts in enumerate(requests):
            for text in texts:
                asked[text].append(index)
        self._carriers = asked
        # value -> exchanges whose answer holds it though their own request did not.
        self._issuers: defaultdict[str, list[int]] = defaultdict(list)
        self._slots: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
        for index, o in enumerate(observed):
            for text, slot in _given(o):
                if text in asked and text not in requests[index]:
                    issuers = self._issuers[text]
                    if not issuers or issuers[-1] != index:
                        issuers.append(index)
                    self._slots[text].add((self._endpoints[index], slot))
        self._private: set[str] = set()

    def join(self, groups: _Groups) -> None:
        """Join every exchange that carries a value with the one that issued it, unless the value is shared."""
        waiting = [text for text in self._issuers if self._was_issued(text)]
        # The most specific first: a value with few carriers says more about who belongs together.
        waiting.sort(key=lambda text: (len(self._issuers[text]), len(self._carriers[text])))
        while waiting:
            later = [text for text in waiting if not self._try(text, groups)]
            if len(later) == len(waiting):
                return
            waiting = later

    def join_local(self, groups: _Groups) -> None:
        """Join what was given a shared value (a product of the list) with the answer that gave it on its connection.

        Only where the connection is one client's, not one of a pool.
        """
        connections = [o.exchange.connection for o in self._observed]
        pools = _pools(connections, groups)
        for text in [t for t in self._issuers if t not in self._private and self._was_issued(t)]:
            issuers = _by_own_connection(self._issuers[text], connections, pools)
            given = self._nearest(issuers, _by_own_connection(self._carriers[text], connections, pools))
            for issuer, carriers in given.items():
                if not _are_many(carriers, groups):
                    for carrier in carriers:
                        groups.join(issuer, carrier, "value flow")

    def rooted(self) -> list[bool]:
        """Per exchange: does its answer hold a value at a slot that feeds sessions? Then it begins one of its own."""
        slots = {slot for text in self._private for slot in self._slots[text]}
        begins = {endpoint for endpoint, _ in slots}
        return [
            endpoint in begins and any((endpoint, slot) in slots for _, slot in _given(o))
            for endpoint, o in zip(self._endpoints, self._observed, strict=True)
        ]

    def _nearest(self, issuers: Mapping[str, list[int]], carriers: Mapping[str, list[int]]) -> dict[int, list[int]]:
        """Each carrier under the last issuer on its connection whose answer was complete before it began."""
        given: defaultdict[int, list[int]] = defaultdict(list)
        for connection, asking in carriers.items():
            waiting = sorted(issuers.get(connection, ()), key=lambda i: -self._observed[i].exchange.end)
            latest = -1
            for carrier in asking:
                begins = self._observed[carrier].exchange.clock.received
                while waiting and self._observed[waiting[-1]].exchange.end <= begins:
                    latest = max(latest, waiting.pop())
                if latest >= 0:
                    given[latest].append(carrier)
        return given

    def _was_issued(self, text: str) -> bool:
        first = self._observed[self._issuers[text][0]].exchange.end
        return first <= self._observed[self._carriers[text][0]].exchange.clock.received

    def _try(self, text: str, groups: _Groups) -> bool:
        issuers, carriers = self._issuers[text], self._carriers[text]
        root = groups.root(issuers[0])
        # Each look stops at the first that settles it: a product's id has as many issuers and carriers as the trace.
        if any(groups.root(i) != root for i in issuers) or _are_many(carriers, groups, but=root):
            return False
        for carrier in carriers:
            groups.join(issuers[0], carrier, "value flow")
        self._private.add(text)
        return True


def _are_many(indices: Iterable[int], groups: _Groups, *, but: int = -1) -> bool:
    """Do these exchanges belong to so many journeys, each with a flow of its own, that what they share is no one's?"""
    roots: set[int] = set()
    for index in indices:
        if groups.size(index) > 1 and (root := groups.root(index)) != but:
            roots.add(root)
            if len(roots) >= _HUB:
                return True
    return False


def _by_own_connection(
    indices: Iterable[int], connections: Sequence[str], pools: Container[str]
) -> dict[str, list[int]]:
    """The exchanges by their connection; those on a pool's or on none left out."""
    by_connection: defaultdict[str, list[int]] = defaultdict(list)
    for index in indices:
        if connections[index] and connections[index] not in pools:
            by_connection[connections[index]].append(index)
    return by_connection


def _pools(connections: Sequence[str], groups: _Groups) -> set[str]:
    """Connections that many journeys use, alone or with others: a client's own few are used by a few journeys only."""
    numbers = {connection: n for n, connection in enumerate(dict.fromkeys(connections))}
    together = _Groups(len(numbers))
    first: dict[int, str] = {}
    for index, connection in enumerate(connections):
        if groups.size(index) > 1:
            together.join(numbers[first.setdefault(groups.root(index), connection)], numbers[connection], "connection")
    journeys: defaultdict[int, int] = defaultdict(int)
    for connection in first.values():
        journeys[together.root(numbers[connection])] += 1
    return {connection for connection, n in numbers.items() if journeys[together.root(n)] >= _HUB}


def _request_texts(o: Observed) -> set[str]:
    texts = {leaf.text for leaf in o.request if is_issued(leaf.text)}
    texts.add(o.exchange.request.target.decode("utf-8", "surrogateescape"))
    for leaf in o.request:
        if (path := url_path(leaf.text)) is not None:
            texts.add(path)
    return texts


def _given(o: Observed) -> Iterator[tuple[str, str]]:
    """(value, slot) of everything an answer could give to a later request."""
    for leaf in o.response:
        if is_issued(leaf.text):
            yield leaf.text, leaf.slot
        path = url_path(leaf.text)
        # Only a path that names one thing: every page links to /login.
        if path is not None and names_one(path):
            yield path, leaf.slot + "|path"


def _by_identity(observed: Sequence[Observed], groups: _Groups) -> None:
    """Join what carries the same client-chosen session id or cookie, where different clients carry different ones."""
    values: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, o in enumerate(observed):
        for leaf in o.request:
            if (
                leaf.part == "header"
                and is_issued(leaf.text)
                and leaf.path.removeprefix("header.") not in _NOT_IDENTITY
            ):
                values[leaf.path][leaf.text].append(index)
    for path, by_text in values.items():
        if path.startswith("auth.") or len(by_text) < 2:
            continue
        for members in by_text.values():
            if not _are_many(members, groups):
                for index in members[1:]:
                    groups.join(members[0], index, "cookie")


def _by_connection(observed: Sequence[Observed], groups: _Groups, rooted: Sequence[bool]) -> None:
    """Give each exchange that no value ties down to the session that next uses its connection, else the one before.

    A connection that carries one journey only is that journey's whole, checkouts it began and left included; one that
    carries several is a pool, and says nothing about what began on it.
    """
    loose = [not rooted[i] and groups.size(i) == 1 for i in range(len(observed))]
    by_connection: defaultdict[str, list[int]] = defaultdict(list)
    for index, o in enumerate(observed):
        if o.exchange.connection:
            by_connection[o.exchange.connection].append(index)
    for members in by_connection.values():
        if len({groups.root(i) for i in members if groups.size(i) > 1}) == 1:
            for index in members[1:]:
                groups.join(members[0], index, "connection")
            continue
        anchors = [i for i in members if not loose[i]]
        last = anchors[-1] if anchors else members[0]
        # From the back, so that the nearest anchor after each loose exchange is the one last passed.
        for index in reversed(members):
            if loose[index]:
                groups.join(last, index, "connection")
            else:
                last = index
