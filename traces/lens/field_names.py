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
#: Longer ones are no names.
_LONGEST: Final = 256


def called(name: str) -> str:
    """A field's name with `{}` for each id and number in it; the name itself when it has none."""
    return _called(name) if len(name) <= _LONGEST and _DIGIT.search(name) else name


@lru_cache(maxsize=4096)
def _called(name: str) -> str:
    return _PIECE.sub(lambda piece: "{}" if is_id_segment(piece[0]) else piece[0], name)
