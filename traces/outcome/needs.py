"""The values of an answer that its session cannot go on without.

That a place may be null says the endpoint; that this answer may not have null there, say the requests that come after.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from traces.lens.leaf import Keys
from traces.outcome.bounds import MAX_ITEMS, clipped


def unmet(needs: Iterable[Keys], document: Any) -> str | None:
    """Of places where a value is needed, the first that has none in this document, in a few words; or None."""
    for keys in needs:
        if not _has(document, keys):
            return f"nothing at {clipped(_path(keys))}, which a later request carries"
    return None


def _has(value: Any, keys: Keys) -> bool:
    """Does a value stand there? In a list any item will do: which one it is, a sibling may decide."""
    for depth, key in enumerate(keys):
        if isinstance(key, int):
            return type(value) is list and any(_has(item, keys[depth + 1 :]) for item in value[:MAX_ITEMS])
        if type(value) is not dict or key not in value:
            return False
        value = value[key]
    return value is not None and value not in ("", [], {})


def _path(keys: Keys) -> str:
    return "$" + "".join("[*]" if isinstance(key, int) else f".{key}" for key in keys)
