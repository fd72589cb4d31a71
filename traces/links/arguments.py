"""What GraphQL's variables and aliases are, by the names that the API has for them.

A client calls its variables as it likes: `$id` is a line's here and a product's there, and `removeLine(lineId: $id)`
says which. So it does with what it is answered: `id: productId`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from traces.links.model import Slot

#: As `traces.facts.Facts.arguments` has them.
Arguments = Mapping[tuple[str, str], str]

#: Variables stand in a body's document or, as a document, in a query's parameter.
_VARIABLE: Final = re.compile(r"(?:body\.\$(?:\[\*\])?\.|query\.)variables(?:\|json\.\$)?\.([_0-9A-Za-z]+)(.*)")
_ANSWERED: Final = re.compile(r"(body\.\$(?:\[\*\])?\.)(data\..+)")


def meant(slot: Slot, arguments: Arguments) -> Slot:
    """The slot as the API would call it: a variable's as if its value were written into the query, that of an answer's
    value without aliases.
    """
    operation = slot.endpoint.partition("#")[2]
    if not operation:
        return slot
    if match := _VARIABLE.fullmatch(slot.path):
        argument = arguments.get((operation, match[1]))
        return slot if argument is None else Slot(slot.endpoint, f"body.$.query|graphql.{argument}{match[2]}")
    if match := _ANSWERED.fullmatch(slot.path):
        return Slot(slot.endpoint, match[1] + _without_aliases(match[2], operation, arguments))
    return slot


def _without_aliases(path: str, operation: str, arguments: Arguments) -> str:
    """`data.found.items[*].number` -> `data.search.items[*].productId`."""
    place, names = "", []
    for step in path.split("."):
        key, bracket, index = step.partition("[")
        place = f"{place}.{key}" if place else key
        names.append(arguments.get((operation, place), key) + bracket + index)
    return ".".join(names)
