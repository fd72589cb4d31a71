"""What one session's responses issued, and which of its requests carry it.

Issued, not echoed: a response produces a value only if no earlier request of the session carried it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
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


@dataclass(frozen=True, slots=True)
class Consumed:
    """A request leaf whose value earlier responses of the session issued: the first issue at each slot, in order."""

    step: int
    leaf: Leaf
    slot: Slot
    producers: tuple[Produced, ...]


def consumed(session: Sequence[Observed], templates: Templates) -> Iterator[Consumed]:
    """Yield every request leaf of the session, in order, with what could have produced it (often nothing)."""
    asked: set[str] = set()
    issued: defaultdict[str, list[Produced]] = defaultdict(list)
    waiting = sorted(range(len(session)), key=lambda i: session[i].exchange.end)
    for step, o in enumerate(session):
        start = o.exchange.clock.received
        # Answers that were complete before this request began may have fed it.
        while waiting and session[waiting[0]].exchange.end <= start:
            done = waiting.pop(0)
            if done < step:
                _issue(done, session[done], templates, asked, issued)
        endpoint = templates.of(o.exchange.request.method, o.exchange.request.target)
        leaves = [leaf for leaf in (*o.request, _whole_target(o)) if leaf.path not in _NEVER_CONSUMED]
        for leaf in leaves:
            yield Consumed(step, leaf, Slot(endpoint, leaf.slot), tuple(_earlier(issued, leaf)))
        asked.update(leaf.text for leaf in leaves)


def _earlier(issued: defaultdict[str, list[Produced]], leaf: Leaf) -> Iterable[Produced]:
    if leaf.text not in issued:
        return
    seen: set[Slot] = set()
    for produced in issued[leaf.text]:
        whole = produced.recipe == "url path"
        if produced.slot not in seen and whole == (leaf.path == "target"):
            seen.add(produced.slot)
            yield produced


def _issue(
    step: int, o: Observed, templates: Templates, asked: set[str], issued: defaultdict[str, list[Produced]]
) -> None:
    endpoint = templates.of(o.exchange.request.method, o.exchange.request.target)
    for leaf in o.response:
        if leaf.text and leaf.text not in asked:
            issued[leaf.text].append(Produced(step, leaf, Slot(endpoint, leaf.slot), "copy"))
        path = url_path(leaf.text)
        if path is not None and path not in asked:
            issued[path].append(Produced(step, leaf, Slot(endpoint, leaf.slot), "url path"))


def _whole_target(o: Observed) -> Leaf:
    target = o.exchange.request.target
    return Leaf(part="target", path="target", start=0, end=len(target), text=target.decode("utf-8", "surrogateescape"))
