"""HTML's tags and attributes with their places, from bytes nobody vouches for: in one pass, whatever they are.

The standard library's parser tells lines and columns, never where a value stands. This one goes by WHATWG HTML, 13.2.5,
as far as it decides what is a tag and what an attribute's value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from functools import partial
from typing import Final, Literal, NamedTuple

from traces.lens.coding import Coding, text_of, unescape

# The page is Latin-1 of its bytes: a character is a byte, only ASCII's spaces are spaces. A quote opens a value only
# behind a =. What begins as a tag matches whether it ends or not, so that nothing is looked through twice.
_MARKUP: Final = re.compile(
    r"<(?:(/?)([A-Za-z][^\s/>]*+)((?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|(?![\"'])[^\s>]*+))*+)(>)?|(!--)|[!?/])",
    re.ASCII,
)
_ATTRIBUTE: Final = re.compile(
    r"([^\s=>/\"'][^\s=>/]*+)\s*+(?:=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>\"'][^\s>]*+)))?", re.ASCII
)
_SPACES: Final = " \t\n\r\f"
#: Elements whose text holds no tags (13.1.2.1).
_RAW: Final = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes", "textarea", "title"})
_ENDS: Final = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE | re.ASCII) for name in _RAW}


class Token(NamedTuple):
    """A piece of a page.

    kind: "open" and "close" are tags, `start` and `end` the span of their attributes. "text" is what stands between
          tags (`name` is that of the last one opened), "raw" what stands in an element that holds no tags (its
          `name`), "comment" a comment's inside.
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


#: As `traces.lens.leaf.make`, for the same reason.
_token: Final[Callable[[tuple[str, str, int, int]], Token]] = partial(tuple.__new__, Token)
_attribute: Final[Callable[[tuple[str, int, int, Coding]], Attribute]] = partial(tuple.__new__, Attribute)


def tokens(  # noqa: PLR0912 - one loop over tags: a call for each costs half as much again
    page: str,
    tags: Container[str] | None = None,
    closing: Container[str] = (),
    *,
    marks: re.Pattern[str] | None = None,
    texts: bool = False,
) -> Iterator[Token]:
    """The pieces of a page in order: everything, or the tags of these names, end tags of those, and raw text.

    marks: tags with attributes that match are wanted too, whatever their name.
    texts: the text between tags is wanted too.

    A tag, a comment or a script that never ends hides all behind it, as in a browser: that is one comment.
    """
    at, last = 0, ""
    texts = texts or tags is None
    while (match := _MARKUP.search(page, at)) is not None:
        start, hidden = match.span()
        if texts and start > at:
            yield _token(("text", last, at, start))
        slash, name, _, closed, dashes = match.groups()
        if name is None:
            at = page.find("-->", hidden) + 3 if dashes else page.find(">", hidden) + 1
            if at < hidden:
                break
            if tags is None:
                yield Token("comment", "", hidden, at - (3 if dashes else 1))
            continue
        if closed is None:
            break
        at, name = hidden, name.lower()
        if slash:
            if tags is None or name in closing:
                yield _token(("close", name, *match.span(3)))
            continue
        last = name
        if tags is None or name in tags or (marks is not None and marks.search(page, *match.span(3))):
            yield _token(("open", name, *match.span(3)))
        if name in _RAW:
            end_tag = _ENDS[name].search(page, at)
            if end_tag is None:
                hidden = at
                break
            yield Token("raw", name, at, end_tag.start())
            at = end_tag.start()
    else:
        hidden = len(page)
        if texts and at < len(page):
            yield Token("text", last, at, len(page))
    if tags is None and hidden < len(page):
        yield Token("comment", "", hidden, len(page))


def attributes(page: str, tag: Token) -> Iterator[tuple[str, Attribute | None]]:
    """A tag's attributes, by lower-case name, in order; None for one without a value."""
    for match in _ATTRIBUTE.finditer(page, tag.start, tag.end):
        group = match.lastindex or 1
        if group == 1:
            yield match[1].lower(), None
        else:
            start, end = match.span(group)
            yield match[1].lower(), _attribute((meant(page, start, end), start, end, "bare" if group == 4 else "html"))


def stripped(page: str, start: int, end: int) -> tuple[int, int]:
    """The span without the white space at its ends."""
    text = page[start:end].lstrip(_SPACES)
    start = end - len(text)
    return start, start + len(text.rstrip(_SPACES))


def meant(page: str, start: int, end: int) -> str:
    """The text that stands at a span, its character references undone."""
    text = page[start:end]
    if text.isascii() and "&" not in text:
        return text
    return text_of(unescape(text.encode("latin-1")))
