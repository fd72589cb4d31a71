"""The fields of a multipart/form-data body (RFC 7578), by span."""

from __future__ import annotations

import re
from typing import Final

from traces.lens.coding import text_of
from traces.lens.field_names import called
from traces.lens.leaf import MAX_LEAVES, NAME, Leaf

_BOUNDARY: Final = re.compile(r';\s*+boundary="?([^\s";]{1,70})', re.IGNORECASE)
_FIELD: Final = re.compile(
    rb'^content-disposition:[ \t]*+form-data[ \t]*+;[^\r\n]*?\bname="([^"\r\n]*+)"', re.IGNORECASE | re.MULTILINE
)
_FILE: Final = re.compile(rb'\bfilename="([^"\r\n]*+)"', re.IGNORECASE)
#: How browsers write a quote and a line break in a name (WHATWG HTML, 4.10.21.8).
_ESCAPES: Final = (("%22", '"'), ("%0D", "\r"), ("%0A", "\n"))
_LONGEST_HEAD: Final = 4096


def multipart_leaves(data: bytes, kind: str, *, names: bool = False) -> list[Leaf] | None:
    """`multipart.NAME` for each field's value and `multipart.NAME.file` for each file's, empty ones left out.

    kind:  the content type, with its boundary.
    names: all fields' names are leaves, and `multipart.NAME.filename`.

    None when the body is not whole: no boundary, no last delimiter, a part that names no field.
    """
    found = _BOUNDARY.search(kind)
    if found is None:
        return None
    delimiter = b"--" + found[1].encode("latin-1")
    if not data.startswith(delimiter):
        return None
    leaves: list[Leaf] = []
    at = len(delimiter)
    delimiter = b"\r\n" + delimiter
    while data[at : at + 2] == b"\r\n":
        end = data.find(delimiter, at)
        body = data.find(b"\r\n\r\n", at, at + _LONGEST_HEAD)
        if end < 0 or not 0 <= body < end or len(leaves) > MAX_LEAVES:
            return None
        part = _part(data, at, body, end, names)
        if part is None:
            return None
        leaves += part
        at = end + len(delimiter)
    return leaves if data[at : at + 2] == b"--" else None


def _part(data: bytes, head: int, body: int, end: int, names: bool) -> list[Leaf] | None:
    """The leaves of one part: its head from `head` on, its body behind the empty line at `body`."""
    field = _FIELD.search(data, head + 2, body)
    if field is None:
        return None
    line_end = data.find(b"\r\n", field.end(), body + 2)
    file = _FILE.search(data, head + 2, line_end if line_end >= 0 else body)
    own = _name(field[1])
    path, leaves = f"multipart.{called(own)}", []
    if names or not path.endswith(own):
        leaves.append(Leaf("body", path + NAME, *field.span(1), own, "quoted"))
    if names and file is not None and file[1]:
        leaves.append(Leaf("body", f"{path}.filename", *file.span(1), _name(file[1]), "quoted"))
    start = body + 4
    if start < end:
        leaves.append(Leaf("body", path if file is None else f"{path}.file", start, end, text_of(data[start:end])))
    return leaves


def _name(raw: bytes) -> str:
    text = text_of(raw)
    for escape, character in _ESCAPES:
        text = text.replace(escape, character).replace(escape.lower(), character)
    return text
