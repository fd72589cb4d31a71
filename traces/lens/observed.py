"""An exchange together with its leaves, so that what learns from traffic parses each message once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from traces.lens.leaf import Leaf
from traces.lens.message import request_leaves, response_leaves
from traces.model import Exchange


@dataclass(frozen=True, slots=True)
class Observed:
    """One exchange and the leaves of both its sides; `response` is empty when no answer came."""

    exchange: Exchange
    request: list[Leaf]
    response: list[Leaf]


def observe(exchanges: Iterable[Exchange]) -> list[Observed]:
    """Read the leaves of every exchange; sorted by the instant the request arrived."""
    seen = [
        Observed(e, request_leaves(e.request), [] if e.response is None else response_leaves(e.response))
        for e in exchanges
    ]
    return sorted(seen, key=lambda o: (o.exchange.clock.received, o.exchange.id))
