"""Answers that one session of a clone gives to another: a login that all use, an order that another looks up."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from replay.bind import Answer, Program


@dataclass(slots=True)
class _Offer:
    """What a step has answered so far. `given`: the last answer and the instant it came; `over`: no more will come."""

    given: tuple[Answer, int] | None = None
    over: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def change(self, given: tuple[Answer, int] | None, *, over: bool) -> None:
        self.given, self.over = given or self.given, over
        self.changed.set()
        self.changed = asyncio.Event()


class Shared:
    """What the sessions of one clone wait for of each other. A session that is not played gives nothing."""

    def __init__(self, playing: Iterable[Program]) -> None:
        self._offers: defaultdict[str, dict[int, _Offer]] = defaultdict(dict)
        self._differing: dict[str, set[int]] = {}
        for program in playing:
            for step in program.exports:
                self._offers[program.session][step] = _Offer()

    async def take(
        self, session: str, step: int, holds: Callable[[Answer], bool], *, patience: float
    ) -> tuple[Answer, int] | None:
        """Wait for an answer to a step of a session that `holds` what is wanted; also the instant it came, ns after the
        run's start. When none will come, or not within `patience` seconds, the last one without it, or None.

        Two sessions may wait for each other: one for an answer, the other for the login that both use.
        """
        offer = self._offers.get(session, {}).get(step)
        if offer is None:
            return None
        try:
            async with asyncio.timeout(max(patience, 0)):
                # A poll's early attempts may give it already, while what it waits for is this session's doing.
                while not offer.over and (offer.given is None or not holds(offer.given[0])):
                    await offer.changed.wait()
        except TimeoutError:
            pass
        return offer.given

    def give(self, session: str, step: int, answer: Answer, at: int, *, last: bool) -> None:
        """An answer has come, at this instant; `last`: there will be no other."""
        if step in self._offers.get(session, {}):
            self._offers[session][step].change((answer, at), over=last)

    def differs(self, session: str, step: int) -> bool:
        """Did an answer to that session, up to this step, differ from the recorded one? Then the target is to blame."""
        return any(differing <= step for differing in self._differing.get(session, ()))

    def end(self, session: str, differing: set[int]) -> None:
        """The session is over: what it has not given until now it will not give."""
        self._differing[session] = differing
        for offer in self._offers.get(session, {}).values():
            offer.change(None, over=True)
