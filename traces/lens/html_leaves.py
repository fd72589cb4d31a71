"""What a page gives to the next request: the fields of its forms, its links, its tokens, the data in its scripts.

A form is called after its name or id, else after the path it is sent to; a link after the path it leads to, with `{}`
for what names one thing among many. An index says which of several, so that a slot leaves it open:
`html.form(login).input.csrf`, `html.form(/basket/add/{}/)[2].action`, `html.a(/orders/{}/)[0].href`. What such a one is
called stands beside it, as `.text` and `.near` (`traces.lens.html_labels`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from traces.lens.coding import text_of
from traces.lens.html_collected import LONGEST_NAME, Collected, TooMany, template
from traces.lens.html_labels import CHOICE, LABEL, ROWS, WORDED, Found, Labels
from traces.lens.html_scripts import documents, is_program
from traces.lens.html_texts import issued_in, thing_before
from traces.lens.html_tokens import Attribute, Token, attributes, meant, stripped, tokens
from traces.lens.json_leaves import NotJson, json_leaves
from traces.lens.leaf import MAX_LEAVES, Leaf
from traces.shapes import is_id_segment, is_issued

_NAME: Final = re.compile(r"[\w.:\[\]-]{1,64}")
#: Attributes and elements that stand in paths.
_DATA: Final = re.compile(r"data-[a-z0-9_-]{1,60}|on[a-z]{2,24}")
_ELEMENT: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
#: A tag of any name is looked at for `data-` attributes, what a click does, and ids with digits.
_TELLING: Final = re.compile(r"(?ai)[\s\"'](?:data-|on[a-z]{2,24}\s*=|id\s*=\s*[\"']?[^\s\"'>]*?\d)")
#: What leads to no other page.
_NO_PAGE: Final = ("#", "javascript:", "mailto:", "tel:", "data:", "about:", "blob:")
_CHOICES: Final = frozenset({"radio", "checkbox"})
_DIGITS: Final = re.compile(r"\d+")
_OPTION: Final = re.compile(r"\s*+([^<]*[^<\s])", re.ASCII)
#: Longer texts are prose.
_LONGEST_TEXT: Final = 120


def html_leaves(data: bytes, *, names: bool = False) -> list[Leaf] | None:
    """The leaves of a page, in its order; None when they are more than `MAX_LEAVES`.

    `html.form(NAME).action`, `.input.NAME` (a choice that is not checked: `.input.NAME.option`), `.select.NAME` (what
    is selected; what is not and could be issued: `.option`), `.textarea.NAME`, `.button.NAME[n]`; the same below `html`
    alone outside of forms; `html.a(PATH)[n].href`, `html.meta.NAME`; `html.TAG.data-NAME[n]` and `html.TAG.onclick[n]`,
    and `html.TAG.id[n]` of those that were issued; `html.script(ID).$...` for JSON, also for what a script assigns or
    calls (`ID` is then what with); `html.TAG.number[n]` and `html.TAG.token[n]` for those in short texts, called after
    the thing instead of the tag where it is said before: `html.order.number[n]`.

    names: all other text too, for whoever has to see all, instead of labels and what is found in texts:
           `html.text[n]`, `html.comment[n]`, `html.source[n]` (of scripts and styles), `html.attribute.NAME[n]`.
    """
    reader = _Reader(data.decode("latin-1"), names)
    try:
        for token in tokens(reader.page, None if names else _OPENING, _CLOSING, marks=_TELLING, texts=True):
            reader.take(token)
        reader.close()
    except TooMany:
        return None
    return reader.leaves


@dataclass(slots=True)
class _Select:
    """A select that is open: its path, and its options: value, words, whether it is selected."""

    path: str
    options: list[tuple[Attribute, Attribute | None, bool]] = field(default_factory=list)


class _Reader(Collected):
    def __init__(self, page: str, names: bool) -> None:
        super().__init__()
        self.page = page
        self._names = names
        self._form = "html"
        self._select: _Select | None = None
        # What the raw text that follows a tag is: the path of a textarea, or the root of a script's JSON; or a program.
        self._raw, self._is_program = "", False
        self._labels = Labels(self._add_extra)
        # The last text a reader saw.
        self._before = (0, 0)

    def take(self, token: Token) -> None:
        if token.kind == "open":
            self._open(token)
        elif token.kind == "close":
            self._labels.closed(token.name)
            if token.name == "form":
                self._form = "html"
            elif token.name == "select":
                self._close_select()
        elif token.kind == "raw":
            self._raw_text(token)
        elif self._names:
            self._text(token)
        else:
            self._seen_text(token)

    def _open(self, tag: Token) -> None:
        # Of two of one name the first counts (13.2.5.33).
        found: dict[str, Attribute | None] = {}
        for name, value in attributes(self.page, tag):
            found.setdefault(name, value)
        before = len(self.leaves)
        self._items = []
        reader = _READERS.get(tag.name)
        if reader is not None:
            reader(self, found, tag)
        self._data(found, tag)
        if not self._names:
            is_choice = tag.name == "input" and bool(self._items) and ".option[" in self._items[-1]
            gave = self._items[-1:] if is_choice else self._items
            self._labels.opened(CHOICE if is_choice else tag.name, gave, found)
        else:
            taken = {self._option_start(), *(leaf.start for leaf in self.leaves[before:])}
            for name, value in attributes(self.page, tag):
                if value is not None and value.start not in taken:
                    self._add(self._listed(f"html.attribute.{name[:LONGEST_NAME]}"), value)

    def close(self) -> None:
        """The page is at its end."""
        self._close_select()
        # They lead back here: a page and its leaves would stay until somebody looks for cycles.
        del self._labels

    def form(self, found: Found, _tag: Token) -> None:
        action = found.get("action")
        self._form = self._form_path(found, action)
        if action is not None and action.text:
            self._add(f"{self._form}.action", action)

    def _form_path(self, found: Found, action: Attribute | None) -> str:
        for called in (found.get("name"), found.get("id")):
            if called is not None and _NAME.fullmatch(called.text) and not is_issued(called.text):
                path = f"html.form({_DIGITS.sub('{}', called.text)})"
                return self._listed(path) if "{}" in path else self._named(path)
        return self._listed(f"html.form{'' if action is None else template(action.text)}")

    def field(self, found: Found, tag: Token) -> None:
        name, value, kind = found.get("name"), found.get("value"), found.get("type")
        path = "" if name is None or not name.text else self._field(f"{self._form}.{tag.name}", name)
        if not path or value is None:
            return
        if tag.name == "button":
            # Of several only the one that is pressed is sent.
            self._add(self._listed(path), value)
            return
        is_choice = tag.name == "input" and kind is not None and kind.text.lower() in _CHOICES
        is_chosen = not is_choice or "checked" in found
        if is_chosen:
            self._add(self._named(path), value)
        if is_choice and not (is_chosen and self._names):
            self._add(self._listed(path + ".option"), value)

    def select(self, found: Found, _tag: Token) -> None:
        self._close_select()
        name = found.get("name")
        if name is not None:
            self._select = _Select(self._named(self._field(f"{self._form}.select", name)))

    def option(self, found: Found, tag: Token) -> None:
        if self._select is None:
            return
        text = _OPTION.match(self.page, tag.end + 1)
        words = None if text is None else Attribute(meant(self.page, *text.span(1)), *text.span(1), "html")
        value = found.get("value") or words
        if value is not None:
            self._select.options.append((value, words, "selected" in found))

    def _option_start(self) -> int:
        """Where the value of the last option stands, that becomes a leaf when its select is closed; -1 for none."""
        return self._select.options[-1][0].start if self._select is not None and self._select.options else -1

    def _close_select(self) -> None:
        select, self._select = self._select, None
        if select is None:
            return
        # Without one that is selected, a browser takes the first.
        chosen = next((n for n, (_, _, selected) in enumerate(select.options) if selected), 0)
        for n, (value, words, _) in enumerate(select.options):
            if n == chosen:
                self._add(select.path, value)
            # What is chosen is one of those to choose from, too; where every byte counts it is a leaf once.
            if n != chosen if self._names else value.text.isdigit() or is_issued(value.text):
                path = self._listed(select.path + ".option")
                self._add(path, value)
                if words is not None and words is not value and not self._names:
                    self._add_extra(f"{path}.text", words)

    def _data(self, found: Found, tag: Token) -> None:
        """What the page's own scripts read of a tag."""
        for name, value in found.items():
            if value is None or not (name == "id" or name.startswith(("data-", "on"))) or not value.text:
                continue
            is_told = is_id_segment(value.text) and not value.text.isdigit() if name == "id" else _DATA.fullmatch(name)
            if is_told and _ELEMENT.fullmatch(tag.name):
                self._add_extra(self._listed(f"html.{tag.name}.{name}"), value)

    def link(self, found: Found, _tag: Token) -> None:
        href = found.get("href")
        if href is not None and href.text and not href.text.lower().startswith(_NO_PAGE):
            self._add(self._listed(f"html.a{template(href.text)}") + ".href", href)

    def meta(self, found: Found, _tag: Token) -> None:
        name, content = found.get("name") or found.get("property"), found.get("content")
        if name is not None and content is not None:
            self._add(self._named(f"html.meta.{name.text[:LONGEST_NAME]}"), content)

    def textarea(self, found: Found, _tag: Token) -> None:
        name = found.get("name")
        if name is not None:
            self._raw = self._named(self._field(f"{self._form}.textarea", name))

    def script(self, found: Found, _tag: Token) -> None:
        kind, called = found.get("type"), found.get("id")
        self._is_program = is_program("" if kind is None else kind.text)
        if kind is not None and "json" in kind.text.lower():
            named = called is not None and _NAME.fullmatch(called.text)
            self._raw = self._named(f"html.script({called.text})") if called and named else self._listed("html.script")

    def _raw_text(self, token: Token) -> None:
        path, self._raw = self._raw, ""
        if token.name == "textarea" and path:
            self._add(path, Attribute(meant(self.page, token.start, token.end), token.start, token.end, "html"))
            return
        if token.name == "script" and path:
            try:
                found = json_leaves(self.page, path + ".$", token.start, token.end, coding="script", names=self._names)
                self._add_document(found)
                return
            except NotJson:
                pass
        if token.name == "script" and self._is_program:
            self._program(token)
        elif self._names:
            self._text(token)

    def _add_document(self, leaves: list[Leaf]) -> None:
        if len(self.leaves) + len(leaves) > MAX_LEAVES:
            raise TooMany
        self.leaves += leaves

    def _program(self, script: Token) -> None:
        """The JSON in a script that is run."""
        at = script.start
        for document in documents(self.page, script.start, script.end, names=self._names):
            if len(self.leaves) + len(document.leaves) > MAX_LEAVES:
                break
            if self._names:
                self._text(script._replace(start=at, end=document.start))
            at = document.end
            path = "html.script" if is_issued(document.name) else f"html.script({document.name})"
            # What is assigned is one, what is called is called again.
            path = self._listed(path) if document.is_call or path == "html.script" else self._named(path)
            self._add_document([leaf._replace(path=path + leaf.path) for leaf in document.leaves])
        if self._names:
            self._text(script._replace(start=at))

    def _seen_text(self, token: Token) -> None:
        """A text that a reader of the page sees."""
        start, end = stripped(self.page, token.start, token.end)
        if start == end or end - start > _LONGEST_TEXT:
            return
        text = Attribute(meant(self.page, start, end), start, end, "html")
        # Never a number in a link's words: of two leaves none should lie over the other.
        is_label = self._labels.text(text)
        for kind, piece in () if is_label else issued_in(self.page, (start, end)):
            called = thing_before(self.page, piece.start, (start, end), self._before) or token.name
            if _ELEMENT.fullmatch(called):
                self._add_extra(self._listed(f"html.{called}.{kind}"), piece)
        self._before = (start, end)

    def _text(self, token: Token) -> None:
        start, end = token.start, token.end
        if start <= self._option_start() < end or not self.page[start:end].strip():
            return
        if token.kind == "comment" or (token.kind == "raw" and token.name in {"script", "style"}):
            text = text_of(self.page[start:end].encode("latin-1"))
            kind = "comment" if token.kind == "comment" else "source"
            self._add(self._listed(f"html.{kind}"), Attribute(text, start, end, "raw"))
        else:
            self._add(self._listed("html.text"), Attribute(meant(self.page, start, end), start, end, "html"))


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
#: The tags that are looked at whatever their attributes, and those whose end is.
_OPENING: Final = frozenset({*_READERS, *ROWS, LABEL, "img"})
_CLOSING: Final = frozenset({"form", "select", LABEL, *ROWS, *WORDED})
