"""Minted values for a run: a pool for each minter, told beforehand how many of what will be taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from replay.bind import Program, Step
from replay.bind.holes import Minted, Unbound
from replay.mint import Minter, MintError, Pool, Wanted
from traces.model import Exchange


class Minting:
    """Hands out the values that the minters make. Lives in one event loop.

    recorded: gives a recorded exchange by its place in the trace, for minters whose values depend on it.
    """

    def __init__(self, minters: Sequence[Minter], recorded: Callable[[int], Exchange]) -> None:
        self._pools = [Pool(minter) for minter in minters]
        self._recorded = recorded
        # Of what is made alike, one exchange stands for all: reading each again would make its request late.
        self._one: dict[tuple[int, Wanted], Exchange] = {}

    def expect(self, playing: Iterable[Program]) -> None:
        """These will be played, each once."""
        places: dict[tuple[int, Wanted], int] = {}
        counts: Counter[tuple[int, Wanted]] = Counter()
        for program in playing:
            for step in program.steps:
                for fill in minted(step):
                    key = (fill.minter, fill.wanted)
                    places.setdefault(key, fill.place)
                    counts[key] += 1
        for (number, wanted), place in places.items():
            pool = self._pools[number]
            if pool.minter.alike:
                self._one[number, wanted] = self._recorded(place)
                pool.expect(self._one[number, wanted], wanted, counts[number, wanted])

    async def take(self, step: Step) -> dict[Minted, str]:
        """The values that a request needs. Raises Unbound when one is not to be had."""
        values: dict[Minted, str] = {}
        for fill in minted(step):
            try:
                exchange = self._one.get((fill.minter, fill.wanted)) or self._recorded(fill.place)
                values[fill] = await self._pools[fill.minter].take(exchange, fill.wanted)
            except MintError as error:
                raise Unbound(str(error)) from error
        return values

    async def aclose(self) -> None:
        """Make no more."""
        for pool in self._pools:
            await pool.aclose()


def minted(step: Step) -> list[Minted]:
    """What a request needs that a minter makes."""
    return [fill for hole in step.holes for fill in hole.fills if isinstance(fill, Minted)]
