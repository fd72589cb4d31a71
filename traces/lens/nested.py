"""What stands inside a value: which codec it is in, and the leaves below it, to any depth that is bounded.

Rule 1: a text is in one codec at most (a JWT in one for each of its segments), so that two leaves below one never
        overlap by accident. The order in which `inner_leaves` asks decides.
Rule 2: what is not whole in its codec is not in it: it stays one leaf.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from typing import Final, NamedTuple

from traces.lens.coding import utf8
from traces.lens.graphql import graphql_leaves, looks_graphql
from traces.lens.json_leaves import MAX_PATH, NotJson, json_leaves
from traces.lens.leaf import MAX_LEAVES, NAME, Leaf, make, slot_below
from traces.lens.link_header import link_leaves
from traces.lens.packed import base64_leaves, basic_leaves, jwt_leaves, looks_packed
from traces.lens.parts import part_leaves
from traces.lens.urlencoded import pair_leaves, unquoted, url_leaves
from traces.shapes import url_path

#: How many codecs lie one in another at most: JSON in base64 in the query of a URL in JSON is three below the body's.
MAX_NESTED: Final = 6
#: Nothing longer is anything but JSON or GraphQL: a page, a picture, a program.
_LONGEST: Final = 64 * 1024
#: What is found in a text no longer than this is remembered: a user agent, an address, a token are met all the time.
_SHORT: Final = 512

#: An app's own scheme, as in a deep link: `shop://return?order=7`.
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,31}+://[^\s]*+")
_FORM: Final = re.compile(r"[^\s=&?{}\"]++=[^\s&]*+(?:&[^\s=&]++=[^\s&]*+)++")
_ESCAPED: Final = re.compile(r"%[0-9A-Fa-f]{2}")
#: What nobody leaves as it is who encodes at all: `100%25 sure` is prose.
_UNESCAPED: Final = re.compile(r"[\s\"<>]")

#: Leaves whose place says in which codec they are, whatever they look like.
_BY_PATH: Final = {
    "auth.basic": "basic",
    "header.location": "url",
    "header.content-location": "url",
    "header.link": "link",
}

#: Words of up to 19 letters, and nothing of a URL, a document or a code between them: such a text is at most packed.
_PROSE: Final = re.compile(r"[^A-Za-z\d/?&%{\[]*+(?:[A-Za-z]{1,19}+[^A-Za-z\d/?&%{\[]++)*+[A-Za-z]{0,19}")


class Inner(NamedTuple):
    """A leaf below a root leaf's text. `leaf.path` and `slot` begin where the root's end.

    above: the index of the inner leaf it stands in; -1 for the root itself.
    """

    above: int
    codec: str
    slot: str
    leaf: Leaf


#: As `traces.lens.leaf.make`, for the same reason.
_inner: Final[Callable[[tuple[int, str, str, Leaf]], Inner]] = partial(tuple.__new__, Inner)


def may_nest(text: str) -> bool:
    """Could anything stand inside? A look at length and first characters, for it is asked of every value."""
    if text.isalnum():
        return looks_packed(text)
    length = len(text)
    if length < 6:
        return length > 1 and text[0] in "/?"
    if length == 36 and text[8] == text[13] == text[18] == text[23] == "-":
        return False
    if _PROSE.fullmatch(text):
        return " " not in text and (looks_packed(text) or text.startswith("eyJ"))
    # An instant: 2026-11-22T09:09:15.123456Z.
    return not (10 <= length < 36 and text[4] == text[7] == "-" and text[10:11] in {"", "T"} and text[0].isdigit())


def nested_leaves(root: Leaf, *, names: bool = False, limit: int = MAX_LEAVES) -> list[Leaf]:
    """Every leaf below a leaf's text, parents before children; none when more than `limit`."""
    hint = hint_of(root.path)
    if root.number or not (hint or may_nest(root.text)) or root.is_name or len(root.path) > MAX_PATH:
        return []
    leaves: list[Leaf] = []
    inside = expand(root.text, hint, names=names)
    if len(inside) > limit:
        return []
    for above, codec, _, leaf in inside:
        outer = root if above < 0 else leaves[above]
        _, path, start, end, text, coding, _, keys, number, *_ = leaf
        path = root.path + path
        leaves.append(make((root.part, path, start, end, text, coding, root.header, keys, number, outer, codec)))
    return leaves


def with_nested(roots: Sequence[Leaf], *, names: bool = False) -> list[Leaf]:
    """A message's leaves, each followed by those below it; at most `MAX_LEAVES` of these."""
    leaves: list[Leaf] = []
    left = MAX_LEAVES
    for root in roots:
        leaves.append(root)
        if inside := nested_leaves(root, names=names, limit=left):
            left -= len(inside)
            leaves += inside
    return leaves


