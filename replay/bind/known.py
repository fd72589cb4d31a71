"""Whom a shop knows already: what one person did in several sessions is done in the recorded order.

A shop answers a known customer otherwise than a new one. Recorded, the first order had made the customer before the
second was sent; at five times the speed the gap between them is a fifth, but the server is no faster, and the second
would overtake the first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from replay.bind.program import Program

#: Sessions in which a person is made known. One who acts in more is a test account that all share: the later sessions
#: follow these, not each other, or a thousand visitors would go in single file.
_SESSIONS: Final = 16

#: (when it was answered, ns after the trace's epoch; program; step)
_Act = tuple[int, int, int]


def in_order(programs: Sequence[Program]) -> list[Program]:
    """The programs, each write of a person waiting for the last one of another session that had been answered before.

    Sessions of one account are left as they are: of those one runs at a time.
    """
    by_person: defaultdict[str, list[int]] = defaultdict(list)
    for index, program in enumerate(programs):
        for person in program.people:
            by_person[person].append(index)
    follows: defaultdict[int, dict[int, set[tuple[str, int]]]] = defaultdict(lambda: defaultdict(set))
    exports: defaultdict[int, set[int]] = defaultdict(set)
    for person, shared in by_person.items():
        if len(shared) < 2:
            continue
        first = sorted(shared, key=lambda index: programs[index].start)[:_SESSIONS]
        acts = sorted(act for index in first for act in _acts(programs[index], index, person))
        for index in shared:
            known: _Act | None = None
            for _, _, step in _acts(programs[index], index, person):
                act = _before(acts, index, step, programs)
                if act is not None and act != known:
                    known, (_, other, number) = act, act
                    follows[index][step].add((programs[other].session, number))
                    exports[other].add(number)
    return [_with(program, follows.get(n, {}), exports.get(n, set())) for n, program in enumerate(programs)]


def _acts(program: Program, index: int, person: str) -> list[_Act]:
    """What the program writes from where it first names the person."""
    return [
        (program.start + step.offset + step.duration, index, step.index)
        for step in program.steps[program.people[person] :]
        if not step.is_read
    ]


def _before(acts: Sequence[_Act], index: int, step: int, programs: Sequence[Program]) -> _Act | None:
    """The last act of another program that had been answered before this step of this one began."""
    own = programs[index]
    for act in reversed(acts[: bisect_right(acts, (own.start + own.steps[step].offset, len(programs), 0))]):
        other = programs[act[1]]
        if act[1] != index and (not own.account or other.account != own.account):
            return act
    return None


def _with(program: Program, follows: dict[int, set[tuple[str, int]]], exports: set[int]) -> Program:
    if not follows and not exports:
        return program
    steps = tuple(
        replace(step, follows=tuple(sorted(follows[step.index]))) if step.index in follows else step
        for step in program.steps
    )
    return replace(program, steps=steps, exports=program.exports | exports)
