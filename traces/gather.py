"""A trace's facts, gathered in two passes: what its requests carry, then which of that its answers gave.

Most headers are those of the message before: what one carries is read once and remembered by its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from functools import lru_cache
from itertools import chain
from typing import Final, TypeVar

from traces.facts import FIXED, ISSUED, NUMBER, NUMBERED, ONE, RARE, TARGET, URL, Exchanges, Facts, Rows
from traces.lens import body_values, header_values, request_leaves, target_values
from traces.lens.leaf import MAX_LEAVES
from traces.lens.operation import SLOTS, Operation, operation_of
from traces.model import Exchange, Request
from traces.shapes import is_code, is_issued, names_one

#: Equal everywhere: no answer gives them.
_NOBODYS: Final = frozenset(map(hash, ("", "null", "true", "false")))
_NUMBER: Final = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?")
#: As `is_issued` has it; a URL's path may name one thing in fewer characters, but then it begins nobody's session.
_SHORTEST_ISSUED: Final = 8
#: Five digits or more, and not round.
_RARE: Final = re.compile(r"\d{3,}[1-9]\d?\d?")
_FINE_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d{3,9}(?:Z|[+-]\d\d:?\d\d)?")
#: What only an answer could have made.
_MADE: Final = ISSUED | ONE | NUMBERED
#: Answers of more different make than this are taken as giving nothing of their own: memory stays bounded.
_MAKES: Final = 20_000
#: Variables of GraphQL operations whose arguments are known.
_ARGUMENTS: Final = 20_000
#: Headers that are remembered, and the longest of them in bytes: some 3 MB.
_HEADERS: Final = 4_096
_LONGEST: Final = 512

#: Texts in which something issued is looked for, in characters: in the first of them.
_LONGEST_WHOLE: Final = 64 * 1024
_TOKENS: Final = re.compile(r"[A-Za-z0-9_-]{8,}")

_Header = tuple[bytes, bytes]
_Values = Iterable[tuple[str, str]]
#: (slot, value) -> bits.
_Given = Mapping[tuple[int, int], int]
_What = TypeVar("_What")


def gather(exchanges: Exchanges) -> Facts:
    """Read a trace twice and keep what its values say of its flow."""
    facts = Facts()
    requests = _Requests(facts)
    for exchange in exchanges:
        requests.add(exchange)
    answers = _Answers(facts, set(facts.asked.values) - _NOBODYS)
    # A trace that is still being written has grown in between: what is new is left out.
    for exchange, _ in zip(exchanges, facts.ids, strict=False):
        answers.add(exchange)
    facts.sort()
    return facts


class _Requests:
    """The first pass."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._known: dict[_Header, Rows] = {}
        self._lines: dict[tuple[bytes, bytes, str], int] = {}
        self._connections: dict[str, int] = {"": 0}

    def add(self, exchange: Exchange) -> None:
        """Take in an exchange but its answer."""
        facts, request = self._facts, exchange.request
        facts.member.append(len(facts.member))
        facts.ids.append(exchange.id)
        facts.received.append(exchange.clock.received)
        facts.end.append(exchange.end)
        facts.connections.append(self._connections.setdefault(exchange.connection, len(self._connections)))
        facts.authorities.add(request.authority)
        operation = self._asked(request)
        name = "" if operation is None else operation.name
        line = (request.method, request.target.partition(b"?")[0], name)
        number = self._lines.setdefault(line, len(facts.paths))
        if number == len(facts.paths):
            facts.paths.append(line)
        facts.lines.append(number)
        facts.reads.append(request.method in {b"GET", b"HEAD"} or (operation is not None and operation.reads))

    def _asked(self, request: Request) -> Operation | None:
        """Add all that a request carries; the operation it asks for, if any."""
        facts = self._facts
        asked = facts.asked
        in_target = list(target_values(request.target))
        in_body = list(body_values(request.headers, request.body, every=True))
        self._take(asked, in_target)
        for header in request.headers:
            asked.extend(self._known.get(header) or self._header(header))
        self._take(asked, in_body)
        if asked.pending() > MAX_LEAVES:
            # Of so many the last do not count, and which are the last only the whole request tells.
            asked.drop()
            self._take(asked, ((leaf.slot, leaf.text) for leaf in request_leaves(request, nested=True)))
        target = request.target.decode("utf-8", "surrogateescape")
        asked.add(facts.numbers["target"], hash(target), TARGET | ONE if names_one(target) else TARGET)
        asked.end()
        return None if SLOTS.isdisjoint(slot for slot, _ in chain(in_target, in_body)) else self._operation(request)

    def _operation(self, request: Request) -> Operation | None:
        operation = operation_of(request_leaves(request))
        arguments = self._facts.arguments
        if operation is not None and len(arguments) < _ARGUMENTS:
            for theirs, own in chain(operation.arguments.items(), operation.aliases.items()):
                arguments.setdefault((operation.name, theirs), own)
        return operation

    def _header(self, header: _Header) -> Rows:
        rows = Rows()
        self._take(rows, header_values((header,), request_side=True))
        _keep(self._known, header, rows)
        return rows

    def _take(self, rows: Rows, values: _Values) -> None:
        numbers, of_slots, add = self._facts.numbers, self._facts.numbers.bits, rows.add
        for path, text in values:
            slot = numbers[path]
            of_slot = of_slots[slot]
            bits = (_short_bits if len(text) < _SHORTEST_ISSUED else _bits)(text, of_slot)
            add(slot, hash(text), of_slot & FIXED | bits)


