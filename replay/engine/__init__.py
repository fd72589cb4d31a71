"""Plays a schedule against a target and accounts for every request."""

from replay.engine.fidelity import Fidelity, Tally, certify
from replay.engine.run import Engine

__all__ = ["Engine", "Fidelity", "Tally", "certify"]
