"""Synthetic twins: worlds whose value flow is known, to measure how well it is learned."""

from bench.twins.command import main
from bench.twins.score import Score, score
from bench.twins.simulate import Recording, record
from bench.twins.worlds import WORLDS

__all__ = ["WORLDS", "Recording", "Score", "main", "record", "score"]
