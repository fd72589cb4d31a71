"""A leaf: one value found in a message, where its bytes stand, and how a new value is written there."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final, Literal, NamedTuple

from traces.lens.coding import Coding, encode

__all__ = ["MAX_LEAVES", "NAME", "Coding", "Keys", "Leaf", "Part", "encode", "make", "slot_below", "slot_of"]

Part = Literal["target", "header", "body"]
Keys = tuple[str | int, ...]

#: A message of more leaves than this has no more: time is bounded by its size, memory is not.
MAX_LEAVES: Final = 20_000
#: What the path of a leaf that is a name ends in.
NAME: Final = "{name}"

_INDEX: Final = re.compile(r"\[\d+\]")
#: What holds lists: a document of JSON (below whatever was decoded), or a GraphQL query.
_LISTS: Final = re.compile(r"\|(?:json|base64|jwt\.\w+|graphql)\b")


class Leaf(NamedTuple):
    """One value of a message. (A tuple, for it is made a million times: a frozen dataclass takes four times as long.)

    part:   where it stands; for "header", `header` is the index of the pair.
    path:   its lens path, for people and as a slot: `path[3]`, `query.page`, `header.x-csrf`, `cookie.sid`,
            `auth.bearer`, `body.$.items[0].id`, `form.email`, `multipart.file`, `body.sse[3].data.$.status`,
            `body.line[3].$.id`, `html.form(login).input.csrf`. Below another leaf: `header.location|url.path[2]`.
            A name (an object's key, a field's name) has its value's path and `{name}`. What stands under a key that
            is an id is an item: `body.$.items[0].n`, and `body.$.items[0]{name}` is the id.
    keys:   the steps below the innermost `$`, for JSON only; of an item's name, `{name}` is the last.
    start, end: the span in the part's bytes (a body's after its content-encoding is undone); below another leaf, in
            the bytes that `codec` makes of `outer.text` (`traces.lens.undo`).
    text:   the value, decoded.
    number: it is a JSON number, true, false or null (in GraphQL: a number): written back without quotes.
    outer:  the leaf in whose text it was found; None for one found in the message itself.
    codec:  how it was found there: "json", "jwt.header", "jwt.payload", "base64", "basic", "url", "form", "percent",
            "graphql", "link" or "parts".
    """

    part: Part
    path: str
    start: int
    end: int
    text: str
    coding: Coding = "raw"
    header: int = -1
    keys: Keys = ()
    number: bool = False
    outer: Leaf | None = None
    codec: str = ""

    @property
    def slot(self) -> str:
        """The path with every list index left open: `body.$.items[*].id`."""
        if self.outer is None:
            return slot_of(self.path)
        return self.outer.slot + slot_below(self.path[len(self.outer.path) :])

    @property
    def is_name(self) -> bool:
        """An object's key or a field's name, not a value."""
        return self.path.endswith(NAME)

    @property
    def written(self) -> Coding:
        """How text is encoded here: its coding, but a number's is its text."""
        return "raw" if self.number else self.coding


#: `Leaf` of a tuple of all its fields in order: a third of the time of calling the class.
make: Final[Callable[[tuple[object, ...]], Leaf]] = partial(tuple.__new__, Leaf)


def slot_of(path: str) -> str:
    """The slot of a path that stands in no other leaf; only bodies hold lists."""
    return _open(path) if "[" in path and path.startswith(("body", "html")) else path


def slot_below(path: str) -> str:
    """The slot of what a nested leaf's path adds to the path above it: `|json.$.items[0]` -> `|json.$.items[*]`."""
    return _open(path) if "[" in path and _LISTS.match(path) else path


@lru_cache(maxsize=1 << 16)
def _open(path: str) -> str:
    return _INDEX.sub("[*]", path)
