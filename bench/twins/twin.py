"""A recording and its twin, step beside step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from bench.twins.simulate import Asked, Recording, record
from bench.twins.world import World
from traces.model import Response

#: Session, step, lane.
_Step = tuple[int, int, int]


@dataclass(frozen=True)
class Twins:
    """The same visitors at two servers."""

    recorded: Recording
    twin: Recording

    def answer(self, exchange: int, ended: bool) -> Response | None:
        """What the twin's server answered where the recording has this exchange; of a poll loop, `ended`, its end."""
        asked = self.recorded.asked[exchange]
        recorded, attempts = self._recorded[_step(asked)], self._twin[_step(asked)]
        last = ended or asked is recorded[-1] or asked.attempt >= len(attempts)
        return self.twin.exchanges[attempts[-1 if last else asked.attempt].exchange].response

    def steps(self) -> Iterable[list[Asked]]:
        """The recording's steps, each its attempts: one, but for poll loops."""
        return self._recorded.values()

    def true(self, asked: Asked) -> Asked:
        """The twin of what was asked; of a poll loop, the first attempt."""
        return self._twin[_step(asked)][0]

    @cached_property
    def _recorded(self) -> dict[_Step, list[Asked]]:
        return _by_step(self.recorded)

    @cached_property
    def _twin(self) -> dict[_Step, list[Asked]]:
        return _by_step(self.twin)


def twins(world: type[World], *, sessions: int, seed: int) -> Twins:
    """The pair of this seed: another seed, other visitors and other servers."""
    first, second = (record(world, sessions=sessions, users=seed, server=10 * seed + n) for n in (1, 2))
    return Twins(first, second)


def _step(asked: Asked) -> _Step:
    return asked.session, asked.step, asked.lane


def _by_step(recording: Recording) -> dict[_Step, list[Asked]]:
    steps: dict[_Step, list[Asked]] = {}
    for asked in recording.asked:
        steps.setdefault(_step(asked), []).append(asked)
    return steps
