"""What filling a request costs: from the answers before it, unparsed, to the bytes that go out.

Every request of the twins' worlds is filled, with the recorded answers as live ones: ahead, which reads them, and when
it is due. Each session is filled many times and of each request the least time counts: the machine's other work only
ever adds.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from statistics import median
from typing import Final

from bench.twins.mix import mixed
from replay.bind import (
    Answer,
    Choices,
    Context,
    Jar,
    Program,
    Step,
    Unbound,
    compile_sessions,
    fill_ahead,
    place,
    render,
)
from traces.analysis import Analysis, analyse
from traces.model import Session

_EXCHANGES: Final = 2_000
_PASSES: Final = 9
#: What an answer is read as one document for, at most with a value nested in it.
_PLAIN: Final = frozenset({"json", "header", "cookie"})

#: us ahead, us when due.
_Cost = tuple[float, float]


def main() -> None:
    """Print the table as Markdown."""
    analysis = analyse(list(mixed(_EXCHANGES)))
    programs = compile_sessions(analysis, place("http://shop.test", []), Choices())
    costs: defaultdict[str, list[_Cost]] = defaultdict(list)
    for session, program in zip(analysis.sessions, programs, strict=True):
        for step, cost in _costs(session, program, analysis):
            costs[_kind(step)].append(cost)
    print("## Filling a request\n")
    print("| from | requests | ahead, us: median | p95 | when due, us: median | p95 | both: median | p95 | goal |")
    print("|---|---|---|---|---|---|---|---|---|")
    for kind, goal in (("nothing", ""), ("paths, headers, JSON", "40"), ("nested", "150"), ("pages", "")):
        columns = [
            [cost[0] for cost in costs[kind]],
            [cost[1] for cost in costs[kind]],
            [sum(cost) for cost in costs[kind]],
        ]
        cells = " | ".join(f"{median(c):.1f} | {sorted(c)[int(0.95 * len(c))]:.1f}" for c in columns)
        print(f"| {kind} | {len(costs[kind]):,} | {cells} | {goal} |")
    print()


def _costs(session: Session, program: Program, analysis: Analysis) -> Iterator[tuple[Step, _Cost]]:
    """Each step that can be filled, and the least it took."""
    recorded = {e.id: e.response for e in map(analysis.exchange, session.numbers)}
    least: dict[int, _Cost] = {}
    for _ in range(_PASSES):
        answers: dict[int, Answer] = {}
        jar = Jar()
        for step in program.steps:
            # An answer may have been read for a request before: so it is in a run.
            context = Context(key=b"k" * 32, now=1_795_338_000 * 10**9, answers=answers, cookies=jar.all())
            cost = _cost(program, step, context, jar)
            if cost is not None:
                before = least.get(step.index, (math.inf, math.inf))
                least[step.index] = min(cost[0], before[0]), min(cost[1], before[1])
            response = recorded[step.exchange]
            if response is not None:
                answers[step.index] = Answer(status=response.status, headers=response.headers, body=response.body)
                jar.take(response.headers, b"/", 0)
    return ((program.steps[index], cost) for index, cost in least.items())


def _cost(program: Program, step: Step, context: Context, jar: Jar) -> _Cost | None:
    begin = time.perf_counter()
    try:
        ahead = fill_ahead(step, context)
        filled = time.perf_counter()
        render(program, step, context, partial(jar.matching, now=0), ahead)
    except Unbound:
        return None
    return 1e6 * (filled - begin), 1e6 * (time.perf_counter() - filled)


def _kind(step: Step) -> str:
    """By the hardest of its holes."""
    if not step.holes:
        return "nothing"
    sources = [source for hole in step.holes for source in hole.sources]
    if any(source.address.kind not in _PLAIN for source in sources):
        return "pages"
    is_nested = any("|" in path for path in [*(hole.slot for hole in step.holes), *(s.path for s in sources)])
    return "nested" if is_nested else "paths, headers, JSON"
