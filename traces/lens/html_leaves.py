"""What a page gives to the next request: the fields of its forms, its links, its tokens, the data in its scripts.

A form is called after its name or id, else after the path it is sent to; a link after the path it leads to, with `{}`
for what names one thing among many. An index says which of several, so that a slot leaves it open:
`html.form(login).input.csrf`, `html.form(/basket/add/{}/)[2].action`, `html.a(/orders/{}/)[0].href`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from traces.lens.coding import text_of
from traces.lens.html_tokens import Attribute, Token, attributes, meant, tokens
from traces.lens.json_leaves import NotJson, json_leaves
from traces.lens.leaf import MAX_LEAVES, Leaf
from traces.shapes import is_id_segment, is_issued, names_one

#: Longer names are no names, and would stand in every path below them.
_LONGEST_NAME: Final = 64
_NAME: Final = re.compile(r"[\w.:\[\]-]{1,64}")
#: What leads to no other page.
_NO_PAGE: Final = ("#", "javascript:", "mailto:", "tel:", "data:", "about:", "blob:")
_CHOICES: Final = frozenset({"radio", "checkbox"})
_DIGITS: Final = re.compile(r"\d+")
_OPTION: Final = re.compile(r"\s*+([^<]*[^<\s])")


def html_leaves(data: bytes, *, names: bool = False) -> list[Leaf] | None:
    """The leaves of a page, in its order; None when they are more than `MAX_LEAVES`.

    `html.form(NAME).action`, `.input.NAME` (a choice that is not checked: `.input.NAME.option`), `.select.NAME` (what
    is selected; what is not and could be issued: `.option`), `.textarea.NAME`, `.button.NAME`; the same below `html`
    alone outside of forms; `html.a(PATH)[n].href`, `html.meta.NAME`, `html.script(ID).$...` for JSON.

    names: all other text too, for whoever has to see all: `html.text[n]`, `html.comment[n]`, `html.source[n]` (of
           scripts and styles), `html.attribute.NAME[n]`.
    """
    reader = _Reader(data.decode("latin-1"), names)
    try:
        for token in tokens(reader.page, None if names else _READERS, ("form", "select")):
            reader.take(token)
        reader.close()
    except _TooMany:
        return None
    return reader.leaves


class _TooMany(Exception):
    """The page has more leaves than a message may have."""


#: A tag's attributes by name: of two of one name the first (13.2.5.33), None for one without a value.
_Found = dict[str, Attribute | None]


@dataclass(slots=True)
class _Select:
    """A select that is open: its path, and its options with whether they are selected."""

    path: str
    options: list[tuple[Attribute, bool]] = field(default_factory=list)


class _Reader:
    def __init__(self, page: str, names: bool) -> None:
        self.page = page
        self.leaves: list[Leaf] = []
        self._names = names
        self._seen: Counter[str] = Counter()
        self._form = "html"
        self._select: _Select | None = None
        # What the raw text that follows a tag is: the path of a textarea, or the root of a script's JSON.
        self._raw = ""

    def take(self, token: Token) -> None:
        if token.kind == "open":
            self._open(token)
        elif token.kind == "close":
            if token.name == "form":
                self._form = "html"
            elif token.name == "select":
                self._close_select()
        elif token.kind == "raw":
            self._raw_text(token)
        elif self._names:
            self._text(token)

    def _open(self, tag: Token) -> None:
        if tag.name not in _READERS and not self._names:
            return
        every = list(attributes(self.page, tag))
        found: _Found = {}
        for name, value in every:
            found.setdefault(name, value)
        before = len(self.leaves)
        if tag.name in _READERS:
            _READERS[tag.name](self, found, tag)
        if self._names:
            taken = {self._option_start(), *(leaf.start for leaf in self.leaves[before:])}
            for name, value in every:
                if value is not None and value.start not in taken:
                    self._add(self._listed(f"html.attribute.{name[:_LONGEST_NAME]}"), value)

    def close(self) -> None:
        """The page is at its end."""
        self._close_select()

    def _add(self, path: str, value: Attribute) -> None:
        if len(self.leaves) >= MAX_LEAVES:
            raise _TooMany
        self.leaves.append(Leaf("body", path, value.start, value.end, value.text, value.coding))

    def _listed(self, path: str) -> str:
        """The path with how many of it came before."""
        self._seen[path] += 1
        return f"{path}[{self._seen[path] - 1}]"

    def _named(self, path: str) -> str:
        """The path itself, and only for those after the first with an index: of its name there should be one."""
        listed = self._listed(path)
        return path if listed.endswith("[0]") else listed

    def form(self, found: _Found, _tag: Token) -> None:
        action = found.get("action")
        self._form = self._form_path(found, action)
        if action is not None and action.text:
            self._add(f"{self._form}.action", action)

    def _form_path(self, found: _Found, action: Attribute | None) -> str:
        for called in (found.get("name"), found.get("id")):
            if called is not None and _NAME.fullmatch(called.text) and not is_issued(called.text):
                path = f"html.form({_DIGITS.sub('{}', called.text)})"
                return self._listed(path) if "{}" in path else self._named(path)
        return self._listed(f"html.form{'' if action is None else _template(action.text)}")

    def field(self, found: _Found, tag: Token) -> None:
        name, value, kind = found.get("name"), found.get("value"), found.get("type")
        if name is None or value is None or not name.text:
            return
        path = f"{self._form}.{tag.name}.{name.text[:_LONGEST_NAME]}"
        is_choice = tag.name == "input" and kind is not None and kind.text.lower() in _CHOICES
        if is_choice and "checked" not in found:
            self._add(self._listed(path + ".option"), value)
        else:
            self._add(self._named(path), value)

    def select(self, found: _Found, _tag: Token) -> None:
        self._close_select()
        name = found.get("name")
        if name is not None:
            self._select = _Select(self._named(f"{self._form}.select.{name.text[:_LONGEST_NAME]}"))

    def option(self, found: _Found, tag: Token) -> None:
        if self._select is None:
            return
        value = found.get("value")
        if value is None and (text := _OPTION.match(self.page, tag.end + 1)):
            value = Attribute(meant(self.page, *text.span(1)), *text.span(1), "html")
        if value is not None:
            self._select.options.append((value, "selected" in found))

    def _option_start(self) -> int:
        """Where the value of the last option stands, that becomes a leaf when its select is closed; -1 for none."""
        return self._select.options[-1][0].start if self._select is not None and self._select.options else -1

    def _close_select(self) -> None:
        select, self._select = self._select, None
        if select is None:
            return
        # Without one that is selected, a browser takes the first.
        chosen = next((n for n, (_, selected) in enumerate(select.options) if selected), 0)
        for n, (value, _) in enumerate(select.options):
            if n == chosen:
                self._add(select.path, value)
            elif self._names or value.text.isdigit() or is_issued(value.text):
                self._add(self._listed(select.path + ".option"), value)

    def link(self, found: _Found, _tag: Token) -> None:
        href = found.get("href")
        if href is not None and href.text and not href.text.lower().startswith(_NO_PAGE):
            self._add(self._listed(f"html.a{_template(href.text)}") + ".href", href)

    def meta(self, found: _Found, _tag: Token) -> None:
        name, content = found.get("name") or found.get("property"), found.get("content")
        if name is not None and content is not None:
            self._add(self._named(f"html.meta.{name.text[:_LONGEST_NAME]}"), content)

    def textarea(self, found: _Found, _tag: Token) -> None:
        name = found.get("name")
        if name is not None:
            self._raw = self._named(f"{self._form}.textarea.{name.text[:_LONGEST_NAME]}")

    def script(self, found: _Found, _tag: Token) -> None:
        kind, called = found.get("type"), found.get("id")
        if kind is not None and "json" in kind.text.lower():
            named = called is not None and _NAME.fullmatch(called.text)
            self._raw = self._named(f"html.script({called.text})") if called and named else self._listed("html.script")

    def _raw_text(self, token: Token) -> None:
        path, self._raw = self._raw, ""
        if token.name == "textarea" and path:
            self._add(path, Attribute(meant(self.page, token.start, token.end), token.start, token.end, "html"))
        elif token.name == "script" and path:
            try:
                self.leaves += json_leaves(
                    self.page, path + ".$", token.start, token.end, coding="script", names=self._names
                )
            except NotJson:
                path = ""
            if len(self.leaves) > MAX_LEAVES:
                raise _TooMany
        if self._names and not path:
            self._text(token)

    def _text(self, token: Token) -> None:
        start, end = token.start, token.end
        if start <= self._option_start() < end or not self.page[start:end].strip():
            return
        if token.kind == "comment" or token.name in {"script", "style"}:
            text = text_of(self.page[start:end].encode("latin-1"))
            kind = "comment" if token.kind == "comment" else "source"
            self._add(self._listed(f"html.{kind}"), Attribute(text, start, end, "raw"))
        else:
            self._add(self._listed("html.text"), Attribute(meant(self.page, start, end), start, end, "html"))


def _template(url: str) -> str:
    """The path a URL leads to, in brackets, `{}` for each segment that names one thing; "" when it is too long."""
    path = re.split(r"[?#]", url, maxsplit=1)[0]
    path = re.sub(r"^(?:[a-z]+:)?//[^/]*", "", path)
    segments = ["{}" if names_one(segment) or is_id_segment(segment) else segment for segment in path.split("/")]
    shown = "/".join(segments)
    return f"({shown})" if shown and len(shown) <= _LONGEST_NAME else ""


_READERS: Final = {
    "a": _Reader.link,
    "button": _Reader.field,
    "form": _Reader.form,
    "input": _Reader.field,
    "meta": _Reader.meta,
    "option": _Reader.option,
    "script": _Reader.script,
    "select": _Reader.select,
    "textarea": _Reader.textarea,
}
