"""The pieces of a composite: `order-8f3a21bc`, `t=1700000000,v1=5257a869`, `pi_3NxY_secret_k9Qz`, `W/"33a64df5"`.

Split where the strongest delimiter stands, so that a piece is as long as a value that another message may carry whole;
a piece that is itself composite is split in turn.
"""

from __future__ import annotations

import re
from typing import Final

from traces.lens.coding import utf8
from traces.lens.leaf import Leaf, make
from traces.shapes import EMAIL, UUID, is_code, is_instant, is_issued

#: Longer texts are prose or programs.
_LONGEST: Final = 1024
_MOST: Final = 8

# From the strongest delimiters down. First what separates fields; a URL is whole, and so is padding.
_FIELD: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*+://[^\s\"'<>]++|[^\s,;=&\"'<>(){}\[\]]++(?:={1,2}(?=[\s,;&\"'>)}\]]|$))?"
)
# Then what no token of base64url holds: `id.time.signature`.
_TOKEN: Final = re.compile(r"[\w-]+")
# Then a word that joins two tokens, and then any of their own delimiters; a uuid is whole.
_JOINT: Final = re.compile(r"_(?:secret|token|key|sig|signature)_")
_WORD: Final = re.compile(r"[^\W_]+")
_WORD_OR_UUID: Final = re.compile(rf"{UUID.pattern}(?![^\W_])|{_WORD.pattern}")

#: Without one of these, no piece could be issued: a digit beside a letter, four digits; twenty letters, a URL.
_PROMISING: Final = re.compile(r"\d(?:[A-Za-z]|\d{3}|(?<=[A-Za-z]\d))")
_LETTERS: Final = re.compile(r"[A-Za-z]{20}|https?://")
_RUNNING: Final = re.compile(r"(?<![^\W_])\d{4,}(?![^\W_])")
#: `1,234.50`, `+49 30 123456`: one number, however it is grouped. `1001-2002` and `1001,2002` may be two.
_NUMERIC: Final = re.compile(
    r"[-+]?(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d*,\d{0,2}|[\d.]+(?:,\d{0,2})?)|(?=[^\s.,]*+[\s.])[+(\d][\d\s().-]*+"
)
#: A token in base64 with its own characters or padding.
_PADDED: Final = re.compile(r"(?=[^+]*[+]|[^=]*=+$)[A-Za-z0-9+/]{16,}={0,2}")

Span = tuple[int, int]


def part_leaves(text: str) -> list[Leaf]:
    """The pieces that could be issued values, at most 8; `[n]` counts all pieces, so that a place has one meaning."""
    if not text or len(text) > _LONGEST or not (_PROMISING.search(text) or _LETTERS.search(text)) or _is_one(text):
        return []
    leaves: list[Leaf] = []
    for index, span in enumerate(pieces(text)):
        piece = text[slice(*span)]
        if is_issued(piece) or _RUNNING.search(piece) or is_code(piece) or piece.startswith(("http://", "https://")):
            start, end = span if text.isascii() else (len(utf8(text[:at])) for at in span)
            leaves.append(make(("body", f"|parts[{index}]", start, end, piece, "raw", -1, (), False, None, "")))
            if len(leaves) == _MOST:
                break
    return leaves


def pieces(text: str) -> list[Span]:
    """Every piece of a text, from where to where in characters; none when it has no delimiters."""
    whole = [(0, len(text))]
    if not _TOKEN.fullmatch(text):
        found = [match.span() for match in _FIELD.finditer(text)]
        return found if found != whole else [match.span() for match in _TOKEN.finditer(text)]
    if joint := _JOINT.search(text):
        return [(0, joint.start()), (joint.end(), len(text))]
    word = _WORD_OR_UUID if text.count("-") >= 4 else _WORD
    found = [match.span() for match in word.finditer(text)]
    return [] if found == whole else _prefixed(text, found)


def _prefixed(text: str, words: list[Span]) -> list[Span]:
    """The words, but a token of mixed case whole: a dash or an underscore inside it came by chance."""
    if text.islower() or text.isupper():
        return words
    first: int | None = None
    for n, (start, end) in enumerate(words):
        if _is_random(text[start:end]):
            first = n if first is None else first
        elif first is not None and end - start > 3:
            return words
    if first is None:
        return words
    return [*words[:first], (words[first][0], len(text))] if first else []


def _is_random(word: str) -> bool:
    """Digits and letters mixed, or capitals anywhere but in front."""
    if word.isalpha():
        return not (word.islower() or word.isupper() or word.istitle())
    return not word.isdigit()


def _is_one(text: str) -> bool:
    """A value of one kind, though it has delimiters in it."""
    if "@" in text and EMAIL.fullmatch(text):
        return True
    if not text[0].isalpha() and (is_instant(text) or _NUMERIC.fullmatch(text)):
        return True
    if text[-1] == "=" or "+" in text:
        return _PADDED.fullmatch(text) is not None
    return text.endswith(" GMT") and is_instant(text)
