"""A slowdown of one endpoint, and how people write it: `confirm=+30%`, `confirm=x2`, `confirm=+40ms`."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

_CHANGE: Final = re.compile(r"x(?P<times>\d+(?:\.\d+)?)|\+(?P<more>\d+(?:\.\d+)?)(?P<unit>%|us|ms|s)")
_SECONDS: Final = {"us": 1e-6, "ms": 1e-3, "s": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slowdown:
    """latency * factor + extra (seconds), for one endpoint; factor > 0, extra >= 0, both finite."""

    endpoint: str
    factor: float = 1.0
    extra: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.factor) and self.factor > 0):
            raise ValueError(f"a factor must be above 0, not {self.factor}")
        if not (math.isfinite(self.extra) and self.extra >= 0):
            raise ValueError(f"an added latency cannot be {self.extra} seconds")


def parse(text: str, endpoints: Collection[str]) -> Slowdown:
    """`confirm=+30%` -> factor 1.3; `confirm=x2` -> factor 2; `confirm=+40ms` -> extra 0.04 s.

    Raises ValueError with a sentence for any other form and for an endpoint that is not one of `endpoints`.
    """
    endpoint, _, change = text.partition("=")
    if endpoint not in endpoints:
        raise ValueError(f"there is no endpoint {endpoint!r}; choose one of {', '.join(endpoints)}.")
    match = _CHANGE.fullmatch(change)
    if match is None:
        raise ValueError(
            f"{change!r} is no slowdown; write it like {endpoint}=+30%, {endpoint}=x2 or {endpoint}=+40ms."
        )
    if match["times"]:
        return Slowdown(endpoint=endpoint, factor=float(match["times"]))
    if match["unit"] == "%":
        return Slowdown(endpoint=endpoint, factor=1 + float(match["more"]) / 100)
    return Slowdown(endpoint=endpoint, extra=float(match["more"]) * _SECONDS[match["unit"]])
