"""How much slower is still fine: relative margins, and an absolute floor below which nobody can tell."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """Tolerated slowdowns as shares (.10 is +10 %), and the floor in ms (STATISTICS 7.5).

    Raises ValueError for a margin that is not above 0, or a negative floor.
    """

    typical: float = 0.10
    p95: float = 0.20
    p99: float = 0.50
    floor_ms: float = 1.0

    def __post_init__(self) -> None:
        if not all(math.isfinite(margin) and margin > 0 for margin in (self.typical, self.p95, self.p99)):
            raise ValueError("a margin must be a share above 0, .10 for +10 %")
        if not (math.isfinite(self.floor_ms) and self.floor_ms >= 0):
            raise ValueError("the floor must be 0 ms or more")

    def log(self, metric: str, reference_ms: float) -> float | None:
        """ln(1 + margin) of a gating metric, never tighter than the floor at `reference_ms`; None for the others."""
        share: float | None = {"typical": self.typical, "p95": self.p95, "p99": self.p99}.get(metric)
        if share is None:
            return None
        return math.log1p(max(share, self.floor_ms / reference_ms)) if reference_ms > 0 else math.log1p(share)
