"""Before the first packet: what may go wrong with a run, what it would cost, and what the run will cause."""

from replay.preflight.check import preflight
from replay.preflight.finding import Finding, Kind
from replay.preflight.seen import Seen

__all__ = ["Finding", "Kind", "Seen", "preflight"]
