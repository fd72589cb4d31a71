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
    for token in tokens(reader.page, None if names else _READERS, ("form", "select")):
        reader.take(token)
        if len(reader.leaves) > MAX_LEAVES:
            return None
    return reader.leaves


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
        found = attributes(self.page, tag)
        before = len(self.leaves)
        if tag.name in _READERS:
            _READERS[tag.name](self, found, tag)
        if self._names:
            taken = {self._option_start(), *(leaf.start for leaf in self.leaves[before:])}
            for name, attribute in found.items():
                if attribute.start not in taken:
                    self._add(self._listed(f"html.attribute.{name[:_LONGEST_NAME]}"), attribute)

    def _add(self, path: str, value: Attribute) -> None:
        self.leaves.append(Leaf("body", path, value.start, value.end, value.text, value.coding))

    def _listed(self, path: str) -> str:
        """The path with how many of it came before."""
        self._seen[path] += 1
        return f"{path}[{self._seen[path] - 1}]"

    def _named(self, path: str) -> str:
        """The path itself, and only for those after the first with an index: of its name there should be one."""
        listed = self._listed(path)
        return path if listed.endswith("[0]") else listed

    def form(self, found: dict[str, Attribute], _tag: Token) -> None:
        self._form = self._form_path(found)
        action = found.get("action")
        if action is not None and action.text:
            self._add(f"{self._form}.action", action)

    def _form_path(self, found: dict[str, Attribute]) -> str:
        for key in ("name", "id"):
            if key in found and _NAME.fullmatch(found[key].text) and not is_issued(found[key].text):
                path = f"html.form({_DIGITS.sub('{}', found[key].text)})"
                return self._listed(path) if "{}" in path else self._named(path)
        return self._listed(f"html.form{_template(found['action'].text) if 'action' in found else ''}")

    def field(self, found: dict[str, Attribute], tag: Token) -> None:
        name, value = found.get("name"), found.get("value")
        if name is None or value is None or not name.text:
            return
        path = f"{self._form}.{tag.name}.{name.text[:_LONGEST_NAME]}"
        is_choice = tag.name == "input" and "type" in found and found["type"].text.lower() in _CHOICES
        if is_choice and not self._says(tag, "checked"):
            self._add(self._listed(path + ".option"), value)
        else:
            self._add(self._named(path), value)

    def _says(self, tag: Token, word: str) -> bool:
        return re.search(rf"\b{word}\b", self.page[tag.start : tag.end], re.IGNORECASE) is not None

    def select(self, found: dict[str, Attribute], _tag: Token) -> None:
        self._close_select()
        if "name" in found:
            self._select = _Select(self._named(f"{self._form}.select.{found['name'].text[:_LONGEST_NAME]}"))

    def option(self, found: dict[str, Attribute], tag: Token) -> None:
        if self._select is None:
            return
        value = found.get("value")
        if value is None and (text := _OPTION.match(self.page, tag.end + 1)):
            value = Attribute(meant(self.page, *text.span(1)), *text.span(1), "html")
        if value is not None:
            self._select.options.append((value, self._says(tag, "selected")))

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

    def link(self, found: dict[str, Attribute], _tag: Token) -> None:
        href = found.get("href")
        if href is not None and href.text and not href.text.lower().startswith(_NO_PAGE):
            self._add(self._listed(f"html.a{_template(href.text)}") + ".href", href)

    def meta(self, found: dict[str, Attribute], _tag: Token) -> None:
        name = found.get("name") or found.get("property")
        if name is not None and "content" in found:
            self._add(self._named(f"html.meta.{name.text[:_LONGEST_NAME]}"), found["content"])

    def textarea(self, found: dict[str, Attribute], _tag: Token) -> None:
        if "name" in found:
            self._raw = self._named(f"{self._form}.textarea.{found['name'].text[:_LONGEST_NAME]}")

    def script(self, found: dict[str, Attribute], _tag: Token) -> None:
        if "type" in found and "json" in found["type"].text.lower():
            named = "id" in found and _NAME.fullmatch(found["id"].text)
            self._raw = self._named(f"html.script({found['id'].text})") if named else self._listed("html.script")

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
        if self._names and not path:
            self._text(token)

    def _text(self, token: Token) -> None:
        if token.start <= self._option_start() < token.end:
            return
        if not self.page[token.start : token.end].isspace() and token.end > token.start:
            is_source = token.kind == "comment" or token.name in {"script", "style"}
            kind = "comment" if token.kind == "comment" else "source" if is_source else "text"
            text = self.page[token.start : token.end].encode("latin-1").decode("utf-8", "surrogateescape")
            value = Attribute(text, token.start, token.end, "raw") if is_source else None
            value = value or Attribute(meant(self.page, token.start, token.end), token.start, token.end, "html")
            self._add(self._listed(f"html.{kind}"), value)


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
