"""The values of an answer that its session cannot go on without.

That a place may be null says the endpoint; that this answer may not have null there, say the requests that come after.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from typing import Any, Final

from traces.lens import Address
from traces.lens.leaf import NAME, Keys
from traces.outcome.bounds import MAX_ITEMS, clipped

#: Where a value stands: of a document, keys below `$`; of a page, the names of forms, any of which has it.
Need = Keys | frozenset[str]

_FORM: Final = re.compile(r"html\.form\(([^/)][^)]*)\)")


def form_in(address: Address) -> str:
    """What the form is called in which a value of a page stands; "" for what stands in none that has a name."""
    match = _FORM.match(address.name) if address.kind == "path" else None
    return "" if match is None else match[1]


def unmet(needs: Iterable[Need], document: Any) -> str | None:
    """Of places where a value is needed, the first that has none in this document, in a few words; or None."""
    for keys in needs:
        if isinstance(keys, tuple) and not _has(document, keys):
            return f"nothing at {clipped(_path(keys))}, which a later request carries"
    return None


def formless(needs: Iterable[Need], names: Container[str]) -> str | None:
    """The same of a page: of forms that later requests are made of, the first that none of its forms is called as."""
    for forms in needs:
        if isinstance(forms, frozenset) and not any(name in names for name in forms):
            return f"no form {clipped(min(forms))}, which a later request is made of"
    return None


def _has(value: Any, keys: Keys) -> bool:
    """Does a value stand there? In a list any item will do: which one it is, a sibling may decide."""
    for depth, key in enumerate(keys):
        if isinstance(key, int):
            # An object whose keys are ids is a list of items with names.
            items = list(value.values()) if type(value) is dict else value if type(value) is list else []
            if keys[depth + 1 :] == (NAME,):
                return bool(items)
            return any(_has(item, keys[depth + 1 :]) for item in items[:MAX_ITEMS])
        if type(value) is not dict or key not in value:
            return False
        value = value[key]
    return value is not None and value not in ("", [], {})


def _path(keys: Keys) -> str:
    return "$" + "".join("[*]" if isinstance(key, int) else f".{key}" for key in keys)
