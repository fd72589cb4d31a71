"""What stands packed in a text: base64, the segments of a JWT, the credentials of Basic. Undone, and redone alike."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from traces.lens.coding import text_of, utf8
from traces.lens.json_leaves import NotJson, json_leaves
from traces.lens.leaf import Leaf

#: Shorter texts are words, longer ones are files.
_LENGTHS: Final = range(16, 64 * 1024 + 1)
_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]++|[A-Za-z0-9_-]++)={0,2}")
#: RFC 7519: header, claims, signature; the header names an algorithm, so it begins with `{"`, which is `eyJ`.
_JWT: Final = re.compile(r"eyJ[A-Za-z0-9_-]*+\.[A-Za-z0-9_-]++\.[A-Za-z0-9_-]*+")
_SEGMENTS: Final = {"jwt.header": 0, "jwt.payload": 1}
#: What the first character of each four is where the byte that it begins is printable ASCII, a line break or not ASCII.
_STARTS: Final = "CDIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#: The codecs whose bytes are not the text's own.
PACKED: Final = frozenset({"base64", "base64url", "basic", *_SEGMENTS})
_URL_SAFE: Final = str.maketrans("-_", "+/")
_STANDARD: Final = bytes.maketrans(b"+/", b"-_")
_BREAKS: Final = str.maketrans("", "", "\t\r\n")


def looks_packed(text: str) -> bool:
    """Could it be base64 of text? Only a look, at a few characters, for most texts are not."""
    # What begins with printable ASCII begins with I to f; what is ASCII at all has capitals.
    return len(text) in _LENGTHS and "I" <= text[0] <= "f" and not text[::4].strip(_STARTS) and not text.islower()


def base64_leaves(text: str, *, names: bool = False) -> list[Leaf]:
    """The leaves of the JSON document that `text` is in base64, or the one text; none when it is no such thing."""
    if not looks_packed(text) or _BASE64.fullmatch(text) is None:
        return []
    try:
        data = _unpack(text)
    except ValueError:
        return []
    # (Most are random tokens: to raise and catch costs as much as all the rest.)
    inner = data.decode(errors="ignore")
    if not data.isascii() and inner.encode() != data:
        return []
    # Each text has one base64: bits left over at the end would be lost.
    if _pack(data, text) != text:
        return []
    if inner[0] in "{[":
        with suppress(NotJson):
            return json_leaves(data, "|base64.$", names=names)
    return [Leaf("body", "|base64", 0, len(data), inner)] if inner.translate(_BREAKS).isprintable() else []


def jwt_leaves(text: str, *, names: bool = False) -> Iterator[tuple[str, list[Leaf]]]:
    """(codec, leaves) of a token's header and of its claims; nothing unless both are JSON."""
    if _JWT.fullmatch(text) is None:
        return
    try:
        segments = [(codec, undo(codec, text)) for codec in _SEGMENTS]
        found = [(codec, json_leaves(data, f"|{codec}.$", names=names)) for codec, data in segments]
    except ValueError:
        return
    # What is not written as it would be written anew stays whole, and claims are an object.
    if segments[1][1].lstrip()[:1] == b"{" and all(redo(codec, data, text) == text for codec, data in segments):
        yield from found


def basic_leaves(text: str) -> list[Leaf]:
    """`user` and `password` of Basic credentials (RFC 7617, 2); none when they cannot be read."""
    try:
        data = _unpack(text)
    except ValueError:
        return []
    user, colon, password = data.partition(b":")
    if not colon or _pack(data, text) != text:
        return []
    return [
        Leaf("body", "|basic.user", 0, len(user), text_of(user)),
        Leaf("body", "|basic.password", len(user) + 1, len(data), text_of(password)),
    ]


def undo(codec: str, text: str) -> bytes:
    """The bytes that `codec` makes of a leaf's text, in which the spans of the leaves below it count.

    Those of most codecs are the text's own, in UTF-8. Raises ValueError when it is no such text.
    """
    if codec in _SEGMENTS:
        segments = text.split(".")
        if len(segments) <= _SEGMENTS[codec]:
            raise ValueError("no such segment")
        return _unpack(segments[_SEGMENTS[codec]])
    return _unpack(text) if codec in PACKED else utf8(text)


def redo(codec: str, data: bytes, like: str) -> str:
    """The text of which `codec` makes `data`, written as `like` is: its alphabet, its padding, its other segments.

    `redo(codec, undo(codec, text), text)` is `text`. A signature stays as it was.
    """
    if codec in _SEGMENTS:
        segments = like.split(".")
        segments[_SEGMENTS[codec]] = binascii.b2a_base64(data, newline=False).translate(_STANDARD).decode().rstrip("=")
        return ".".join(segments)
    return _pack(data, like) if codec in PACKED else text_of(data)


def _unpack(text: str) -> bytes:
    """Raises ValueError. Either alphabet, padded or not: a live value may have what the recorded one had not."""
    bare = text.rstrip("=")
    if "-" in bare or "_" in bare:
        bare = bare.translate(_URL_SAFE)
    return binascii.a2b_base64(bare + "=" * (-len(bare) % 4), strict_mode=True)


def _pack(data: bytes, like: str) -> str:
    packed = binascii.b2a_base64(data, newline=False)
    url_safe = "-" in like or "_" in like
    # A text without padding that needed none says nothing: only the alphabet for URLs is written without it by custom.
    padded = like.endswith("=") or (len(like) % 4 == 0 and not url_safe)
    # So is what has neither alphabet's own characters.
    if url_safe or not (padded or "+" in like or "/" in like):
        packed = packed.translate(_STANDARD)
    return packed.decode() if padded else packed.decode().rstrip("=")
