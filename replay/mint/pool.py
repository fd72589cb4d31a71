"""Minted values kept ahead of their use: asking a provider takes as long as a request, and must not make one late.

Rule 1: never more than were announced, never more than `ahead` of a kind waiting, never more than `at_once` asked for.
Rule 2: a value is handed out once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from replay.mint.errors import MintError
from replay.mint.minter import Minter, Wanted
from traces.model import Exchange


@dataclass(slots=True, kw_only=True)
class _Shelf:
    """Values of one kind.

    recorded: whom the minter is told; of those alike it does not matter which.
    left:     announced, and not yet asked for.
    """

    recorded: Exchange
    left: int = 0
    ready: deque[asyncio.Task[str]] = field(default_factory=deque)


class Pool:
    """One minter's values. Lives in one event loop; `aclose` ends whatever is still being made."""

    def __init__(self, minter: Minter, *, ahead: int = 4, at_once: int = 4, patience: float = 30.0) -> None:
        """ahead:    of each kind, how many to have ready (0: none are made before they are taken).
        at_once:  requests under way, over all kinds; at 4, with Stripe's 0.3 s, half of what it allows.
        patience: seconds until one that is taken must be there.
        """
        if ahead < 0 or at_once < 1 or patience <= 0:
            raise ValueError("ahead must not be below 0, at_once not below 1, and patience above 0 seconds.")
        self.minter = minter
        self._ahead = ahead
        self._gate = asyncio.Semaphore(at_once)
        self._patience = patience
        self._shelves: dict[Wanted, _Shelf] = {}

    def expect(self, recorded: Exchange, wanted: Wanted, count: int = 1) -> None:
        """So many more of these will be taken; the first of them are asked for at once.

        Does nothing for a minter whose values depend on the exchange: those are made when they are taken.
        """
        if not self.minter.alike or not self._ahead:
            return
        shelf = self._shelves.setdefault(wanted, _Shelf(recorded=recorded))
        shelf.left += count
        self._fill(shelf, wanted)

    async def take(self, recorded: Exchange, wanted: Wanted) -> str:
        """A value that nobody had, for the request of this recorded exchange. Raises MintError."""
        shelf = self._shelves.get(wanted)
        if shelf is None or not shelf.ready:
            return await self._mint(recorded, wanted)
        made = shelf.ready.popleft()
        old = made.done()
        self._fill(shelf, wanted)
        try:
            return await made
        except MintError:
            if not old:
                raise
            # What failed while nobody waited may have been a moment's trouble.
            return await self._mint(recorded, wanted)

    async def aclose(self) -> None:
        """Ask for no more, and close the minter's connections."""
        tasks = [task for shelf in self._shelves.values() for task in shelf.ready]
        self._shelves.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.minter.aclose()

    def _fill(self, shelf: _Shelf, wanted: Wanted) -> None:
        while shelf.left and len(shelf.ready) < self._ahead:
            shelf.left -= 1
            shelf.ready.append(asyncio.create_task(self._mint(shelf.recorded, wanted)))

    async def _mint(self, recorded: Exchange, wanted: Wanted) -> str:
        async with self._gate:
            try:
                async with asyncio.timeout(self._patience):
                    return await self.minter.mint(recorded, wanted)
            except TimeoutError as error:
                raise MintError(
                    f"The minter {self.minter.name} made nothing for {wanted.slot} within {self._patience:g} s; see "
                    "whether its provider answers."
                ) from error
