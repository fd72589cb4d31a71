"""Compares live answers with recorded ones off the send path: one between any two turns of the loop.

What is due meanwhile goes out first, so judging makes no request late by more than one answer takes to judge.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

#: Answers that may wait to be judged; beyond them the sender is too slow anyway, and memory is what must hold.
_WAITING: Final = 2_000

Job = Callable[[], None]


class Judging:
    """A queue of jobs, done in order. What a job raises is raised to whoever asks about the queue next."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()
        self._put = self._done = 0
        # (how many must be done, who waits for that), in order.
        self._waiters: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._working: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None

    def put(self, job: Job) -> None:
        """Have this done soon; when too many wait, the first of them at once."""
        self._jobs.append(job)
        self._put += 1
        if len(self._jobs) > _WAITING:
            self._one()
        if self._working is None:
            self._working = asyncio.create_task(self._work())

    async def settle(self) -> None:
        """Wait until all that was put so far is done."""
        if self._done < self._put:
            done = asyncio.get_running_loop().create_future()
            self._waiters.append((self._put, done))
            await done
        self._raise()

    def finish(self) -> None:
        """Do all that is left, now: nothing more will be sent."""
        while self._jobs:
            self._one()
        self._raise()

    async def _work(self) -> None:
        while self._jobs:
            await asyncio.sleep(0)
            self._one()
        self._working = None

    def _one(self) -> None:
        if self._jobs:
            try:
                self._jobs.popleft()()
            except Exception as error:  # noqa: BLE001 - raised where the run can end by it: here nobody would hear it
                self._failure = error
            self._done += 1
        while self._waiters and self._waiters[0][0] <= self._done:
            _, done = self._waiters.popleft()
            if not done.done():
                done.set_result(None)

    def _raise(self) -> None:
        if self._failure is not None:
            raise self._failure
