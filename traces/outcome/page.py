"""A page of HTML, as far as its outcome goes: which forms it offers, and whether it complains."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Final, NamedTuple

from traces.lens.html_tokens import Token, attributes, tokens
from traces.outcome.location import place
from traces.outcome.vocabulary import is_failure
from traces.shapes import is_id_segment

_FIELD_TAGS: Final = frozenset({"input", "select", "textarea", "button"})
_TAGS: Final = _FIELD_TAGS | {"form", "title"}
_DIGITS: Final = re.compile(r"\d+")
#: What the common frameworks call a message that says no.
_COMPLAINTS: Final = frozenset(
    "errorlist alert-danger alert-error has-error has-errors is-invalid form-error field-error field_with_errors "
    "error-message message-error woocommerce-error notice-error flash-error toast-error invalid-feedback".split()
)
#: Each of these has one of them in it.
_PARTS: Final = ("error", "alert-danger", "invalid")
#: Characters of a title, and of a field's name: longer ones are data.
_TITLE: Final = 200
_NAME: Final = 64
#: Of one page; four times as many are kept of an endpoint, whose pages may have different ones.
_FORMS: Final = 64
_FIELDS: Final = 128


class Page(NamedTuple):
    """What a page offers and says.

    forms:      by method and target, the names of their fields, numbers in them left open.
    complaints: the classes of its error messages; "title" when its title is one.
    names:      what its forms are called, numbers left open.
    """

    forms: dict[str, frozenset[str]]
    complaints: frozenset[str]
    names: frozenset[str] = frozenset()


NOTHING: Final = Page({}, frozenset())


def scan(html: str) -> Page:
    """Look through a page, however malformed. `html` is its bytes as Latin-1."""
    forms: defaultdict[str, set[str]] = defaultdict(set)
    fields: set[str] | None = None
    names: set[str] = set()
    title = ""
    for token in tokens(html, _TAGS, ("form",)):
        if token.kind == "raw":
            if token.name == "title":
                title = title or html[token.start : token.end][:_TITLE].strip()
        elif token.name == "form":
            fields = None
            if token.kind == "open":
                found = _attributes(html, token)
                names |= {_DIGITS.sub("{}", found.get(key, "")[:_NAME]) for key in ("name", "id")}
                form = _form(found)
                fields = forms[form] if form in forms or len(forms) < _FORMS else None
        elif fields is not None and token.name in _FIELD_TAGS:
            _add_field(fields, html, token)
    # Few pages complain: three words are looked for in all, sixteen in some, and only then every tag is read.
    may_complain = any(part in html for part in _PARTS) and any(word in html for word in _COMPLAINTS)
    complaints = _classes(html) & _COMPLAINTS if may_complain else set()
    if is_failure(title):
        complaints.add("title")
    offered = {form: frozenset(own) for form, own in forms.items()}
    return Page(offered, frozenset(complaints), frozenset(names))


def _form(found: dict[str, str]) -> str:
    action, method = found.get("action", ""), found.get("method", "get")
    target = place(action.encode("utf-8", "replace")) if action.strip("#") else "itself"
    return f"{method.upper()[:8]} {target}"


def _add_field(fields: set[str], html: str, tag: Token) -> None:
    name = _attributes(html, tag).get("name", "")
    if 0 < len(name) <= _NAME and len(fields) < _FIELDS and not is_id_segment(name):
        fields.add(_DIGITS.sub("{}", name))


def _classes(html: str) -> set[str]:
    tags = (tag for tag in tokens(html) if tag.kind == "open")
    return {name for tag in tags for name in _attributes(html, tag).get("class", "").split()}


def _attributes(html: str, tag: Token) -> dict[str, str]:
    """What a tag's attributes say; of two of one name the first counts (13.2.5.33)."""
    found: dict[str, str] = {}
    for name, value in attributes(html, tag):
        found.setdefault(name, "" if value is None else value.text.strip())
    return found


class Pages:
    """What the recorded pages of one endpoint have in common."""

    def __init__(self) -> None:
        self._count = 0
        self._forms: Counter[str] = Counter()
        self._fields: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._complaints: set[str] = set()

    def add(self, page: Page) -> None:
        """Learn from one more page."""
        self._count += 1
        self._complaints |= page.complaints
        for form, fields in page.forms.items():
            if form in self._forms or len(self._forms) < 4 * _FORMS:
                self._forms[form] += 1
                known = self._fields[form]
                known.update(fields if len(known) < 4 * _FIELDS else fields & known.keys())

    def differs(self, page: Page) -> str | None:
        """A form or a field that every recorded page had and this one has not, a complaint that none had; or None."""
        for form, count in self._forms.items():
            always = {name for name, times in self._fields[form].items() if times == count}
            if form not in page.forms:
                if count == self._count:
                    return f"no form {form}{_with(always)}, recorded one"
            elif missing := always - page.forms[form]:
                return f"no {min(missing)} in the form {form}, recorded one"
        new = min(page.complaints - self._complaints, default=None)
        return None if new is None else f"an error message ({new}) on the page, recorded none"


def _with(fields: set[str]) -> str:
    """The field by which a person knows the form: a hidden token's, else the first by name."""
    hidden = {name for name in fields if "csrf" in name.lower() or "token" in name.lower()}
    return f" with {min(hidden or fields)}" if fields else ""
