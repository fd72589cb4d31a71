"""How far an answer is looked into. Answers come from outside; what lies beyond is taken as alike."""

from __future__ import annotations

from typing import Final

#: Values of one document, levels of them, and items of one list: the first hundred say what the next is like.
MAX_NODES: Final = 2_000
MAX_DEPTH: Final = 32
MAX_ITEMS: Final = 100
#: Bytes of a body; a larger one is not parsed at all.
MAX_BODY: Final = 1 << 20
#: Of a place that a reason names, characters.
MAX_NAMED: Final = 120


def clipped(path: str) -> str:
    """A path short enough for a sentence; its end says most."""
    return path if len(path) <= MAX_NAMED else f"…{path[-MAX_NAMED:]}"
