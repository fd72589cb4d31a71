"""What a GraphQL variable is for, by the argument that its operation gives it to.

`$id` is a line's here and a product's there, as each client likes; `removeLine(lineId: $id)` says which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from traces.links.model import Slot

#: (operation, variable) -> argument, as `traces.facts.Facts.arguments` has them.
Arguments = Mapping[tuple[str, str], str]

#: Variables stand in a body's document or, as a document, in a query's parameter.
_VARIABLE: Final = re.compile(r"(?:body\.\$(?:\[\*\])?\.|query\.)variables(?:\|json\.\$)?\.([_0-9A-Za-z]+)(.*)")


def meant(slot: Slot, arguments: Arguments) -> Slot:
    """The slot that this one stands for where it holds a variable, as if its value were written into the query."""
    operation = slot.endpoint.partition("#")[2]
    if not operation or (match := _VARIABLE.fullmatch(slot.path)) is None:
        return slot
    argument = arguments.get((operation, match[1]))
    return slot if argument is None else Slot(slot.endpoint, f"body.$.query|graphql.{argument}{match[2]}")
