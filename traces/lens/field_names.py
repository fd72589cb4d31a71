"""What a form's fields are called: `cart[8f14e45fceea][qty]` is `cart[{}][qty]`, the same field of each line of a cart.

Shops write ids into the names of fields, and what sends such a form has them from nowhere else. So such a name is a
leaf, as an object's key is that is an id; in paths it has `{}` for them, or each line would have slots of its own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from traces.shapes import UUID, is_id_segment

#: A piece between what joins them. (`line1` is a word, `line_1` may be any line.)
_PIECE: Final = re.compile(rf"(?<![^\W_])(?:{UUID.pattern}|[^\W_]+)(?![^\W_])")
_DIGIT: Final = re.compile(r"\d")
#: What counts lines: `form-0-id`, `lines[2][qty]`. Ids begin at 1.
_COUNT: Final = re.compile(r"(?<![^\W_])(?:0|(?<=.)\d(?=[\W_]+[^\W\d_]))(?![^\W_])")
#: Longer ones are no names.
_LONGEST: Final = 256


def called(name: str) -> str:
    """A field's name with `{}` for each id and number in it; the name itself when it has none."""
    return _called(name) if len(name) <= _LONGEST and _DIGIT.search(name) else name


@lru_cache(maxsize=4096)
def _called(name: str) -> str:
    return _PIECE.sub(_shown, name)


def _shown(piece: re.Match[str]) -> str:
    is_count = _COUNT.match(piece.string, piece.start()) is not None
    return "{}" if not is_count and is_id_segment(piece[0]) else piece[0]
