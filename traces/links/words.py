"""Which values are words of an API, the same in every session: what conditions and events are recognized by."""

from __future__ import annotations

from typing import Final

from traces.lens.leaf import Leaf
from traces.shapes import is_instant, is_issued

_LONGEST: Final = 40


def is_word(leaf: Leaf) -> bool:
    """A value of the API's vocabulary: short, no token, no number, no instant, not null."""
    text = leaf.text
    if not text or len(text) > _LONGEST or is_issued(text) or is_instant(text) or text.isdecimal():
        return False
    return not leaf.number or text in {"true", "false"}
