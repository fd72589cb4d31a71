"""Answers that one session of a clone gives to another: a login that all use, an order that another looks up."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable

from replay.bind import Answer, Program


class Shared:
    """What the sessions of one clone wait for of each other. A session that is not played gives nothing."""

    def __init__(self, playing: Iterable[Program]) -> None:
        loop = asyncio.get_running_loop()
        self._waiting: defaultdict[str, dict[int, asyncio.Future[Answer | None]]] = defaultdict(dict)
        for program in playing:
            for step in program.exports:
                self._waiting[program.session][step] = loop.create_future()

    async def take(self, session: str, step: int) -> Answer | None:
        """Wait for the answer to a step of a session; None when it will not come."""
        future = self._waiting.get(session, {}).get(step)
        return None if future is None else await asyncio.shield(future)

    def give(self, session: str, step: int, answer: Answer) -> None:
        """The answer has come."""
        future = self._waiting[session][step]
        if not future.done():
            future.set_result(answer)

    def end(self, session: str) -> None:
        """The session is over: what it has not given until now it will not give."""
        for future in self._waiting.get(session, {}).values():
            if not future.done():
                future.set_result(None)
