"""Poll loops: the same request repeated until its answer satisfies a condition.

Replayed by condition, not by count: how often a recorded client had to ask says how slow the job was that day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from traces.endpoints import Templates
from traces.lens.leaf import Leaf
from traces.lens.observed import Observed
from traces.links.model import Condition, Poll
from traces.links.words import is_word

#: A condition must explain this share of an endpoint's loops.
_SHARE: Final = 0.8


def learn(sessions: Sequence[Sequence[Observed]], templates: Templates) -> Iterator[Poll]:
    """Yield what each polled endpoint waits for."""
    loops: defaultdict[str, list[list[Observed]]] = defaultdict(list)
    for session in sessions:
        for run in _runs(session):
            request = session[run[0]].exchange.request
            loops[templates.of(request.method, request.target)].append([session[i] for i in run])
    for endpoint, runs in sorted(loops.items()):
        repeated = [run for run in runs if len(run) > 1]
        condition = _condition(repeated)
        if condition is None:
            continue
        met = [run for run in runs if holds(condition, run[-1].response)]
        pauses = [
            after.exchange.clock.received - before.exchange.end for run in repeated for before, after in pairwise(run)
        ]
        yield Poll(
            endpoint=endpoint,
            condition=condition,
            pause=int(median(pauses)),
            longest=max(run[-1].exchange.end - run[0].exchange.clock.received for run in met),
            sightings=len(repeated),
        )


def groups(
    session: Sequence[Observed], templates: Templates, polls: Mapping[str, Poll]
) -> Iterator[tuple[Poll, list[int]]]:
    """Yield (poll, steps) for each loop of the session that ended with its condition met; steps are 0-based."""
    for run in _runs(session):
        request = session[run[0]].exchange.request
        poll = polls.get(templates.of(request.method, request.target))
        if poll is None:
            continue
        loop: list[int] = []
        for step in run:
            loop.append(step)
            if holds(poll.condition, session[step].response):
                yield poll, loop
                loop = []


def holds(condition: Condition, leaves: Iterable[Leaf]) -> bool:
    """Does an answer with these leaves satisfy the condition?"""
    for leaf in leaves:
        if leaf.keys and leaf.keys == condition.keys:
            return not _is_null(leaf) if condition.test == "exists" else leaf.text == condition.text
    return False


def _runs(session: Sequence[Observed]) -> Iterator[list[int]]:
    """Steps that ask for the same thing again, each after the one before was answered, with no write in between."""
    open_runs: dict[tuple[bytes, bytes], list[int]] = {}
    for step, o in enumerate(session):
        request = o.exchange.request
        if request.method not in {b"GET", b"HEAD"}:
            yield from open_runs.values()
            open_runs.clear()
            continue
        run = open_runs.setdefault((request.method, request.target), [])
        if run and session[run[-1]].exchange.end > o.exchange.clock.received:
            yield run
            run = open_runs[request.method, request.target] = []
        run.append(step)
    yield from open_runs.values()


def _condition(runs: Sequence[Sequence[Observed]]) -> Condition | None:
    """What is true of the last answer of these loops and of none before it."""
    votes: Counter[Condition] = Counter()
    for run in runs:
        last = {leaf.keys: leaf for leaf in run[-1].response if leaf.keys}
        before = [{leaf.keys: leaf for leaf in o.response if leaf.keys} for o in run[:-1]]
        for keys, leaf in last.items():
            earlier = [leaves[keys] for leaves in before if keys in leaves]
            if is_word(leaf) and all(e.text != leaf.text for e in earlier) and len(earlier) == len(before):
                votes[Condition(keys=keys, test="equals", text=leaf.text)] += 1
            if not _is_null(leaf) and all(_is_null(e) for e in earlier):
                votes[Condition(keys=keys, test="exists")] += 1
    if not votes:
        return None
    # A status word says what the client waited for; that something appeared may be a side effect of it.
    best, count = max(votes.items(), key=lambda item: (item[1], item[0].test == "equals", -len(str(item[0]))))
    return best if count >= _SHARE * len(runs) else None


def _is_null(leaf: Leaf) -> bool:
    return leaf.number and leaf.text == "null"
