"""Values with something constant glued to them, or cut off: `v107` is version 107, `ORD81234567` is order 81234567.

Pieces with a delimiter between them are the lens's (traces.lens.parts). What is glued shows in several sessions only,
or where what it is glued to could only have been issued.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from math import log10
from typing import Final

from traces.links.evidence import digits
from traces.links.model import Recipe
from traces.shapes import is_issued

#: What a text is made of it stands for in a pattern.
HOLE: Final = "{}"
#: Longer texts are documents; shorter values would be inside everything.
_LONGEST: Final = 256
_SHORTEST: Final = 1
#: Letters, and a file's ending: at anything else the lens cuts.
_GLUE: Final = re.compile(r"[A-Za-z]{1,24}|\.[a-z]{2,5}")
_GLUED: Final = re.compile(r"[A-Za-z]{1,24}\d+|\d+(?:[A-Za-z]{1,24}|\.[a-z]{2,5})")

Place = tuple[int, str]
Key = tuple[Place, Recipe, str]


def affixed(text: str, pattern: str) -> str | None:
    """`text` in the place of the pattern's hole."""
    before, hole, after = pattern.partition(HOLE)
    return f"{before}{text}{after}" if hole else None


def unaffixed(text: str, pattern: str) -> str | None:
    """What stands in the place of the pattern's hole; None when the text is not like it."""
    before, hole, after = pattern.partition(HOLE)
    fits = hole and len(text) > len(before) + len(after) and text.startswith(before) and text.endswith(after)
    return text[len(before) : len(text) - len(after)] if fits else None


def could_be_affixed(text: str) -> bool:
    """Is there a number in it, and something else that may be glued to it?"""
    return len(text) <= _LONGEST and _GLUED.fullmatch(text) is not None


def votes(text: str, given: Sequence[tuple[Place, str]]) -> Counter[Key]:
    """By place, recipe and pattern, how a text could be one of the given with something glued to it or cut off."""
    return Counter(set(_ways(text, given))) if _SHORTEST <= len(text) <= _LONGEST else Counter()


def is_evident(key: Key, texts: Sequence[str], numbers: float) -> bool:
    """Did chance not make all these texts? `numbers`: how many values there were to choose from."""
    _, recipe, pattern = key
    cores = {core for text in texts if (core := unaffixed(text, pattern) if recipe == "affix" else text)}
    if all(map(is_issued, cores)):
        return True
    return sum(max(0.0, digits(core) - log10(max(1.0, numbers))) for core in cores) >= _EVIDENT


#: Zeros the odds must have, as in traces.links.evidence.
_EVIDENT: Final = 4.0


def _ways(text: str, given: Sequence[tuple[Place, str]]) -> Iterator[Key]:
    for place, other in given:
        if not _SHORTEST <= len(other) <= _LONGEST or len(other) == len(text):
            continue
        inner, outer, recipe = (other, text, "affix") if len(other) < len(text) else (text, other, "strip")
        before, found, after = outer.partition(inner)
        if found and _is_glue(before) and _is_glue(after) and (digits(inner) >= _SHORTEST or is_issued(inner)):
            yield place, recipe, f"{before}{HOLE}{after}"  # type: ignore[misc]  # one of the two recipes


def _is_glue(text: str) -> bool:
    return not text or _GLUE.fullmatch(text) is not None
