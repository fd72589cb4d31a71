"""What learning keeps of a trace: a few numbers an exchange, and of its values only those that could flow.

A response holds a hundred values and a later request carries one of them. So the trace is read twice: first what its
requests carry, then which of that its answers gave. Memory is some 600 bytes an exchange, whatever its bodies weigh.

Rule 1: values are told apart by Python's keyed 64-bit hash of their text; no text is kept. Two of a million different
values are taken for one with a chance of 1 in 30 million.
Rule 2: exchanges are numbered by the instant their request arrived; `member` leads back to the trace.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from traces.lens import request_leaves
from traces.lens.values import response_values
from traces.model import Exchange
from traces.shapes import is_issued, names_one, names_thing, words

#: What is known of a row's value: it could only have been issued; it is a URL's path and query; it is such a path, or
#: the whole target, and names one thing; it is the request's whole target; no link may feed it; it is a number;
#: it is one that counting or chance alone would hardly make twice, of five digits, or an instant to the millisecond;
#: it is such a number, and its slot's name says that it names a thing.
ISSUED, URL, ONE, TARGET, FIXED, NUMBER, RARE, NUMBERED = 1, 2, 4, 8, 16, 32, 64, 128

#: Written anew at send (the target's name), or said about the client; links never feed them.
_FIXED: Final = frozenset({"header.user-agent", "header.origin"})
#: Equal everywhere: no answer gives them.
_CONSTANTS: Final = frozenset({"null", "true", "false"})
_NUMBER: Final = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?")
#: As `is_issued` has it; a URL's path may name one thing in fewer characters, but then it begins nobody's session.
_SHORTEST_ISSUED: Final = 8
#: Five digits or more, and not round.
_RARE: Final = re.compile(r"\d{3,}[1-9]\d?\d?")
_FINE_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d{3,9}(?:Z|[+-]\d\d:?\d\d)?")
#: Answers of more different make than this are taken as giving nothing of their own: memory stays bounded.
_MAKES: Final = 20_000


class Exchanges(Protocol):
    """A trace's exchanges, to be read as often as needed: a list is one, a file on disk another.

    Two passes, and `exchanges[n]`, give the same exchange at the same place.
    """

    def __iter__(self) -> Iterator[Exchange]: ...
    def __getitem__(self, place: int, /) -> Exchange: ...
    def __len__(self) -> int: ...


class Row(NamedTuple):
    """One value of one exchange. `slot` is a number into `Facts.slots`."""

    slot: int
    value: int
    bits: int


class Rows:
    """The values of one side: columns, with those of one exchange next to one another."""

    def __init__(self) -> None:
        self.slots, self.values, self.bits = array("i"), array("q"), array("B")
        self._first = array("q", [0])

    def add(self, slot: int, text: str, bits: int) -> None:
        """One more value of the exchange at hand."""
        self.slots.append(slot)
        self.values.append(hash(text))
        self.bits.append(bits)

    def end(self) -> None:
        """The exchange at hand has no more."""
        self._first.append(len(self.values))

    def of(self, number: int) -> Iterator[Row]:
        """The rows of an exchange, in the order they were added."""
        span = slice(self._first[number], self._first[number + 1])
        return map(Row, self.slots[span], self.values[span], self.bits[span])

    def sort(self, order: Sequence[int]) -> None:
        """Number the exchanges anew: the one at `order[n]` becomes n."""
        old = self._first
        first = array("q", [0])
        slots, values, bits = array("i"), array("q"), array("B")
        for number in order:
            span = slice(old[number], old[number + 1])
            slots += self.slots[span]
            values += self.values[span]
            bits += self.bits[span]
            first.append(len(values))
        self.slots, self.values, self.bits, self._first = slots, values, bits, first


class Facts:
    """All that is kept. Columns by exchange number, unless said otherwise.

    member:      place in the trace.
    ids:         permanent id.
    received, end: first and last instant, ns after the trace's epoch.
    connections: number of its client connection, 0 for none.
    lines:       number into `paths`: (method, path without query); equal ones have the same.
    reads:       1 when the request only asks (GET, HEAD).
    asked:       what its request carries: its leaves (nested ones too) in their order, then its whole target.
    given:       what its answer gave of that, each value once a slot.
    makes:       number into `shapes`: the slots at which its answer holds issued values, asked for or not.
    slots:       lens paths with list indices left open, by their number.
    authorities: every host[:port] that clients named.
    """

    def __init__(self) -> None:
        self.member, self.ids = array("q"), array("q")
        self.received, self.end = array("q"), array("q")
        self.connections, self.lines, self.makes = array("i"), array("i"), array("i")
        self.reads = array("B")
        self.paths: list[tuple[bytes, bytes]] = []
        self.shapes: list[frozenset[int]] = [frozenset()]
        self.slots: list[str] = []
        self.authorities: set[bytes] = set()
        self.asked, self.given = Rows(), Rows()
        self._bits: list[int] = []
        self._slot_numbers: dict[str, int] = {}
        self._path_numbers: dict[tuple[bytes, bytes], int] = {}
        self._connection_numbers: dict[str, int] = {"": 0}
        self._shape_numbers: dict[frozenset[int], int] = {frozenset(): 0}

    def __len__(self) -> int:
        return len(self.ids)

    def slot(self, path: str) -> int:
        """The number of a slot path."""
        number = self._slot_numbers.setdefault(path, len(self.slots))
        if number == len(self.slots):
            self.slots.append(path)
            self._bits.append(FIXED if path.partition("|")[0] in _FIXED or path == "header.referer" else 0)
            if path.endswith("|url.target"):
                self._bits[-1] |= URL
            elif _names_thing(path):
                self._bits[-1] |= NUMBERED
        return number

    def is_read(self, number: int) -> bool:
        """Does the request only ask (GET, HEAD)?"""
        return bool(self.reads[number])

    def forget_paths(self) -> None:
        """Once endpoints are known the paths are not needed, of which every id has one of its own."""
        self.paths = []

    def target(self, number: int) -> int:
        """The value of the request's whole target."""
        return next(row.value for row in self.asked.of(number) if row.bits & TARGET)

    def add_request(self, exchange: Exchange) -> None:
        """Take in one exchange but its answer."""
        self.member.append(len(self.member))
        self.ids.append(exchange.id)
        self.received.append(exchange.clock.received)
        self.end.append(exchange.end)
        self.connections.append(self._connection_numbers.setdefault(exchange.connection, len(self._connection_numbers)))
        request = exchange.request
        self.authorities.add(request.authority)
        line = (request.method, request.target.partition(b"?")[0])
        number = self._path_numbers.setdefault(line, len(self.paths))
        if number == len(self.paths):
            self.paths.append(line)
        self.lines.append(number)
        self.reads.append(request.method in {b"GET", b"HEAD"})
        for leaf in request_leaves(request, nested=True):
            slot = self.slot(leaf.slot)
            self.asked.add(slot, leaf.text, self._bits[slot] & FIXED | _bits(leaf.text, self._bits[slot]))
        target = request.target.decode("utf-8", "surrogateescape")
        self.asked.add(self.slot("target"), target, TARGET | ONE if names_one(target) else TARGET)
        self.asked.end()

    def add_response(self, exchange: Exchange, wanted: set[int]) -> None:
        """Take in the answer of the next exchange: of its values only those `wanted`."""
        seen: set[tuple[int, int]] = set()
        issues: set[int] = set()
        for slot, text in self._given(exchange):
            value = hash(text)
            # Nothing shorter looks issued, and most values are short and nobody's.
            if len(text) < _SHORTEST_ISSUED and value not in wanted:
                continue
            bits = _bits(text, self._bits[slot])
            if bits & (ISSUED | ONE | NUMBERED):
                issues.add(slot)
            if value in wanted and (slot, value) not in seen:
                seen.add((slot, value))
                self.given.add(slot, text, bits)
        self.given.end()
        made = frozenset(issues)
        if made in self._shape_numbers:
            self.makes.append(self._shape_numbers[made])
        elif len(self.shapes) < _MAKES:
            self.makes.append(self._shape_numbers.setdefault(made, len(self.shapes)))
            self.shapes.append(made)
        else:
            self.makes.append(0)

    def _given(self, exchange: Exchange) -> Iterator[tuple[int, str]]:
        """(slot, text) of everything an answer could give to a later request."""
        if exchange.response is not None:
            for slot, text in response_values(exchange.response):
                if text and text not in _CONSTANTS:
                    yield self.slot(slot), text

    def sort(self) -> None:
        """Number the exchanges by arrival."""
        order = sorted(range(len(self)), key=lambda n: (self.received[n], self.ids[n]))
        for name in ("member", "ids", "received", "end", "connections", "lines", "reads", "makes"):
            column = getattr(self, name)
            setattr(self, name, array(column.typecode, (column[n] for n in order)))
        self.asked.sort(order)
        self.given.sort(order)
        # Nothing more comes: what told new from known is not needed any longer.
        self._path_numbers, self._shape_numbers = {}, {}


def gather(exchanges: Exchanges) -> Facts:
    """Read a trace twice and keep what its values say of its flow."""
    facts = Facts()
    for exchange in exchanges:
        facts.add_request(exchange)
    wanted = set(facts.asked.values)
    # A trace that is still being written has grown in between: what is new is left out.
    for exchange, _ in zip(exchanges, facts.ids, strict=False):
        facts.add_response(exchange, wanted)
    facts.sort()
    return facts


def _names_thing(path: str) -> bool:
    """Does a slot name the thing whose number stands there? Segments of a path and pieces of composites do."""
    if path.startswith("path[") or "|parts[" in path or "|url.path[" in path:
        return True
    name = words(path.rpartition("|")[2].rpartition(".")[2])
    return names_thing(name)


def _bits(text: str, of_slot: int) -> int:
    if of_slot & URL:
        return URL | ONE if names_one(text) else URL
    if is_issued(text):
        return ISSUED
    if _NUMBER.fullmatch(text):
        return NUMBER | RARE | of_slot & NUMBERED if _RARE.fullmatch(text) else NUMBER
    return RARE if len(text) > 22 and _FINE_INSTANT.fullmatch(text) else 0
