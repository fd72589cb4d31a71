"""Where in an answer a leaf stands, so that the same place can be read in another answer."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from traces.lens.leaf import NAME, Keys, Leaf

_EVENT: Final = re.compile(r"body\.sse\[(\d+)\]\.(\w+(?:\[\d+\]|\.\$)?)")
_LINE: Final = re.compile(r"body\.line\[(\d+)\](\.\$)?")
#: What could be a list's index in the path of a page's leaf.
_INDEX: Final = re.compile(r"\[(\d+)\]")


class Step(NamedTuple):
    """One codec further in. `place` is the inner path, `|url.path[2]`; of a JSON document `|json.$`, then `keys`."""

    codec: str
    place: str
    keys: Keys = ()


class Address(NamedTuple):
    """A place in an answer; hashable, and the same for equal places of two answers.

    kind:  "header", "cookie", "json" (the body as one document), "sse", "line", "text" (the whole body), or "path" for
           what is found by its path: forms, pages.
    name:  a header's or a cookie's; the path, a page's without its indices, `html.a(/p/{})[*].href`, and only down to
           the `$` of a script's document; of "sse" the event's field, `data.$` when it is a document; of "line" `.$`
           when it is one.
    keys:  the steps into a document; of "sse" and "line" behind the event's or the line's number, on a page behind the
           indices that the name leaves open.
    chain: what is nested in the text there, outermost first.
    """

    kind: str
    name: str = ""
    keys: Keys = ()
    chain: tuple[Step, ...] = ()

    @property
    def path(self) -> str:
        """The lens path of the root leaf, a page's indices left open; for values of the body only its beginning."""
        return self.name if self.kind == "path" else f"{self.kind}.{self.name}"


def address_of(leaf: Leaf) -> Address:
    """The address of a leaf of an answer (of a request too, but no `Reading` holds its target)."""
    if leaf.outer is not None:
        outer = address_of(leaf.outer)
        place = leaf.path[len(leaf.outer.path) :]
        if leaf.keys:
            place = place[: place.index("$") + 1]
        return outer._replace(chain=(*outer.chain, Step(leaf.codec, place, leaf.keys)))
    kind, _, name = leaf.path.partition(".")
    if leaf.part == "header" and kind != "auth":
        return Address(kind, name)
    return _in_body(leaf, kind) if leaf.part == "body" else Address("path", leaf.path)


def _in_body(leaf: Leaf, kind: str) -> Address:
    if leaf.path == "body":
        return Address("text")
    if event := _EVENT.match(leaf.path):
        return Address("sse", event[2], (int(event[1]), *leaf.keys))
    if line := _LINE.match(leaf.path):
        return Address("line", line[2] or "", (int(line[1]), *leaf.keys))
    if kind == "html":
        root = document_of(leaf)
        return Address("path", _INDEX.sub("[*]", root), (*map(int, _INDEX.findall(root)), *leaf.keys))
    return Address("json", "", leaf.keys) if kind == "body" else Address("path", leaf.path)


def document_of(leaf: Leaf) -> str:
    """The path of the document that a leaf stands in, up to its `$`; the leaf's own when it is in none."""
    keys = leaf.keys[:-1] if leaf.is_name else leaf.keys
    below = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return leaf.path.removesuffix(NAME).removesuffix(below) if below else leaf.path


def label(address: Address, depth: int, index: int, key: str) -> Address:
    """Where it stands what an item of a page's list is called, instead of the one on the way to an address.

    depth: where the list's index stands in the address's keys.

    In a script's document, and of a list of these, it is the item's own value at `key`; elsewhere it stands beside the
    item: `html.a(/p/{})[*].href` is called what `html.a(/p/{})[*].text` reads.
    """
    keys = (*address.keys[:depth], index)
    if address.name.endswith(".$"):
        return Address("path", address.name, (*keys, key))
    stem = "[*]".join(address.name.split("[*]")[: depth + 1])
    return Address("path", f"{stem}[*].{key}", keys)


def steps_of(address: Address) -> Keys:
    """Every step into a list or an object on the way to a place, outermost first; a selector's `depth` counts in them.

    For a value of a JSON body they are the leaf's keys. Behind an event stream's or a line's number come its keys, and
    behind the indices of a page's lists; the keys of what is nested come behind those of what it is nested in.
    """
    return sum((step.keys for step in address.chain), address.keys)
