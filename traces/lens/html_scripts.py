"""JSON that stands in a page's programs: `window.state = {...};`, `var x = [...]`, `boot({...})`.

In one pass: a document is read where something is assigned or a call begins, and what is none ends at its first word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from traces.lens.json_leaves import NotJson, json_prefix
from traces.lens.leaf import Leaf

#: Only at the beginning of a name, and a short one: what is long is looked through once.
_BEGINS: Final = re.compile(
    r"(?<![\w$.])(?:([A-Za-z_$][\w$.]{0,63}+)|[A-Za-z]{1,16}\[[\"']([\w.-]{1,64}+)[\"']\])\s*+([=(])\s*+(?=[{\[])",
    re.ASCII,
)
_KIND: Final = re.compile(r"(?:|module|(?:text|application)/(?:x-)?(?:java|ecma)script.*)", re.IGNORECASE | re.DOTALL)
#: A program that begins more is no carrier of data.
_MOST: Final = 32


class Document(NamedTuple):
    """A document in a script: what it is assigned to or given to, whether that is a call, its leaves, its span."""

    name: str
    is_call: bool
    leaves: list[Leaf]
    start: int
    end: int


def is_program(kind: str) -> bool:
    """Is a script of this type run? Templates and shaders are not."""
    return _KIND.fullmatch(kind.strip()) is not None


def documents(page: str, start: int, end: int, *, names: bool = False) -> Iterator[Document]:
    """The documents with any values in the script at a span, in order. Their leaves' paths begin with `.$`."""
    at = start
    for _ in range(_MOST):
        match = _BEGINS.search(page, at, end)
        if match is None:
            return
        at = match.end()
        try:
            leaves, behind = json_prefix(page, ".$", at, end, coding="script", names=names)
        except NotJson:
            continue
        if leaves:
            yield Document(match[1] or match[2], match[3] == "(", leaves, at, behind)
        at = behind
