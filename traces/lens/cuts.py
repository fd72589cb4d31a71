"""Chosen leaves of a message laid out as holes: which bytes stay, which are written anew, to any depth of nesting.

Rule 1: a byte that no hole replaces is the byte it was: escapes, white space, padding, the case of hex digits.
Rule 2: of two holes one in the other, the outer one wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from traces.lens.coding import Coding, encode, offsets, text_of
from traces.lens.leaf import Leaf
from traces.lens.packed import PACKED, redo, undo


@dataclass(frozen=True, slots=True)
class Cut:
    """A leaf with a hole in it, or that is one.

    hole:  the number of the leaf among those chosen; None when only something below it was.
    inner: by codec, what is cut below it, in the order of its bytes and without overlap; their spans count in
           `undo(codec, leaf.text)`. Empty when the leaf itself is the hole.
    """

    leaf: Leaf
    hole: int | None
    inner: tuple[tuple[str, tuple[Cut, ...]], ...] = ()


def cuts(leaves: Sequence[Leaf]) -> tuple[Cut, ...]:
    """The chosen leaves of one message as a tree: their root leaves by part, header and span, none overlapping."""
    tree: dict[Leaf, int | None] = {}
    below: dict[Leaf, dict[str, list[Leaf]]] = {}
    roots: list[Leaf] = []
    for number, chosen in enumerate(leaves):
        known = chosen in tree
        tree[chosen] = number if tree.get(chosen) is None else tree[chosen]
        leaf = chosen
        while not known:
            if leaf.outer is None:
                roots.append(leaf)
                break
            below.setdefault(leaf.outer, {}).setdefault(leaf.codec, []).append(leaf)
            leaf = leaf.outer
            known = leaf in tree
            tree.setdefault(leaf, None)
    return _laid_out(roots, tree, below)


def _laid_out(
    leaves: Iterable[Leaf], holes: Mapping[Leaf, int | None], below: Mapping[Leaf, Mapping[str, list[Leaf]]]
) -> tuple[Cut, ...]:
    laid: list[Cut] = []
    # The longer of two that begin together is the outer one; of two equal ones, that which is a hole itself.
    for leaf in sorted(leaves, key=lambda x: (x.part, x.header, x.start, -x.end, holes[x] is None)):
        last = laid[-1].leaf if laid else None
        if last is not None and (last.part, last.header) == (leaf.part, leaf.header) and leaf.start < last.end:
            continue
        hole = holes[leaf]
        inner = (
            ()
            if hole is not None
            else tuple((codec, _laid_out(inside, holes, below)) for codec, inside in below[leaf].items())
        )
        laid.append(Cut(leaf, hole, inner))
    return tuple(laid)


class Stencil(Protocol):
    """The bytes of a leaf's span, with holes in them."""

    def render(self, values: Sequence[str]) -> bytes:
        """The bytes with `values[n]`, in its place's coding, in hole n. Never raises."""


def stencil(cut: Cut, raw: bytes) -> Stencil:
    """Compile a root's cut once, to be rendered any number of times.

    raw: the bytes at the leaf's span, as they are in the message.
    """
    start = cut.leaf.start
    return _spliced(raw, [_Edit(edit.start - start, edit.end - start, edit.made) for edit in _edits(cut, raw)])


class _Edit(NamedTuple):
    """A span of bytes that is made anew."""

    start: int
    end: int
    made: Stencil


def _edits(cut: Cut, raw: bytes) -> list[_Edit]:
    """What is made anew of a leaf, in the bytes it stands in; `raw` are those at its span."""
    leaf = cut.leaf
    if cut.hole is not None:
        return [_Edit(leaf.start, leaf.end, _Hole(cut.hole, leaf.written))]
    inside = []
    for codec, cuts_inside in cut.inner:
        data = undo(codec, leaf.text)
        edits = [edit for c in cuts_inside for edit in _edits(c, data[c.leaf.start : c.leaf.end])]
        inside.append((codec, data, edits))
    codec, data, edits = inside[0]
    if codec not in PACKED:
        # The text is the codec's own bytes: what lies between two edits stays as it is written.
        at = offsets(raw, leaf.coding, [at for edit in edits for at in edit[:2]])
        if at is not None:
            spans = zip(at[::2], at[1::2], edits, strict=True)
            return [_Edit(leaf.start + s, leaf.start + e, _encoded(edit.made, leaf.coding)) for s, e, edit in spans]
    packed = tuple((codec, _spliced(data, edits)) for codec, data, edits in inside)
    return [_Edit(leaf.start, leaf.end, _Packed(leaf.text, packed, leaf.written))]


def _spliced(data: bytes, edits: Sequence[_Edit]) -> Stencil:
    pieces: list[bytes | Stencil] = []
    at = 0
    for edit in edits:
        pieces += [data[at : edit.start], edit.made]
        at = edit.end
    return _Spliced((*pieces, data[at:]))


def _encoded(made: Stencil, coding: Coding) -> Stencil:
    return made if coding == "raw" else _Encoded(made, coding)


@dataclass(frozen=True, slots=True)
class _Hole:
    number: int
    coding: Coding

    def render(self, values: Sequence[str]) -> bytes:
        return encode(values[self.number], self.coding)


@dataclass(frozen=True, slots=True)
class _Spliced:
    """Bytes that stay, and what is made between them."""

    pieces: tuple[bytes | Stencil, ...]

    def render(self, values: Sequence[str]) -> bytes:
        return b"".join([piece if isinstance(piece, bytes) else piece.render(values) for piece in self.pieces])


@dataclass(frozen=True, slots=True)
class _Encoded:
    """What is made, written in the coding of the leaf it stands in."""

    made: Stencil
    coding: Coding

    def render(self, values: Sequence[str]) -> bytes:
        return encode(text_of(self.made.render(values)), self.coding)


@dataclass(frozen=True, slots=True)
class _Packed:
    """A text that is packed anew, codec by codec, and then written in `coding`."""

    text: str
    codecs: tuple[tuple[str, Stencil], ...]
    coding: Coding

    def render(self, values: Sequence[str]) -> bytes:
        text = self.text
        for codec, spliced in self.codecs:
            text = redo(codec, spliced.render(values), text)
        return encode(text, self.coding)
