"""Values that a browser gets from a third party, made anew for every clone: a payment provider's tokens."""

from replay.mint.cards import STRIPE, Card, Outcome
from replay.mint.embedded import EmbeddedMinter
from replay.mint.errors import MintError
from replay.mint.minter import Minter, Wanted, kind_of, wanted
from replay.mint.outcomes import outcome_of
from replay.mint.pool import Pool
from replay.mint.registry import find, load_minters, needed
from replay.mint.stripe import StripeMinter

__all__ = [
    "STRIPE",
    "Card",
    "EmbeddedMinter",
    "MintError",
    "Minter",
    "Outcome",
    "Pool",
    "StripeMinter",
    "Wanted",
    "find",
    "kind_of",
    "load_minters",
    "needed",
    "outcome_of",
    "wanted",
]