class _Answers:
    """The second pass.

    wanted: the values that are kept. Of what else could only have been issued it is noted where it stands.
    """

    def __init__(self, facts: Facts, wanted: Set[int]) -> None:
        self._facts, self._wanted = facts, wanted
        self._known: dict[_Header, tuple[Set[str], _Given]] = {}
        self._shapes: dict[frozenset[str], int] = {frozenset(): 0}

    def add(self, exchange: Exchange) -> None:
        """Take in the answer of the next exchange."""
        facts, response = self._facts, exchange.response
        # The slots where issued values stand, by path; and (slot, value) -> bits.
        made: set[str] = set()
        given: dict[tuple[int, int], int] = {}
        if response is not None:
            for header in response.headers:
                more_made, more_given = self._known.get(header) or self._header(header)
                if more_made:
                    made |= more_made
                if more_given:
                    given.update(more_given)
            self._take(body_values(response.headers, response.body), made, given)
        facts.given.put(given)
        facts.given.end()
        shape = frozenset(made)
        number = self._shapes.get(shape)
        if number is None:
            number = 0
            if len(facts.shapes) < _MAKES:
                number = self._shapes[shape] = len(facts.shapes)
                facts.shapes.append(frozenset(map(facts.slot, made)))
        facts.makes.append(number)

    def _header(self, header: _Header) -> tuple[Set[str], _Given]:
        made: set[str] = set()
        given: dict[tuple[int, int], int] = {}
        self._take(header_values((header,), request_side=False), made, given)
        _keep(self._known, header, (made, given))
        return made, given

    def _take(self, values: _Values, made: set[str], given: dict[tuple[int, int], int]) -> None:
        numbers, of_slots, wanted = self._facts.numbers, self._facts.numbers.bits, self._wanted
        for path, text in values:
            value = hash(text)
            if value in wanted:
                slot = numbers[path]
                key = slot, value
                if key not in given:
                    bits = given[key] = (_short_bits if len(text) < _SHORTEST_ISSUED else _bits)(text, of_slots[slot])
                    if bits & _MADE:
                        made.add(path)
            # Nothing shorter looks issued, and most values are short and nobody's.
            elif len(text) >= _SHORTEST_ISSUED and path not in made and _is_made(text, of_slots[numbers[path]]):
                made.add(path)


def _keep(known: dict[_Header, _What], header: _Header, what: _What) -> None:
    """Remember what a header carries, if it is short."""
    if len(header[1]) <= _LONGEST:
        if len(known) >= _HEADERS:
            known.clear()  # those in use come back with the next messages
        known[header] = what


def _bits(text: str, of_slot: int) -> int:
    if of_slot & URL:
        return URL | ONE if names_one(text) else URL
    if is_issued(text):
        return ISSUED
    if _NUMBER.fullmatch(text):
        return NUMBER | RARE | of_slot & NUMBERED if _RARE.fullmatch(text) else NUMBER
    if is_code(text):
        # As good as a long number.
        return NUMBER | RARE | of_slot & NUMBERED
    return RARE if len(text) > 15 and (_FINE_INSTANT.fullmatch(text) or _is_whole(text)) else 0


def _is_whole(text: str) -> bool:
    """A document or a list of fields with something issued in it: nobody writes the same by accident."""
    if len(text) > _LONGEST_WHOLE or "@" in text:
        return False
    return any(is_issued(token) for token in _TOKENS.findall(text[:_LONGEST]))


def _is_made(text: str, of_slot: int) -> bool:
    """Could only an answer have made it, by its bits?"""
    if of_slot & (URL | NUMBERED):
        return _bits(text, of_slot) & _MADE != 0
    return is_issued(text)


#: Words and small numbers come all the time, what is issued seldom twice.
_short_bits: Final = lru_cache(maxsize=4096)(_bits)
