"""Values with something constant glued to them, or cut off: `v107` is version 107, `ORD81234567` is order 81234567.

Pieces with a delimiter between them are the lens's (traces.lens.parts). What is glued shows in several sessions only,
or where what it is glued to could only have been issued.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import log10
from typing import Final

from traces.links.evidence import digits
from traces.links.model import Recipe
from traces.shapes import is_issued

#: What a text is made of it stands for in a pattern.
HOLE: Final = "{}"
#: Longer texts are documents.
_LONGEST: Final = 256
#: Letters, with a bracket as fields have it (`quantity[17]`), and a file's ending: at anything else the lens cuts.
_GLUE: Final = re.compile(r"[A-Za-z]{1,24}[\[(]?|[\])]|\.[a-z]{2,5}")
_GLUED: Final = re.compile(r"[A-Za-z]{1,24}\d+|\d+(?:[A-Za-z]{1,24}|\.[a-z]{2,5})")
#: Zeros the odds against chance must have (traces.links.evidence).
_EVIDENT: Final = 4.0
#: So many letters are a word, and one session's words stay out of what is learned.
_SHORT: Final = 4
_SEVERAL: Final = 2


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
    """Is it a number with something glued to it, or such a token?"""
    return len(text) <= _LONGEST and (_GLUED.fullmatch(text) is not None or is_issued(text))


def ways(text: str, given: Sequence[tuple[tuple[int, str], str]]) -> Iterator[tuple[tuple[int, str], Recipe, str]]:
    """(place, recipe, pattern) of each given value of which the text could be, something glued to it or cut off."""
    for place, other in given if len(text) <= _LONGEST else ():
        if not 0 < len(other) <= _LONGEST or len(other) == len(text):
            continue
        recipe: Recipe = "affix" if len(other) < len(text) else "strip"
        inner, outer = (other, text) if recipe == "affix" else (text, other)
        before, found, after = outer.partition(inner)
        if found and _is_glue(before) and _is_glue(after) and (digits(inner) or is_issued(inner)):
            yield place, recipe, f"{before}{HOLE}{after}"


def is_evident(recipe: Recipe, pattern: str, texts: Sequence[str], numbers: int) -> bool:
    """Did chance not make all these texts? `numbers`: how many values there were to choose from."""
    # What is glued to one value only may be somebody's.
    if len(texts) < _SEVERAL and len(pattern) - len(HOLE) > _SHORT:
        return False
    cores = {core for text in texts if (core := unaffixed(text, pattern) if recipe == "affix" else text)}
    if all(map(is_issued, cores)):
        return True
    return sum(max(0.0, digits(core) - log10(max(1, numbers))) for core in cores) >= _EVIDENT


def _is_glue(text: str) -> bool:
    return not text or _GLUE.fullmatch(text) is not None
