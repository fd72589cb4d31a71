"""Minted values for a run: a pool for each minter, told beforehand how many of what will be taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from replay.bind import Program, Step
from replay.bind.holes import Minted, Unbound
from replay.mint import Minter, MintError, Pool
from traces.model import Exchange


class Minting:
    """Hands out the values that the minters make. Lives in one event loop.

    recorded: gives a recorded exchange by its place in the trace, for minters whose values depend on it.
    """

    def __init__(self, minters: Sequence[Minter], recorded: Callable[[int], Exchange]) -> None:
        self._pools = [Pool(minter) for minter in minters]
        self._recorded = recorded

    def expect(self, playing: Iterable[Program]) -> None:
        """These will be played, each once."""
        for program in playing:
            for step in program.steps:
                for fill in minted(step):
                    self._pools[fill.minter].expect(self._recorded(fill.place), fill.wanted)

    async def take(self, step: Step) -> dict[Minted, str]:
        """The values that a request needs. Raises Unbound when one is not to be had."""
        values: dict[Minted, str] = {}
        for fill in minted(step):
            try:
                values[fill] = await self._pools[fill.minter].take(self._recorded(fill.place), fill.wanted)
            except MintError as error:
                raise Unbound(str(error)) from error
        return values

    async def aclose(self) -> None:
        """Make no more."""
        for pool in self._pools:
            await pool.aclose()


def minted(step: Step) -> list[Minted]:
    """What a request needs that a minter makes."""
    return [hole.fill for hole in step.holes if isinstance(hole.fill, Minted)]
