"""How text is written where a leaf stands: the bytes that mean it, and where in them each character is.

Rule 1: whatever reads a leaf's text undoes exactly one of these codings, and `encode` is its inverse.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from html.entities import html5
from typing import Final, Literal
from urllib.parse import quote, quote_plus

#: raw      as it is, in UTF-8
#: percent  a path segment (RFC 3986)
#: component  as encodeURIComponent writes it: everything that could mean something anywhere in a URL is escaped
#: plus     a form's field: percent, and + for a space
#: json     between the quotes of a JSON string; `script` is that inside an HTML script, where `</` would end it
#: html     text, or an attribute's value between quotes; `bare` is a value that has none
#: quoted   a name in a multipart header (WHATWG's form-data: %22, %0D, %0A)
#: block    between the three quotes of a GraphQL block string
Coding = Literal["raw", "percent", "component", "plus", "json", "script", "html", "bare", "quoted", "block"]

_LONE: Final = re.compile(r"[\ud800-\udfff]")
_HTML: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
_QUOTED: Final = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
#: An attribute's value needs no quotes without these (WHATWG HTML, 13.1.2.3).
_BARE: Final = re.compile(r"[^\s\"'=<>`&]+")
_REFERENCE: Final = re.compile(rb"&(?:#[0-9]++;?+|#[xX][0-9a-fA-F]++;?+|[A-Za-z][A-Za-z0-9]*+[;=]?+)")
_JSON_ESCAPE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^u])"
)


def utf8(text: str) -> bytes:
    """Never raises: a byte that was no UTF-8 is that byte again, half a surrogate pair its three bytes."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def text_of(data: bytes) -> str:
    """The inverse of `utf8`, but for halves of surrogate pairs."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str, coding: Coding) -> bytes:
    """`text` as the bytes that stand for it inside a span of this coding (JSON: between the quotes).

    Never raises: what no UTF-8 has (half a surrogate pair) becomes JSON's escape, elsewhere the byte it was read from.
    """
    return _ENCODERS[coding](text)


def offsets(raw: bytes, coding: Coding, wanted: Sequence[int]) -> list[int] | None:
    """Where bytes of the text's UTF-8 stand in `raw`, which is the text in this coding.

    wanted: offsets in the text's bytes, ascending. None when one of them lies inside an escape, or when no part of the
    text can be written without the rest.
    """
    unit = _UNITS.get(coding)
    if unit is None:
        return list(wanted)
    if coding == "bare":
        return None  # text that is put in may need the quotes that the value has not
    pattern, meant = unit
    found: list[int] = []
    # The text's and the raw bytes' position behind the escape last passed: up to the next one they run in step.
    in_text = in_raw = 0
    escapes = pattern.finditer(raw)
    for offset in wanted:
        while True:
            match = next(escapes, None)
            start = len(raw) if match is None else match.start()
            if match is None or offset <= in_text + start - in_raw:
                # Not past this escape: it is looked at again for the next offset.
                escapes = pattern.finditer(raw, start)
                break
            in_text += start - in_raw + len(meant(match[0]))
            in_raw = match.end()
            if offset < in_text:
                return None
        found.append(in_raw + offset - in_text)
    return found


def unescape(raw: bytes) -> bytes:
    """HTML's character references undone, as in an attribute: `&copy=` in a URL is no copyright sign."""
    return _REFERENCE.sub(lambda match: _referred(match[0]), raw) if b"&" in raw else raw


def _referred(reference: bytes) -> bytes:
    name = reference[1:].decode()
    if name.startswith("#"):
        # No character has more digits, and int() refuses thousands of them.
        return (html.unescape(f"&{name}") if len(name) < 12 else "\ufffd").encode()
    known = html5.get(name)
    return reference if known is None else known.encode()


def _json(text: str) -> bytes:
    quoted = json.dumps(text, ensure_ascii=False)[1:-1]
    return _LONE.sub(lambda half: f"\\u{ord(half[0]):04x}", quoted).encode()


def _bare(text: str) -> bytes:
    return utf8(text) if _BARE.fullmatch(text) else b'"%b"' % utf8(text.translate(_HTML))


def _block(text: str) -> bytes:
    escaped = text.replace('"""', '\\"""')
    # Either would make the closing quotes something else; a last empty line is no part of a block string.
    return utf8(escaped + "\n" if escaped.endswith(('"', "\\")) else escaped)


_ENCODERS: Final[Mapping[Coding, Callable[[str], bytes]]] = {
    "raw": utf8,
    "percent": lambda text: quote(utf8(text), safe="-._~!$&'()*+,;=:@").encode(),
    "component": lambda text: quote(utf8(text), safe="-._~!*'()").encode(),
    "plus": lambda text: quote_plus(utf8(text), safe="-._~*").encode(),
    "json": _json,
    "script": lambda text: _json(text).replace(b"<", b"\\u003c"),
    "html": lambda text: utf8(text.translate(_HTML)),
    "bare": _bare,
    "quoted": lambda text: utf8(text.translate(_QUOTED)),
    "block": _block,
}


def _json_meant(escape: bytes) -> bytes:
    return utf8(json.loads(b'"%b"' % escape))


#: An escape of a coding, and the bytes it means. In every other coding, bytes stand for themselves.
_UNITS: Final[Mapping[Coding, tuple[re.Pattern[bytes], Callable[[bytes], bytes]]]] = {
    "percent": (re.compile(rb"%[0-9a-fA-F]{2}"), lambda _: b"."),
    "component": (re.compile(rb"%[0-9a-fA-F]{2}"), lambda _: b"."),
    "plus": (re.compile(rb"%[0-9a-fA-F]{2}"), lambda _: b"."),
    "quoted": (re.compile(rb"%(?:22|0[aAdD])"), lambda _: b"."),
    "json": (_JSON_ESCAPE, _json_meant),
    "script": (_JSON_ESCAPE, _json_meant),
    "html": (_REFERENCE, _referred),
    "bare": (_REFERENCE, _referred),
    "block": (re.compile(rb'\\"""'), lambda _: b'"""'),
}
