"""The Link header: where an answer says its neighbours are, by relation (RFC 8288)."""

from __future__ import annotations

import re
from typing import Final

from traces.lens.coding import utf8
from traces.lens.leaf import Leaf

# A target in its brackets, then its parameters; a quoted one may hold commas and brackets. One that never ends takes
# all that follows, so that nothing is looked through twice.
_LINK: Final = re.compile(r"<([^<>]*+)>((?:[^,\"<]++|\"(?:[^\"\\]++|\\.)*+(?:\"|\\?$))*+)", re.DOTALL)
_RELATION: Final = re.compile(r";\s*+rel\s*+=\s*+(?:\"([^\"]*+)|([^\s;,\"]++))", re.IGNORECASE)
#: A relation's name, or the URL of one that nobody registered.
_NAME: Final = re.compile(r"[A-Za-z][\w.:/-]{0,63}", re.ASCII)
#: More than any page's neighbours.
_MOST: Final = 64


def link_leaves(text: str, *, every: bool = False) -> list[Leaf]:
    """The target of each relation, `|link.next`; of two of one relation the first.

    every: a target that has several relations is given once for each, not only for its first, as leaves that may not
           lie over each other are.
    """
    leaves: dict[str, Leaf] = {}
    for match, _ in zip(_LINK.finditer(text), range(_MOST), strict=False):
        relation = _RELATION.search(match[2])
        called = [] if relation is None else (relation[1] or relation[2] or "").lower().split()
        for name in called if every else called[:1]:
            if match[1] and _NAME.fullmatch(name) and name not in leaves:
                start, end = match.span(1)
                if not text.isascii():
                    start, end = (len(utf8(text[:at])) for at in (start, end))
                leaves[name] = Leaf("body", f"|link.{name}", start, end, match[1])
    return list(leaves.values())
