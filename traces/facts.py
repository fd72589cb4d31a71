"""What learning keeps of a trace: a few numbers an exchange, and of its values only those that could flow.

A response holds a hundred values and a later request carries one of them. So the trace is read twice: first what its
requests carry, then which of that its answers gave. Memory is some 600 bytes an exchange, whatever its bodies weigh.

Rule 1: values are told apart by Python's keyed 64-bit hash of their text; no text is kept. Two of a million different
values are taken for one with a chance of 1 in 30 million.
Rule 2: exchanges are numbered by the instant their request arrived; `member` leads back to the trace.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple, Protocol

from traces.lens.leaf import NAME
from traces.model import Exchange
from traces.shapes import names_thing, words

#: What is known of a row's value: it could only have been issued; it is a URL's path and query; it is such a path, or
#: the whole target, and names one thing; it is the request's whole target; no link may feed it; it is a number;
#: it is one that counting or chance alone would hardly make twice, of five digits, or an instant to the millisecond;
#: it is such a number, and its slot's name says that it names a thing.
ISSUED, URL, ONE, TARGET, FIXED, NUMBER, RARE, NUMBERED = 1, 2, 4, 8, 16, 32, 64, 128

#: Written anew at send (the target's name), or said about the client; links never feed them.
_FIXED: Final = frozenset({"header.user-agent", "header.origin"})


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


#: `Row` of a tuple of all its fields: a third of the time of calling the class.
_row: Final[Callable[[tuple[int, int, int]], Row]] = partial(tuple.__new__, Row)


class Rows:
    """The values of one side: columns, with those of one exchange next to one another."""

    def __init__(self) -> None:
        self.slots, self.values, self.bits = array("i"), array("q"), array("B")
        self._first = array("q", [0])

    def add(self, slot: int, value: int, bits: int) -> None:
        """One more value of the exchange at hand."""
        self.slots.append(slot)
        self.values.append(value)
        self.bits.append(bits)

    def put(self, found: Mapping[tuple[int, int], int]) -> None:
        """More values of the exchange at hand: (slot, value) -> bits."""
        self.slots.extend([slot for slot, _ in found])
        self.values.extend([value for _, value in found])
        self.bits.extend(found.values())

    def extend(self, more: Rows) -> None:
        """More values of the exchange at hand."""
        self.slots.extend(more.slots)
        self.values.extend(more.values)
        self.bits.extend(more.bits)

    def pending(self) -> int:
        """How many values the exchange at hand has."""
        return len(self.values) - self._first[-1]

    def drop(self) -> None:
        """Take back the values of the exchange at hand."""
        for column in (self.slots, self.values, self.bits):
            del column[self._first[-1] :]

    def end(self) -> None:
        """The exchange at hand has no more."""
        self._first.append(len(self.values))

    def of(self, number: int) -> Iterator[Row]:
        """The rows of an exchange, in the order they were added."""
        span = slice(self._first[number], self._first[number + 1])
        return map(_row, zip(self.slots[span], self.values[span], self.bits[span], strict=True))

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


class Numbers(dict[str, int]):
    """The number of every slot by its path; a path met for the first time gets the next.

    slots: the paths, by number. bits: what is known by the slot alone of every value that stands there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.slots: list[str] = []
        self.bits: list[int] = []

    def __missing__(self, path: str) -> int:
        number = self[path] = len(self.slots)
        self.slots.append(path)
        self.bits.append(_slot_bits(path))
        return number


class Facts:
    """All that is kept. Columns by exchange number, unless said otherwise.

    member:      place in the trace.
    ids:         permanent id.
    received, end: first and last instant, ns after the trace's epoch.
    connections: number of its client connection, 0 for none.
    lines:       number into `paths`: (method, path without query, GraphQL operation or ""); equal ones have the same.
    reads:       1 when the request only asks (GET, HEAD, a query of GraphQL).
    asked:       what its request carries: its leaves (nested ones too) in their order, then its whole target.
    given:       what its answer gave of that, each value once a slot.
    makes:       number into `shapes`: the slots at which its answer holds issued values, asked for or not.
    numbers:     slots' numbers, by their lens paths with list indices left open.
    slots:       lens paths with list indices left open, by their number.
    authorities: every host[:port] that clients named.
    arguments:   how a GraphQL API calls what a client calls otherwise: (operation, variable) -> the argument that it
                 is given to, (operation, place of an alias in the answer) -> the field.
    """

    def __init__(self) -> None:
        self.member, self.ids = array("q"), array("q")
        self.received, self.end = array("q"), array("q")
        self.connections, self.lines, self.makes = array("i"), array("i"), array("i")
        self.reads = array("B")
        self.paths: list[tuple[bytes, bytes, str]] = []
        self.shapes: list[frozenset[int]] = [frozenset()]
        self.numbers = Numbers()
        self.slots = self.numbers.slots
        self.authorities: set[bytes] = set()
        self.arguments: dict[tuple[str, str], str] = {}
        self.asked, self.given = Rows(), Rows()

    def __len__(self) -> int:
        return len(self.ids)

    def slot(self, path: str) -> int:
        """The number of a slot path."""
        return self.numbers[path]

    def is_read(self, number: int) -> bool:
        """Does the request only ask (GET, HEAD, a query of GraphQL)?"""
        return bool(self.reads[number])

    def forget_paths(self) -> None:
        """Once endpoints are known the paths are not needed, of which every id has one of its own."""
        self.paths = []

    def target(self, number: int) -> int:
        """The value of the request's whole target."""
        return next(row.value for row in self.asked.of(number) if row.bits & TARGET)

    def sort(self) -> None:
        """Number the exchanges by arrival."""
        order = sorted(range(len(self)), key=lambda n: (self.received[n], self.ids[n]))
        for name in ("member", "ids", "received", "end", "connections", "lines", "reads", "makes"):
            column = getattr(self, name)
            setattr(self, name, array(column.typecode, (column[n] for n in order)))
        self.asked.sort(order)
        self.given.sort(order)


def _slot_bits(path: str) -> int:
    fixed = FIXED if path.partition("|")[0] in _FIXED or path == "header.referer" else 0
    if path.endswith("|url.target"):
        return fixed | URL
    return fixed | NUMBERED if _names_thing(path) else fixed


def _names_thing(path: str) -> bool:
    """Does a slot name the thing whose number stands there? Segments of a path and pieces of composites do."""
    if path.startswith("path[") or "|parts[" in path or "|url.path[" in path or path.endswith(NAME):
        return True
    name = words(path.rpartition("|")[2].rpartition(".")[2])
    return names_thing(name)
