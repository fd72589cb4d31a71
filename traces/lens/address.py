"""Where in an answer a leaf stands, so that the same place can be read in another answer."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from traces.lens.leaf import Keys, Leaf

_EVENT: Final = re.compile(r"body\.sse\[(\d+)\]\.(\w+(?:\[\d+\]|\.\$)?)")
_LINE: Final = re.compile(r"body\.line\[(\d+)\](\.\$)?")


class Step(NamedTuple):
    """One codec further in. `place` is the inner path, `|url.path[2]`; of a JSON document `|json.$`, then `keys`."""

    codec: str
    place: str
    keys: Keys = ()


class Address(NamedTuple):
    """A place in an answer; hashable, and the same for equal places of two answers.

    kind:  "header", "cookie", "json" (the body as one document), "sse", "line", "text" (the whole body), or "path" for
           what is found by its path alone: forms, pages.
    name:  a header's or a cookie's; the path; of "sse" the event's field, `data.$` when it is a document; of "line"
           `.$` when it is one.
    keys:  the steps into a document; of "sse" and "line" behind the event's or the line's number.
    chain: what is nested in the text there, outermost first.
    """

    kind: str
    name: str = ""
    keys: Keys = ()
    chain: tuple[Step, ...] = ()

    @property
    def path(self) -> str:
        """The lens path of the root leaf; for values of the body only its beginning."""
        return self.name if self.kind == "path" else f"{self.kind}.{self.name}"


def address_of(leaf: Leaf) -> Address:
    """The address of a leaf of an answer (of a request too, but no `Reading` holds its target)."""
    if leaf.outer is not None:
        outer = address_of(leaf.outer)
        place = leaf.path[len(leaf.outer.path) :]
        if leaf.keys:
            place = place[: place.index("$") + 1]
        return outer._replace(chain=(*outer.chain, Step(leaf.codec, place, leaf.keys)))
    kind, _, name = leaf.path.partition(".")
    if leaf.part == "header" and kind != "auth":
        return Address(kind, name)
    if leaf.path == "body":
        return Address("text")
    if event := _EVENT.match(leaf.path):
        return Address("sse", event[2], (int(event[1]), *leaf.keys))
    if line := _LINE.match(leaf.path):
        return Address("line", line[2] or "", (int(line[1]), *leaf.keys))
    return Address("json", "", leaf.keys) if kind == "body" else Address("path", leaf.path)


def steps_of(address: Address) -> Keys:
    """Every step into a list or an object on the way to a place, outermost first; a selector's `depth` counts in them.

    For a value of a JSON body they are the leaf's keys. Behind an event stream's or a line's number come its keys; the
    keys of what is nested come behind those of what it is nested in.
    """
    return sum((step.keys for step in address.chain), address.keys)