def hint_of(path: str) -> str:
    """What a root leaf's place says of its codec: "url", "basic", "link" or nothing."""
    if path[0] not in "ah":
        return ""
    if path.startswith("html."):
        return "url" if path.endswith((".href", ".action")) else ""
    return _BY_PATH.get(path, "")


def expand(text: str, hint: str = "", *, names: bool = False) -> tuple[Inner, ...]:
    """Everything below a text, parents before children, at most `MAX_LEAVES`."""
    return _known(text, hint, names) if len(text) <= _SHORT else _expanded(text, hint, names)


@lru_cache(maxsize=4096)
def _known(text: str, hint: str, names: bool) -> tuple[Inner, ...]:
    return _expanded(text, hint, names)


def _expanded(text: str, hint: str, names: bool) -> tuple[Inner, ...]:
    found: list[Inner] = []
    _grow(found, text, hint, above=-1, names=names)
    return tuple(found)


def _grow(found: list[Inner], text: str, hint: str, *, above: int, names: bool, depth: int = 1) -> None:
    path, slot = ("", "") if above < 0 else (found[above].leaf.path, found[above].slot)
    for codec, leaves in inner_leaves(text, hint, names=names) if text else ():
        for leaf in leaves:
            if len(found) >= MAX_LEAVES or len(path) > MAX_PATH:
                return
            inner = leaf if not path else make((leaf[0], path + leaf[1], *leaf[2:]))
            found.append(_inner((above, codec, slot + slot_below(leaf.path), inner)))
            below = hint_in(codec)
            if depth < MAX_NESTED and not leaf.number and (below or may_nest(leaf.text)) and _goes_on(leaf.path):
                _grow(found, leaf.text, below, above=len(found) - 1, names=names, depth=depth + 1)


def hint_in(codec: str) -> str:
    """What a codec says of the codec of what stands in it."""
    return "url" if codec == "link" else ""


def _goes_on(path: str) -> bool:
    # A URL's path and query as one are the same URL again.
    return path != "|url.target" and not path.endswith(NAME)


def inner_leaves(text: str, hint: str = "", *, names: bool = False) -> Sequence[tuple[str, Sequence[Leaf]]]:
    """(codec, leaves) of what stands directly in a text; their paths begin with `|codec`."""
    if hint == "basic":
        return [("basic", basic_leaves(text))]
    if hint == "link" and (targets := link_leaves(text)):
        return [("link", targets)]
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return []  # half a surrogate pair has no bytes for spans to count in
    if text[0] in "{[" and text.rstrip()[-1] in "]}":
        with suppress(NotJson):
            return [("json", json_leaves(data, "|json.$", names=names))]
    if looks_graphql(text) and (literals := graphql_leaves(data)) is not None:
        return [("graphql", literals)]
    return [] if len(text) > _LONGEST else _in_line(text, data, hint, names)


def _in_line(text: str, data: bytes, hint: str, names: bool) -> Sequence[tuple[str, Sequence[Leaf]]]:
    if text.startswith("eyJ") and (segments := list(jwt_leaves(text, names=names))):
        return segments
    if hint == "url" or _is_url(text, text[0]):
        return [("url", list(url_leaves(data, "|url", names=names)))]
    if "&" in text and _FORM.fullmatch(text):
        return [("form", list(pair_leaves(data, part="body", label="|form", names=names)))]
    if "%" in text and _ESCAPED.search(text) and not _UNESCAPED.search(text):
        return [("percent", [Leaf("body", "|percent", 0, len(data), unquoted(text), "component")])]
    if packed := base64_leaves(text, names=names):
        return [("base64", packed)]
    return [("parts", part_leaves(text))]


def leaves_in(codec: str, text: str, hint: str = "") -> Sequence[Leaf]:
    """The leaves directly below a text that should be in a codec, less strictly than they are found; none if it is not.

    For codecs without documents and pieces in them, which have addresses of their own.
    """
    if codec == "basic":
        return basic_leaves(text)
    data = utf8(text)
    if codec == "url":
        return list(url_leaves(data, "|url")) if text and (hint == "url" or _is_url(text, text[0])) else []
    if codec == "link":
        return link_leaves(text, every=True)
    if codec == "form":
        return list(pair_leaves(data, part="body", label="|form"))
    if codec == "percent":
        return [Leaf("body", "|percent", 0, len(data), unquoted(text), "component")]
    return (graphql_leaves(data) or []) if codec == "graphql" else []


def _is_url(text: str, first: str) -> bool:
    if first in "/h":
        return url_path(text) is not None
    if first == "?":
        return "=" in text and " " not in text
    return "://" in text[:40] and _SCHEME.fullmatch(text) is not None
