"""HTML's tags and attributes with their places, from bytes nobody vouches for: in one pass, whatever they are.

The standard library's parser tells lines and columns, never where a value stands. This one goes by WHATWG HTML, 13.2.5,
as far as it decides what is a tag and what an attribute's value.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import Final, Literal, NamedTuple

from traces.lens.coding import Coding, text_of, unescape

# The page is Latin-1 of its bytes: a character is a byte. A quote opens a value only behind a =. What begins as a tag
# matches whether it ends or not, so that nothing is looked through twice.
_MARKUP: Final = re.compile(
    r"<(?:(/?)([A-Za-z][^\s/>]*+)((?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|(?![\"'])[^\s>]*+))*+)(>)?|(!--)|[!?/])"
)
_ATTRIBUTE: Final = re.compile(r"([^\s=>/\"'][^\s=>/]*+)\s*+(?:=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>\"'][^\s>]*+)))?")
#: Elements whose text holds no tags (13.1.2.1); those of the first four no references either.
_RAW: Final = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes", "textarea", "title"})
_ENDS: Final = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}


class Token(NamedTuple):
    """A piece of a page.

    kind: "open" and "close" are tags, `start` and `end` the span of their attributes. "text" is what stands between
          tags, "raw" what stands in an element that holds no tags (its `name`), "comment" a comment's inside.
    """

    kind: Literal["open", "close", "text", "raw", "comment"]
    name: str
    start: int
    end: int


class Attribute(NamedTuple):
    """An attribute's value: its text, where it stands, how it is written there."""

    text: str
    start: int
    end: int
    coding: Coding


def tokens(page: str, tags: Container[str] | None = None, closing: Container[str] = ()) -> Iterator[Token]:
    """The pieces of a page in order: everything, or the tags of these names, end tags of those, and raw text.

    A tag or a comment that never ends hides all behind it, as it does in a browser.
    """
    at = 0
    while (match := _MARKUP.search(page, at)) is not None:
        if tags is None and match.start() > at:
            yield Token("text", "", at, match.start())
        if match[2] is None:
            at = _behind(page, match)
            if at < match.end():
                return
            if match[5] and tags is None:
                yield Token("comment", "", match.end(), at - 3)
            continue
        if match[4] is None:
            return
        name, at = match[2].lower(), match.end()
        if tags is None or name in (closing if match[1] else tags):
            yield Token("close" if match[1] else "open", name, *match.span(3))
        if name in _RAW and not match[1]:
            end_tag = _ENDS[name].search(page, at)
            if end_tag is None:
                return
            yield Token("raw", name, at, end_tag.start())
            at = end_tag.start()
    if tags is None and at < len(page):
        yield Token("text", "", at, len(page))


def _behind(page: str, match: re.Match[str]) -> int:
    """The position behind a comment, a declaration or a nameless end tag; before the match when it has no end."""
    return page.find("-->", match.end()) + 3 if match[5] else page.find(">", match.end()) + 1


def attributes(page: str, tag: Token) -> dict[str, Attribute]:
    """A tag's attributes by lower-case name: of two of one name the first (13.2.5.33), of each that has a value."""
    found: dict[str, Attribute] = {}
    for match in _ATTRIBUTE.finditer(page, tag.start, tag.end):
        group = match.lastindex or 1
        name = match[1].lower()
        if group > 1 and name not in found:
            coding: Coding = "bare" if group == 4 else "html"
            found[name] = Attribute(meant(page, *match.span(group)), *match.span(group), coding)
    return found


def meant(page: str, start: int, end: int) -> str:
    """The text that stands at a span, its character references undone."""
    return text_of(unescape(page[start:end].encode("latin-1")))
