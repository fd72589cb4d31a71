"""`python -m bench twins [--sessions N] [--world NAME]`: how much of a value flow is learned, and how well."""

from __future__ import annotations

import argparse

from bench.twins.score import Score, score
from bench.twins.table import faults, rows
from bench.twins.world import World
from bench.twins.worlds import WORLDS

#: Pairs of twins for few sessions, so that every table rests on some twenty.
_VISITORS, _MOST = 20, 10


def main() -> None:
    """Print the tables as Markdown, and each slot that came out wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench twins")
    parser.add_argument("measurements", nargs="*", help="as python -m bench takes them")
    parser.add_argument("--sessions", type=int, action="append", metavar="N", help="sessions to learn from; 1 and 10")
    parser.add_argument("--world", choices=[world.name for world in WORLDS], action="append", help="only this one")
    parser.add_argument("--quiet", action="store_true", help="the tables only")
    options = parser.parse_args()
    for sessions in options.sessions or (1, 10):
        pairs = max(1, min(_MOST, _VISITORS // sessions))
        scores = [
            _pairs(world, sessions, pairs) for world in WORLDS if not options.world or world.name in options.world
        ]
        print(
            f"## Links learned from {sessions} session{'s'[: sessions > 1]} ({pairs} pair{'s'[: pairs > 1]} of twins)\n"
        )
        print("\n".join(rows(scores)), end="\n\n")
        if not options.quiet:
            print("\n".join(faults(scores)), end="\n\n")


def _pairs(world: type[World], sessions: int, pairs: int) -> Score:
    total = Score(world=world.name)
    for seed in range(pairs):
        total.add(score(world, sessions, seed))
    return total
