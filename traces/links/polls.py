"""Poll loops: the same request repeated until its answer satisfies a condition.

Replayed by condition, not by count: how often a recorded client had to ask says how slow the job was that day. A job
may even have been done before its client asked once; then a thing that its next read shows in another state than the
write before had left it in says what is waited for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from traces.endpoints import Endpoints
from traces.facts import ISSUED, Facts
from traces.lens.leaf import Leaf
from traces.links.model import Condition, Poll
from traces.links.words import is_word
from traces.model import Session

#: A condition must explain this share of an endpoint's loops.
_SHARE: Final = 0.8
#: Loops looked at for an endpoint's condition, and for how long it took to hold.
_SAMPLE: Final = 200

#: Pause of a poll that no client had to make, ns.
_PAUSE: Final = 250_000_000

#: The leaves of an exchange's answer, by its number.
Answers = Callable[[int], Sequence[Leaf]]
#: Numbers of exchanges that ask for the same thing, each after the one before was answered, with no write in between.
Run = list[int]
#: Equal for requests that ask for the same thing.
_Asked = tuple[int, ...]


def learn(sessions: Sequence[Session], facts: Facts, endpoints: Endpoints, answers: Answers) -> Iterator[Poll]:
    """Yield what each polled endpoint waits for."""
    loops: defaultdict[int, list[Run]] = defaultdict(list)
    for session in sessions:
        for run in _runs(session.numbers, facts):
            loops[endpoints.of[run[0]]].append(run)
    writes = _writes(sessions, facts)
    for endpoint, runs in sorted(loops.items(), key=lambda item: endpoints.names[item[0]]):
        repeated = [run for run in runs if len(run) > 1]
        condition = _condition(_spread(repeated), answers)
        pauses = [facts.received[after] - facts.end[before] for run in repeated for before, after in pairwise(run)]
        if condition is None:
            moved = [run for run in runs if run[0] in writes and _is_same_thing(writes[run[0]], run[0], facts)]
            condition, repeated, pauses = _moved_on(moved, writes, endpoints, answers), [], [_PAUSE]
        if condition is None:
            continue
        sample = [*_spread(repeated), *_spread(runs)]
        ends = {number for number in sorted({run[-1] for run in sample}) if holds(condition, answers(number))}
        met = [run for run in sample if run[-1] in ends]
        yield Poll(
            endpoint=endpoints.names[endpoint],
            condition=condition,
            pause=int(median(pauses)),
            longest=_p99([facts.end[run[-1]] - facts.received[run[0]] for run in met]),
            sightings=len(repeated),
        )


def find(
    session: Session, facts: Facts, endpoints: Endpoints, polls: Mapping[str, Poll], answers: Answers
) -> Iterator[tuple[Poll, Run]]:
    """Yield (poll, its attempts) for each loop of the session that ended with its condition met."""
    for run in _runs(session.numbers, facts):
        poll = polls.get(endpoints.names[endpoints.of[run[0]]])
        if poll is None:
            continue
        loop: Run = []
        for number in run:
            loop.append(number)
            if holds(poll.condition, answers(number)):
                yield poll, loop
                loop = []


def holds(condition: Condition, leaves: Iterable[Leaf]) -> bool:
    """Does an answer with these leaves satisfy the condition?"""
    for leaf in leaves:
        if leaf.keys and leaf.keys == condition.keys:
            return not _is_null(leaf) if condition.test == "exists" else leaf.text == condition.text
    return False


def _runs(numbers: Sequence[int], facts: Facts) -> Iterator[Run]:
    open_runs: dict[_Asked, Run] = {}
    for number in numbers:
        if not facts.is_read(number):
            yield from open_runs.values()
            open_runs.clear()
            continue
        asked = _asked(number, facts)
        run = open_runs.setdefault(asked, [])
        if run and facts.end[run[-1]] > facts.received[number]:
            yield run
            run = open_runs[asked] = []
        run.append(number)
    yield from open_runs.values()


def _asked(number: int, facts: Facts) -> _Asked:
    """What a request asks for: its target, and what its body says, if it has one."""
    body = (row.value for row in facts.asked.of(number) if facts.slots[row.slot].startswith("body"))
    return facts.lines[number], facts.target(number), *body


def _writes(sessions: Sequence[Session], facts: Facts) -> dict[int, int]:
    """For each read the last write of its session that had been answered before it."""
    before: dict[int, int] = {}
    for session in sessions:
        last: int | None = None
        for number in session.numbers:
            if not facts.is_read(number):
                last = number
            elif last is not None and facts.end[last] <= facts.received[number]:
                before[number] = last
    return before


def _moved_on(
    runs: Sequence[Run], writes: Mapping[int, int], endpoints: Endpoints, answers: Answers
) -> Condition | None:
    """What a read showed of a thing that the write before it had left in another state: something else moved it on."""
    after: defaultdict[int, list[Run]] = defaultdict(list)
    for first, *_ in runs:
        after[endpoints.of[writes[first]]].append([writes[first], first])
    for _, pairs in sorted(after.items(), key=lambda item: -len(item[1])):
        condition = _condition(_spread(pairs), answers, exists=False)
        if condition is not None and condition.test == "equals":
            return condition
    return None


def _is_same_thing(write: int, read: int, facts: Facts) -> bool:
    """Does the read ask, in its URL, for what the write named or was given?"""
    asked = {row.value for row in facts.asked.of(read) if row.bits & ISSUED and _in_url(facts.slots[row.slot])}
    return any(row.value in asked for rows in (facts.asked, facts.given) for row in rows.of(write))


def _in_url(slot: str) -> bool:
    return slot.startswith(("path[", "query."))


def _p99(waits: Sequence[int]) -> int:
    """The 99th percentile by nearest rank: of fewer than a hundred the longest."""
    return sorted(waits)[-(-99 * len(waits) // 100) - 1]


def _spread(runs: Sequence[Run]) -> Sequence[Run]:
    """At most `_SAMPLE` of them, from all over the trace."""
    return runs[:: -(-len(runs) // _SAMPLE)] if runs else runs


def _condition(runs: Sequence[Run], answers: Answers, *, exists: bool = True) -> Condition | None:
    """What is true of the last answer of these loops and of none before it; one loop's answers are held at a time.

    exists: is it of use to know that something is there? If not, less may be looked at.
    """
    votes: Counter[Condition] = Counter()
    needed = _SHARE * len(runs)
    for left, run in zip(reversed(range(len(runs))), runs, strict=True):
        *before, last = [{leaf.keys: leaf for leaf in answers(number) if leaf.keys} for number in run]
        for keys, leaf in last.items():
            earlier = [leaves[keys] for leaves in before if keys in leaves]
            if is_word(leaf) and all(e.text != leaf.text for e in earlier) and len(earlier) == len(before):
                votes[Condition(keys=keys, test="equals", text=leaf.text)] += 1
            if not _is_null(leaf) and all(_is_null(e) for e in earlier):
                votes[Condition(keys=keys, test="exists")] += 1
        # Most endpoints wait for nothing, which a fifth of their loops shows: the others are not read then.
        useful = (count for condition, count in votes.items() if exists or condition.test == "equals")
        if max(useful, default=0) + left < needed:
            return None
    if not votes:
        return None
    # A status word says what the client waited for; that something appeared may be a side effect of it.
    best, count = max(votes.items(), key=lambda item: (item[1], item[0].test == "equals", -len(str(item[0]))))
    return best if count >= needed else None


def _is_null(leaf: Leaf) -> bool:
    return leaf.number and leaf.text == "null"
