"""A leaf: one value found in a message, where its bytes stand, and how a new value is written there."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from urllib.parse import quote, quote_plus

#: How text becomes bytes at a leaf's span: the inverse of how the leaf was read.
Coding = Literal["raw", "percent", "plus", "json"]
Part = Literal["target", "header", "body"]

_INDEX: Final = re.compile(r"\[\d+\]")
_LONE: Final = re.compile(r"[\ud800-\udfff]")


class Leaf(NamedTuple):
    """One value of a message. (A tuple, for it is made a million times: a frozen dataclass takes four times as long.)

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
        return _open(self.path) if "[" in self.path and self.path.startswith("body") else self.path


@lru_cache(maxsize=1 << 16)
def _open(path: str) -> str:
    return _INDEX.sub("[*]", path)


def encode(text: str, coding: Coding) -> bytes:
    """`text` as the bytes that stand for it inside a span of this coding (JSON: between the quotes).

    Never raises: what no UTF-8 has (half a surrogate pair) becomes JSON's escape, elsewhere the byte it was read from.
    """
    if coding == "percent":
        return quote(_utf8(text), safe="-._~!$&'()*+,;=:@").encode()
    if coding == "plus":
        return quote_plus(_utf8(text), safe="-._~*").encode()
    if coding == "json":
        quoted = json.dumps(text, ensure_ascii=False)[1:-1]
        return _LONE.sub(lambda half: f"\\u{ord(half[0]):04x}", quoted).encode()
    return _utf8(text)


def _utf8(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
