"""Who is shown every request while it is compiled, when its leaves are at hand: to read them anew takes minutes."""

from __future__ import annotations

from collections.abc import Container
from typing import Protocol

from replay.bind.filling import Filled
from replay.bind.program import Program
from replay.sign import SigningPlan
from traces.model import Exchange


class Looker(Protocol):
    """Shown the sessions of a trace one after another."""

    def request(
        self, endpoint: str, exchange: Exchange, filled: Filled, signing: SigningPlan, jarred: Container[bytes], /
    ) -> None:
        """The next request of the session at hand. `jarred`: names of the cookies that only a jar sends."""

    def session(self, program: Program, /) -> None:
        """What the session at hand has become; the next request is of another."""
