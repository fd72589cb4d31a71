"""Path templates: `/v1/checkouts/client/{client_secret}`, inferred from the traffic itself.

A segment is a parameter when it looks like an id, when it could be one where others are, when it is a name with a
number of its own as others there are (`oak-chair_17`), or when its place shows many values and none often. It is named
after the field that a response carried the value in, else after the segment before it.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from traces import shapes
from traces.facts import Facts
from traces.openapi import Declared
from traces.shapes import is_code, is_id_segment, is_issued

#: A place with this many different words that answers gave, none of them common, holds names, not words of the API.
_MANY: Final = 12
_COMMON: Final = 0.25
#: So does one with this many words, given or not: no level of an API is that broad, though many have twelve resources.
_TOO_MANY: Final = 60
#: Where this many ids stand, whatever else could be one is one; and this many names, each with a number of its own.
_IDS: Final = 3
#: What shops call a page: `oak-chair_17`, `17-oak-chair.html`.
_NUMBERED: Final = re.compile(r"(?:(\d+)[-_]([^\W\d].*?)|([^\W\d].*)[-_](\d+))(?:\.[a-z]{2,5})?", re.ASCII)
#: Where ids stand, so is whatever has a digit and is no word with a version.
_HAS_NUMBER: Final = re.compile(r"(?!v\d)(?=.{4}).*\d")
_OWN: Final = 0.8  # of them; two things may have one name
_CAPITALS: Final = re.compile(r"(?=[0-9]*[A-Z])[A-Z0-9]{4,16}", re.ASCII)

#: Lines whose template is remembered: the same few words come all the time, an id never again.
_REMEMBERED: Final = 4_096

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PARAMETER: Final = "{}"


Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Places:
    """What the traffic says of places. A place is the template of all that stands before a segment.

    wide: any segment here is a name. ids: any segment here that could be an id is one. numbered: so is any that is a
    name with a number. capitals: so is any of capitals and digits.
    """

    wide: frozenset[Place] = frozenset()
    ids: frozenset[Place] = frozenset()
    numbered: frozenset[Place] = frozenset()
    capitals: frozenset[Place] = frozenset()

    def is_parameter(self, segment: str, place: Place) -> bool:
        if is_id_segment(segment) or place in self.wide:
            return True
        if place in self.numbered and _NUMBERED.fullmatch(segment):
            return True
        if place in self.capitals and _CAPITALS.fullmatch(segment):
            return True
        return place in self.ids and (is_issued(segment) or _HAS_NUMBER.search(segment) is not None)

    def walk(self, path: Sequence[str]) -> Iterator[tuple[str, Place, bool]]:
        """Yield (segment, its place, is it a parameter) from left to right."""
        place: Place = ()
        for segment in path:
            parameter = self.is_parameter(segment, place)
            yield segment, place, parameter
            place = (*place, _PARAMETER if parameter else segment)


class Templates:
    """Maps a request to its endpoint. Build with `infer`; a request never seen before still gets a template."""

    def __init__(self, places: _Places, names: Mapping[Place, str], declared: Declared | None = None) -> None:
        self._declared = declared
        self._places = places
        self._names = names
        self._known: dict[tuple[bytes, bytes], str] = {}

    def of(self, method: bytes, target: bytes) -> str:
        """`b"GET", b"/v1/orders/7?x=1"` -> `"GET /v1/orders/{order_id}"`."""
        path = target.partition(b"?")[0]
        known = self._known.get((method, path))
        if known is None:
            known = f"{_text(method)} {self._path(path)}"
            if len(self._known) < _REMEMBERED:
                self._known[method, path] = known
        return known

    def _path(self, path: bytes) -> str:
        if self._declared is not None and (template := self._declared.of(_text(path))) is not None:
            return template
        shown: list[str] = []
        for segment, place, parameter in self._places.walk(_segments(path)):
            if parameter:
                shown.append("{" + _unique(self._names.get(place) or _fallback(place), shown) + "}")
            else:
                shown.append(segment)
        return "/" + "/".join(shown)


def infer(facts: Facts, declared: Declared | None = None) -> Templates:
    """Learn templates from a trace's requests; where a document declares one, that is it."""
    times = Counter(facts.lines)
    counts: Counter[tuple[str, ...]] = Counter()
    for number, (_, line, _) in enumerate(facts.paths):
        counts[_segments(line)] += times[number]
    words = {hash(segment): segment for path in counts for segment in path}
    # In which answers' fields a segment stood, how often: tells names from words, and what to call a parameter.
    fields: defaultdict[str, Counter[str]] = defaultdict(Counter)
    names = [_field(slot) for slot in facts.slots]
    for slot, value in zip(facts.given.slots, facts.given.values, strict=True):
        if value in words and (name := names[slot]):
            fields[words[value]][name] += 1
    places = _learn(counts, fields.keys())
    values: defaultdict[Place, set[str]] = defaultdict(set)
    for path in counts:
        for segment, place, parameter in places.walk(path):
            if parameter:
                values[place].add(segment)
    return Templates(places, _field_names(values, fields), declared)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoint of every exchange of some facts: `of[n]` is a number into `names`."""

    names: list[str]
    of: array[int]


def number(facts: Facts, templates: Templates) -> Endpoints:
    """The endpoint of every exchange."""
    numbers: dict[str, int] = {}
    by_line = [
        numbers.setdefault(named(templates.of(method, path), operation), len(numbers))
        for method, path, operation in facts.paths
    ]
    return Endpoints(list(numbers), array("i", (by_line[line] for line in facts.lines)))


def named(template: str, operation: str) -> str:
    """The endpoint of a GraphQL operation, which shares its path with all others: `POST /graphql#AddItem`.

    (No path has a `#`, and what follows one of an API's words is read as its words are.)
    """
    return f"{template}#{operation}" if operation else template


def _learn(counts: Counter[tuple[str, ...]], given: Container[str]) -> _Places:
    """Find the places that hold names or ids, level by level: a name's children are found once it is known as one."""
    places = _Places()
    while True:
        ids: defaultdict[Place, set[str]] = defaultdict(set)
        words: defaultdict[Place, Counter[str]] = defaultdict(Counter)
        for path, times in counts.items():
            for segment, place, parameter in places.walk(path):
                if not parameter:
                    words[place][segment] += times
                elif len(ids[place]) < _IDS and is_id_segment(segment):
                    ids[place].add(segment)
        grown = _Places(
            places.wide | {place for place, seen in words.items() if _are_names(seen, given)},
            places.ids
            | {place for place, seen in ids.items() if len(seen) >= _IDS}
            | {place for place, seen in words.items() if _are_codes(seen, given)},
            places.numbered | {place for place, seen in words.items() if _are_numbered(seen)},
            places.capitals
            | {place for place, seen in words.items() if _are_capitals(seen.keys() | ids.get(place, set()))},
        )
        if grown == places:
            return places
        places = grown


def _are_names(words: Counter[str], given: Container[str]) -> bool:
    if len(words) < _MANY or max(words.values()) > _COMMON * words.total():
        return False
    return len(words) >= _TOO_MANY or sum(word in given for word in words) >= _MANY


def _are_codes(words: Iterable[str], given: Container[str]) -> bool:
    """Are there several codes here that answers gave, too short to be told from words one by one?"""
    return sum(is_code(word) and word in given for word in words) >= _IDS


def _are_numbered(words: Iterable[str]) -> bool:
    """Are there several names here, each with a number of its own? (`step-1` and `step-2` are one name.)"""
    found = [match.groups() for word in words if (match := _NUMBERED.fullmatch(word))]
    names = {after or before for _, after, before, _ in found}
    numbers = {first or last for first, _, _, last in found}
    return min(len(names), len(numbers)) >= max(_IDS, _OWN * len(found))


def _are_capitals(words: Iterable[str]) -> bool:
    """Are there several codes of capitals here, of one length? Orders have them: `K7F3A`, and by chance `HGXYP`."""
    codes = [word for word in words if _CAPITALS.fullmatch(word)]
    lengths = Counter(map(len, codes))
    # Words in capitals have no digits.
    return bool(lengths) and max(lengths.values()) >= _IDS and any(map(str.isdigit, "".join(codes)))


def _field_names(values: Mapping[Place, set[str]], fields: Mapping[str, Counter[str]]) -> dict[Place, str]:
    """For each parameter's place, the field that most often carried its values (ties: the first by name)."""
    best: dict[Place, str] = {}
    for place, texts in values.items():
        votes: Counter[str] = Counter()
        for text in texts:
            for field, times in fields.get(text, {}).items():
                # A small number stands in fields of every kind: it is called after one that names things.
                if not text.isdecimal() or shapes.names_thing(shapes.words(field)):
                    votes[field] += times
        name = min(votes, key=lambda field: (-votes[field], field), default="id")
        # `id` says less than the place does: /orders/{order_id}.
        if name != "id":
            best[place] = name
    return best


def _field(slot: str) -> str:
    """The field of a JSON slot when it has a name: `body.$.items[*].id` -> "id", else ""."""
    name = slot.rpartition(".")[2] if slot.startswith("body.$") else ""
    return name if _NAME.fullmatch(name) else ""


def _fallback(place: Place) -> str:
    before = place[-1] if place and place[-1] != _PARAMETER else ""
    word = re.sub(r"\W", "_", before.removesuffix("s"))
    return f"{word}_id" if word else "id"


def _unique(name: str, shown: list[str]) -> str:
    taken = sum(1 for part in shown if part.startswith("{" + name))
    return name if not taken else f"{name}{taken + 1}"


def _segments(path: bytes) -> tuple[str, ...]:
    return tuple(_text(path).lstrip("/").split("/"))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
