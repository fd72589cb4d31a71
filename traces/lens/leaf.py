"""A leaf: one value found in a message, where its bytes stand, and how a new value is written there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote, quote_plus

#: How text becomes bytes at a leaf's span: the inverse of how the leaf was read.
Coding = Literal["raw", "percent", "plus", "json"]
Part = Literal["target", "header", "body"]

_INDEX: Final = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One value of a message.

    part:   where it stands; for "header", `header` is the index of the pair.
    path:   its lens path, for people and as a slot: `path[3]`, `query.page`, `header.x-csrf`, `cookie.sid`,
            `auth.bearer`, `body.$.items[0].id`, `form.email`.
    keys:   the steps below `$`, for JSON only.
    start, end: the span in the part's bytes (a body's after its content-encoding is undone).
    text:   the value, decoded.
    number: it is a JSON number, true, false or null: written back without quotes.
    """

    part: Part
    path: str
    start: int
    end: int
    text: str
    coding: Coding = "raw"
    header: int = -1
    keys: tuple[str | int, ...] = ()
    number: bool = False

    @property
    def slot(self) -> str:
        """The path with every list index left open: `body.$.items[*].id`."""
        return _INDEX.sub("[*]", self.path) if "[" in self.path and self.path.startswith("body") else self.path


def encode(text: str, coding: Coding) -> bytes:
    """`text` as the bytes that stand for it inside a span of this coding (JSON: between the quotes)."""
    if coding == "percent":
        return quote(text, safe="-._~!$&'()*+,;=:@").encode()
    if coding == "plus":
        return quote_plus(text, safe="-._~*").encode()
    if coding == "json":
        return json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass")
    return text.encode("utf-8", "surrogateescape")
