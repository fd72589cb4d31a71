"""One recording of all worlds at once, as long as wanted: what learning is timed with."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from bench.twins.simulate import record
from bench.twins.worlds import TIMED
from traces.model import Exchange

#: Visitors from whom a world's exchanges a session are estimated.
_SAMPLE: Final = 20


def mixed(count: int, seed: int = 1) -> Iterator[Exchange]:
    """Yield `count` exchanges by the instant they were received, as many visitors in every world; ids from 0.

    One server each, however long: what its visitors share (a token, a product) is shared by all of them.
    """
    sample = [len(record(world, sessions=_SAMPLE, users=seed, server=seed).exchanges) for world in TIMED]
    sessions = 1 + int(1.05 * count * _SAMPLE / sum(sample))
    parts = [
        [
            replace(exchange, connection=f"{world.name} {exchange.connection}")
            for exchange in record(world, sessions=sessions, users=seed, server=seed).exchanges
        ]
        for world in TIMED
    ]
    merged = heapq.merge(*parts, key=lambda exchange: exchange.clock.received)
    for number, exchange in enumerate(islice(merged, count)):
        yield replace(exchange, id=number)
