"""Path templates: `/v1/checkouts/client/{client_secret}`, inferred from the traffic itself.

A segment is a parameter when it looks like an id, or when its place shows many values and none often. It is named after
the field that a response carried the value in, else after the segment before it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from traces.lens.observed import Observed
from traces.shapes import is_id_segment

#: A place with this many different words, none of them common, holds names, not words of the API.
_MANY: Final = 12
_COMMON: Final = 0.25

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PARAMETER: Final = "{}"


class Templates:
    """Maps a request to its endpoint. Build with `infer`; a request never seen before still gets a template."""

    def __init__(self, wide: frozenset[tuple[str, ...]], names: dict[tuple[str, ...], str]) -> None:
        self._wide = wide
        self._names = names
        self._known: dict[tuple[bytes, bytes], str] = {}

    def of(self, method: bytes, target: bytes) -> str:
        """`b"GET", b"/v1/orders/7?x=1"` -> `"GET /v1/orders/{order_id}"`."""
        path = target.partition(b"?")[0]
        known = self._known.get((method, path))
        if known is None:
            known = f"{_text(method)} {self._path(path)}"
            if len(self._known) < 100_000:
                self._known[method, path] = known
        return known

    def _path(self, path: bytes) -> str:
        place: tuple[str, ...] = ()
        shown: list[str] = []
        for segment in _segments(path):
            if _is_parameter(segment, place, self._wide):
                place = (*place, _PARAMETER)
                shown.append("{" + _unique(self._names.get(place) or _fallback(place), shown) + "}")
            else:
                place = (*place, segment)
                shown.append(segment)
        return "/" + "/".join(shown)


def infer(observed: Sequence[Observed]) -> Templates:
    """Learn templates from a trace's exchanges."""
    paths = {_segments(o.exchange.request.target.partition(b"?")[0]) for o in observed}
    counts = Counter(_segments(o.exchange.request.target.partition(b"?")[0]) for o in observed)
    wide = _wide_places(counts)
    values: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for path in paths:
        place: tuple[str, ...] = ()
        for segment in path:
            if _is_parameter(segment, place, wide):
                place = (*place, _PARAMETER)
                values[place].add(segment)
            else:
                place = (*place, segment)
    return Templates(wide, _field_names(values, observed))


def _wide_places(counts: Counter[tuple[str, ...]]) -> frozenset[tuple[str, ...]]:
    """Places whose literal-looking segments are too many to be words of the API."""
    below: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for path, times in counts.items():
        place: tuple[str, ...] = ()
        for segment in path:
            if is_id_segment(segment):
                place = (*place, _PARAMETER)
            else:
                below[place][segment] += times
                place = (*place, segment)
    return frozenset(
        place
        for place, words in below.items()
        if len(words) >= _MANY and max(words.values()) <= _COMMON * sum(words.values())
    )


def _field_names(values: dict[tuple[str, ...], set[str]], observed: Iterable[Observed]) -> dict[tuple[str, ...], str]:
    """For each parameter's place, the field that most often carried its values (ties: the first seen)."""
    places: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for place, texts in values.items():
        for text in texts:
            places[text].append(place)
    votes: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for o in observed:
        for leaf in o.response:
            name = leaf.keys[-1] if leaf.keys else ""
            if isinstance(name, str) and _NAME.fullmatch(name) and leaf.text in places:
                for place in places[leaf.text]:
                    votes[place][name] += 1
    # `id` says less than the place does: /orders/{order_id}.
    best = {place: counter.most_common(1)[0][0] for place, counter in votes.items()}
    return {place: name for place, name in best.items() if name != "id"}


def _is_parameter(segment: str, place: tuple[str, ...], wide: frozenset[tuple[str, ...]]) -> bool:
    return is_id_segment(segment) or place in wide


def _fallback(place: tuple[str, ...]) -> str:
    before = place[-2] if len(place) > 1 and place[-2] != _PARAMETER else ""
    word = re.sub(r"\W", "_", before.removesuffix("s"))
    return f"{word}_id" if word else "id"


def _unique(name: str, shown: list[str]) -> str:
    taken = sum(1 for part in shown if part.startswith("{" + name))
    return name if not taken else f"{name}{taken + 1}"


def _segments(path: bytes) -> tuple[str, ...]:
    return tuple(_text(path).lstrip("/").split("/"))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
