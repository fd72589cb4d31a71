"""A message with some of its leaves' texts replaced, by span: every byte that means something else stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from traces.lens import content
from traces.lens.cuts import Cut, cuts, stencil
from traces.lens.leaf import Leaf
from traces.model import HeaderPairs, Request, Response, header_value

#: Bodies where a line break ends the value.
_LINES: Final = ("body.sse", "body.line")


def replace_request(request: Request, new: Mapping[Leaf, str]) -> Request:
    """The request with these texts at these of its leaves (nested ones too: their codecs are redone outwards).

    A text equal to the leaf's changes nothing; where nothing changes, the request itself comes back, a
    content-encoded body not packed anew. Where the body changes, so does Content-Length, if there is one. Of two
    leaves one in the other, the outer one's text counts.

    Raises ValueError when a text would end the header, the target or the line it is put in.
    """
    changed, texts = _changed(new)
    if not changed:
        return request
    target = _filled(request.target, changed.get(("target", -1), ()), texts)
    headers, body = _head_and_body(request, changed, texts)
    return replace(request, target=target, headers=headers, body=body)


def replace_response(response: Response, new: Mapping[Leaf, str]) -> Response:
    """The response with these texts at these of its leaves, as `replace_request` does it."""
    changed, texts = _changed(new)
    if not changed:
        return response
    headers, body = _head_and_body(response, changed, texts)
    return replace(response, headers=headers, body=body)


_Places = Mapping[tuple[str, int], Sequence[Cut]]


def _changed(new: Mapping[Leaf, str]) -> tuple[_Places, list[str]]:
    """What is cut in each part of the message, and the texts by hole."""
    wanted = [(leaf, text) for leaf, text in new.items() if text != leaf.text]
    places: defaultdict[tuple[str, int], list[Cut]] = defaultdict(list)
    for cut in cuts([leaf for leaf, _ in wanted]):
        places[cut.leaf.part, cut.leaf.header].append(cut)
    return places, [text for _, text in wanted]


def _head_and_body(
    message: Request | Response, changed: _Places, texts: Sequence[str]
) -> tuple[HeaderPairs, bytes | None]:
    headers = tuple(
        (name, _filled(value, changed.get(("header", index), ()), texts))
        for index, (name, value) in enumerate(message.headers)
    )
    inside = changed.get(("body", -1))
    if inside is None or message.body is None:
        return headers, message.body
    encoding = (header_value(message.headers, b"content-encoding") or b"").decode("latin-1")
    try:
        body = content.encode(_filled(content.decode(message.body, encoding), inside, texts), encoding)
    except content.NotDecodable:
        # Then its leaves were read from the body as it is.
        body = _filled(message.body, inside, texts)
    length = b"%d" % len(body)
    return tuple((n, length if n.lower() == b"content-length" else v) for n, v in headers), body


def _filled(data: bytes, inside: Sequence[Cut], texts: Sequence[str]) -> bytes:
    """`data` with every cut's bytes written anew."""
    pieces, at = [], 0
    for cut in inside:
        leaf = cut.leaf
        before = data[leaf.start : leaf.end]
        written = stencil(cut, before).render(texts)
        in_line = leaf.part != "body" or (leaf.coding == "raw" and leaf.path.startswith(_LINES))
        if in_line and any(mark in written and mark not in before for mark in (b"\r", b"\n")):
            raise ValueError(f"a line break cannot stand in {leaf.path}")
        pieces += [data[at : leaf.start], written]
        at = leaf.end
    return b"".join([*pieces, data[at:]])
