"""What one session's responses issued, and which of its requests carry it.

Issued, not echoed: a response produces a value only if no earlier request of the session carried it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from traces.endpoints import Templates
from traces.lens.leaf import Leaf
from traces.lens.observed import Observed
from traces.links.model import Recipe, Slot
from traces.shapes import url_path

#: Values that are written anew at send (the target's name) or say what the client is; links never feed them.
_NEVER_CONSUMED = frozenset({"header.user-agent", "header.origin", "header.referer"})


@dataclass(frozen=True, slots=True)
class Produced:
    """A value a response issued: by which exchange of the session (0-based), at which leaf, under which recipe."""

    step: int
    leaf: Leaf
    slot: Slot
    recipe: Recipe


#: value -> the first issue of it at each slot, in order.
_Issued = defaultdict[str, dict[tuple[Slot, Recipe], Produced]]


@dataclass(frozen=True, slots=True)
class Consumed:
    """A request leaf whose value earlier responses of the session issued: the first issue at each slot, in order."""

    step: int
    leaf: Leaf
    slot: Slot
    producers: tuple[Produced, ...]


def consumed(session: Sequence[Observed], templates: Templates) -> Iterator[Consumed]:
    """Yield every request leaf of the session, in order, with what could have produced it (often nothing)."""
    requests = [_asking(o) for o in session]
    # What a later request carries and none has yet: all that an answer can still issue, and little of what it holds.
    wanted = {leaf.text for leaves in requests for leaf in leaves}
    issued: _Issued = defaultdict(dict)
    # The next to have been answered is last.
    waiting = sorted(range(len(session)), key=lambda i: session[i].exchange.end, reverse=True)
    for step, (o, leaves) in enumerate(zip(session, requests, strict=True)):
        start = o.exchange.clock.received
        # Answers that were complete before this request began may have fed it.
        while waiting and session[waiting[-1]].exchange.end <= start:
            done = waiting.pop()
            if done < step:
                _issue(done, session[done], _endpoint(session[done], templates), wanted, issued)
        endpoint = _endpoint(o, templates)
        for leaf in leaves:
            whole = leaf.path == "target"
            producers = [p for p in issued.get(leaf.text, {}).values() if (p.recipe == "url path") == whole]
            yield Consumed(step, leaf, Slot(endpoint, leaf.slot), tuple(producers))
        wanted.difference_update(leaf.text for leaf in leaves)


def _asking(o: Observed) -> list[Leaf]:
    return [leaf for leaf in (*o.request, _whole_target(o)) if leaf.path not in _NEVER_CONSUMED]


def _endpoint(o: Observed, templates: Templates) -> str:
    return templates.of(o.exchange.request.method, o.exchange.request.target)


def _issue(step: int, o: Observed, endpoint: str, wanted: Set[str], issued: _Issued) -> None:
    for leaf in o.response:
        recipes: list[tuple[str | None, Recipe]] = [(leaf.text, "copy"), (url_path(leaf.text), "url path")]
        for text, recipe in recipes:
            if text and text in wanted:
                slot = Slot(endpoint, leaf.slot)
                # The first issue at a slot: a list that is read again and again grows nothing here.
                issued[text].setdefault((slot, recipe), Produced(step, leaf, slot, recipe))


def _whole_target(o: Observed) -> Leaf:
    target = o.exchange.request.target
    return Leaf(part="target", path="target", start=0, end=len(target), text=target.decode("utf-8", "surrogateescape"))
