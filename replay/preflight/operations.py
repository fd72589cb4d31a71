"""Whether a GraphQL document changes something: its queries are sent by POST as its mutations are."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from traces.lens.graphql import TOKEN, looks_graphql

_KINDS: Final = frozenset({"query", "mutation", "subscription"})
#: Longer documents are not read: nobody writes one for a request.
_LONGEST: Final = 64 * 1024
#: The groups of `TOKEN`.
_STRINGS: Final = (1, 2)
_WORD: Final = 4
_MARK: Final = 5


def mutates(document: str, name: str) -> bool | None:
    """Is the operation of this name (the first, if there is none) a mutation? None for what is no document."""
    found = _operations(document)
    if not found:
        return None
    return next((kind for kind, own in found if own == name), found[0][0]) == "mutation"


@lru_cache(maxsize=256)
def _operations(document: str) -> tuple[tuple[str, str], ...]:
    """(kind, name) of each operation, in their order; the name of one that has none is ""."""
    if len(document) > _LONGEST or not looks_graphql(document):
        return ()
    found: list[tuple[str, str]] = []
    depth, before, at = 0, "", 0
    while at < len(document):
        match = TOKEN.match(document, at)
        if match is None:
            return ()
        at, word = match.end(), match[match.lastindex or 0]
        # A string there is a key of JSON.
        if match.lastindex in _STRINGS and before == "{":
            return ()
        if match.lastindex == _WORD and depth == 0:
            if word in _KINDS:
                found.append((word, ""))
            elif before in _KINDS:
                found[-1] = before, word
        elif match.lastindex == _MARK:
            # A selection alone is a query.
            if word == "{" and depth == 0 and before in {"", "}"}:
                found.append(("query", ""))
            depth += (word in "([{") - (word in ")]}")
        before = word if match.lastindex else before
    return tuple(found)
