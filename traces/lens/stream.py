"""Bodies that are a row of documents: server-sent events (WHATWG HTML, 9.2) and JSON a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from traces.lens.coding import text_of
from traces.lens.json_leaves import NotJson, json_leaves
from traces.lens.leaf import MAX_LEAVES, Leaf

#: A line with its break, or the empty lines behind an event.
_LINE: Final = re.compile(r"([^\r\n]++)(?:\r\n?|\n)?|[\r\n]++")
_TEXT: Final = re.compile(r"[^\r\n]++")
_FIELDS: Final = frozenset({"data", "event", "id", "retry"})

Span = tuple[int, int]


def event_leaves(data: bytes, *, names: bool = False) -> list[Leaf] | None:
    """`body.sse[n].data.$...` where an event's data is JSON, else `body.sse[n].data`; `.event`, `.id`, `.retry`.

    Data in several lines that are no JSON together is `.data[0]`, `.data[1]`; what is no field is `.comment`.
    None when there are more than `MAX_LEAVES`.
    """
    page, leaves = data.decode("latin-1"), []
    for index, event in enumerate(events(page)):
        path = f"body.sse[{index}]"
        lines = [span for name, span in event if name == "data"]
        for name, (start, end) in event:
            if name != "data" and start < end:
                leaves.append(Leaf("body", f"{path}.{name}", start, end, text_of(data[start:end])))
        leaves += _data(page, data, lines, f"{path}.data", names)
        if len(leaves) > MAX_LEAVES:
            return None
    return leaves


def events(page: str) -> Iterator[list[tuple[str, Span]]]:
    """The fields of each event, with the spans of their values; an event cut short at the end is one too.

    One of more than `MAX_LEAVES` fields is cut into several.

    page: the body as Latin-1. What is no field of an event is called "comment".
    """
    event: list[tuple[str, Span]] = []
    begins = 3 if page.startswith("\u00ef\u00bb\u00bf") else 0  # a byte order mark
    for match in _LINE.finditer(page, begins):
        start, end = match.span(1)
        if start < 0 or len(event) > MAX_LEAVES:
            if event:
                yield event
            event = []
            continue
        colon = page.find(":", start, end)
        name = page[start : colon if colon >= 0 else end]
        if name not in _FIELDS:
            event.append(("comment", (start + (colon == start), end)))
        elif colon >= 0:
            event.append((name, (colon + 1 + page.startswith(" ", colon + 1, end), end)))
    if event:
        yield event


def _data(page: str, data: bytes, lines: list[Span], path: str, names: bool) -> list[Leaf]:
    """The leaves of an event's data, which may stand in several lines."""
    lines = [line for line in lines if line[0] < line[1]]
    if not lines:
        return []
    try:
        if len(lines) == 1:
            return json_leaves(page, f"{path}.$", *lines[0], names=names)
        return _spread(page, lines, path, names)
    except NotJson:
        pass
    paths = [path] if len(lines) == 1 else [f"{path}[{n}]" for n in range(len(lines))]
    return [Leaf("body", p, start, end, text_of(data[start:end])) for p, (start, end) in zip(paths, lines, strict=True)]


def _spread(page: str, lines: list[Span], path: str, names: bool) -> list[Leaf]:
    """A document over several lines: none of its leaves is, for a JSON string holds no line break."""
    leaves, begins, line = [], 0, 0
    for leaf in json_leaves("\n".join(page[slice(*span)] for span in lines), f"{path}.$", names=names):
        while leaf.start > begins + lines[line][1] - lines[line][0]:
            begins += lines[line][1] - lines[line][0] + 1
            line += 1
        shift = lines[line][0] - begins
        leaves.append(leaf._replace(start=leaf.start + shift, end=leaf.end + shift))
    return leaves


def line_leaves(data: bytes, *, names: bool = False) -> list[Leaf] | None:
    """`body.line[n].$...` of each line that is JSON, `body.line[n]` for one that is not; empty lines do not count.

    None when there are more leaves than `MAX_LEAVES`.
    """
    page, leaves = data.decode("latin-1"), []
    for index, (start, end) in enumerate(lines(page)):
        try:
            leaves += json_leaves(page, f"body.line[{index}].$", start, end, names=names)
        except NotJson:
            leaves.append(Leaf("body", f"body.line[{index}]", start, end, text_of(data[start:end])))
        if len(leaves) > MAX_LEAVES:
            return None
    return leaves


def lines(page: str) -> Iterator[Span]:
    """The spans of the lines that are not empty."""
    return (match.span() for match in _TEXT.finditer(page) if not match[0].isspace())
