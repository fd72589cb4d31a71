"""Counts what happens during a drive and sums it up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveSummary:
    """What a drive came to; sessions = completed + abandoned + the sum of failed.

    completed: sessions that saw their order.
    abandoned: sessions that left before the confirm, as planned.
    failed:    reason -> sessions that ended on it.
    confirmed: confirms that were answered 200: as many orders as there will be.
    requests:  sent to the target, those without an answer included.
    statuses:  status -> answers; streams are counted too.
    p50_ms, p99_ms: of the answers but the streams, from sending to the last byte; None when there were none.
    seconds:   from the first session's start to the last one's end.
    """

    sessions: int
    completed: int
    abandoned: int
    failed: Mapping[str, int]
    confirmed: int
    requests: int
    statuses: Mapping[int, int]
    p50_ms: float | None
    p99_ms: float | None
    seconds: float


@dataclass(slots=True, kw_only=True)
class Tally:
    """The running counts of one drive; `latencies` in seconds."""

    completed: int = 0
    abandoned: int = 0
    confirmed: int = 0
    requests: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    @property
    def ended(self) -> int:
        """Sessions that are over, in whatever way."""
        return self.completed + self.abandoned + self.failed.total()

    def summary(self, seconds: float) -> DriveSummary:
        return DriveSummary(
            sessions=self.ended,
            completed=self.completed,
            abandoned=self.abandoned,
            failed=dict(self.failed.most_common()),
            confirmed=self.confirmed,
            requests=self.requests,
            statuses=dict(sorted(self.statuses.items())),
            p50_ms=self._percentile(0.50),
            p99_ms=self._percentile(0.99),
            seconds=seconds,
        )

    def _percentile(self, share: float) -> float | None:
        """In ms: the smallest latency that at least `share` of all do not exceed (nearest rank)."""
        if not self.latencies:
            return None
        ranked = sorted(self.latencies)
        return ranked[max(0, -int(-share * len(ranked) // 1) - 1)] * 1000
