"""The open-loop schedule: recorded starts divided by the speed, every clone a little after its original.

Rule 1: everything that decides *when a session starts* lives in this file; the engine only obeys it.
Rule 2: nothing here reads a clock. Time comes in as numbers, so an hour is tested in a millisecond.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

#: How far clones of a lone session spread, ns of recorded time: there is no gap of its own to take it from.
_LONE_GAP: Final = 1_000_000_000


class Journey(Protocol):
    """What is scheduled: `start` in ns of recorded time.

    account: the login it uses, which one session at a time can; "" for none.
    """

    @property
    def start(self) -> int: ...
    @property
    def account(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """One session to be.

    due:     ns after the run's start.
    journey: index of what it repeats.
    clone:   0-based copy.
    after:   index in the schedule of the start that must have ended before: both use one login.
    account: which of the logins handed out it uses, 0-based; None without one.
    """

    due: int
    journey: int
    clone: int
    after: int | None = None
    account: int | None = None


def schedule(journeys: Sequence[Journey], *, speed: float, multiply: int, seed: int, accounts: int = 0) -> list[Start]:
    """Every start in the order it is due; the first recorded journey is due at 0.

    speed:    divides every recorded offset; must be > 0.
    multiply: copies of each journey; clones start within one mean gap after their original, never in lock-step.
    accounts: logins that are handed out, to each recorded one as many of its own as there are copies, as far as they
              go; 0: the recorded ones are used. Either way, of one login one session runs at a time.

    Raises ValueError when `speed` or `multiply` is not positive.
    """
    if not speed > 0 or multiply < 1:  # so that NaN is refused too
        raise ValueError("speed must be above 0 and multiply at least 1")
    if not journeys:
        return []
    first = min(j.start for j in journeys)
    span = max(j.start for j in journeys) - first
    gap = span / (len(journeys) - 1) if len(journeys) > 1 and span else _LONE_GAP
    jitter = random.Random(seed)
    planned = [
        (int((j.start - first + (jitter.uniform(0, gap) if clone else 0)) / speed), index, clone)
        for index, j in enumerate(journeys)
        for clone in range(multiply)
    ]
    planned.sort()
    starts: list[Start] = []
    recorded = {name: n for n, name in enumerate(dict.fromkeys(j.account for j in journeys if j.account))}
    busy: dict[int, int] = {}
    for at, (due, index, clone) in enumerate(planned):
        after = account = None
        if (name := journeys[index].account) and recorded:
            account = recorded[name] if not accounts else (recorded[name] + clone * len(recorded)) % accounts
            after = busy.get(account)
            busy[account] = at
        starts.append(Start(due=due, journey=index, clone=clone, after=after, account=account if accounts else None))
    return starts


def stagger(starts: Sequence[Start], *, seed: int, spread: int = 100_000_000) -> tuple[list[Start], list[Start]]:
    """Two schedules for a duet: the same starts on both sides, of each pair one by lot up to `spread` ns later.

    At the same instant the side that is sent first would always be the same, and the other's answers wait for it.
    """
    lot = random.Random(seed)
    first: list[int] = []
    second: list[int] = []
    for _ in starts:
        pair = [0, int(lot.uniform(0, spread))]
        lot.shuffle(pair)
        first.append(pair[0])
        second.append(pair[1])
    return _delayed(starts, first), _delayed(starts, second)


def _delayed(starts: Sequence[Start], delays: Sequence[int]) -> list[Start]:
    """The starts, each this much later, in the order they are due then."""
    order = sorted(range(len(starts)), key=lambda n: (starts[n].due + delays[n], n))
    position = {n: at for at, n in enumerate(order)}
    return [
        replace(
            starts[n],
            due=starts[n].due + delays[n],
            after=None if (earlier := starts[n].after) is None else position[earlier],
        )
        for n in order
    ]
