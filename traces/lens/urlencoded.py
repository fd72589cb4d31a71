"""What is percent-encoded: the segments of a target, the fields of a query or a form, and URLs in other values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, unquote_plus

from traces.lens.coding import text_of
from traces.lens.field_names import called
from traces.lens.leaf import NAME, Leaf, Part, make

#: RFC 3986, 3: the scheme and the authority, either of which may be missing.
_ORIGIN: Final = re.compile(rb"(?:[A-Za-z][A-Za-z0-9+.-]*+:)?//[^/?#]*+")


def target_leaves(target: bytes, *, names: bool = False) -> Iterator[Leaf]:
    """The segments and query values of a request target. An absolute one's path counts as if it stood alone."""
    path, _, query = target.partition(b"?")
    start = 0
    if not path.startswith(b"/") and b"://" in path:
        start = path.find(b"/", path.find(b"://") + 3)
        start = len(path) if start < 0 else start
    yield from _segments(path, start, "target")
    if query:
        yield from pair_leaves(query, len(path) + 1, part="target", label="query", names=names)


def url_leaves(url: bytes, label: str, *, names: bool = False) -> Iterator[Leaf]:
    """Of a URL, absolute or relative: `target` (path and query as one), `path[n]`, `query.NAME` and `fragment`.

    label: what stands before these in a path. Segments count as in a request's target: `path[1]` is the first below
    the root.
    """
    origin = _ORIGIN.match(url)
    start = 0 if origin is None else origin.end()
    rest, _, fragment = url.partition(b"#")
    path, _, query = rest.partition(b"?")
    if len(rest) > start:
        yield Leaf("body", f"{label}.target", start, len(rest), text_of(rest[start:]))
    yield from _segments(path, start, "body", f"{label}.")
    if query:
        yield from pair_leaves(query, len(path) + 1, part="body", label=f"{label}.query", names=names)
    if fragment:
        yield Leaf("body", f"{label}.fragment", len(rest) + 1, len(url), text_of(fragment))


def _segments(path: bytes, start: int, part: Part, prefix: str = "") -> Iterator[Leaf]:
    position = start
    for index, segment in enumerate(path[start:].split(b"/")):
        if segment:
            text = unquoted(text_of(segment))
            span = position, position + len(segment)
            yield make((part, f"{prefix}path[{index}]", *span, text, "percent", -1, (), False, None, ""))
        position += len(segment) + 1


def pair_leaves(data: bytes, offset: int = 0, *, part: Part, label: str, names: bool = False) -> Iterator[Leaf]:
    """The values of `a=1&b=2`, empty ones left out; before it a name that holds an id. Spans count from `offset`."""
    position = offset
    for pair in data.split(b"&"):
        name, sign, value = pair.partition(b"=")
        if value or name:
            own = _plus(name)
            path = f"{label}.{called(own)}"
            if name and (names or not path.endswith(own)):
                yield Leaf(part, path + NAME, position, position + len(name), own, "plus")
            if sign and value:
                start = position + len(name) + 1
                yield make((part, path, start, start + len(value), _plus(value), "plus", -1, (), False, None, ""))
        position += len(pair) + 1


def unquoted(text: str) -> str:
    """Percent-encoding undone; what is no UTF-8 then is kept as `text_of` keeps it."""
    return unquote(text, errors="surrogateescape") if "%" in text else text


def _plus(raw: bytes) -> str:
    text = text_of(raw)
    return unquote_plus(text, errors="surrogateescape") if "%" in text or "+" in text else text
