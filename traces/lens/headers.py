"""The leaves of a message's headers: cookies, authorization, and what else is not the business of one hop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from traces.lens.coding import text_of
from traces.lens.leaf import NAME, Leaf, make
from traces.model import HeaderPairs

#: RFC 9110, 11.4: an authentication scheme's name, then what it carries.
_SCHEME: Final = re.compile(rb"([A-Za-z0-9!#$%&'*+.^_`|~-]++) ++")

#: Headers that belong to one hop or to the codec, never to the user's flow.
_PLUMBING: Final = frozenset(
    b"host connection keep-alive te trailer transfer-encoding upgrade content-length content-encoding date server "
    b"accept accept-encoding accept-language accept-charset vary via age cache-control pragma".split()
)
#: Longer values are read anew each time: what is remembered must not grow large.
_SHORT: Final = 512


def header_leaves(headers: HeaderPairs, *, request_side: bool, names: bool = False) -> list[Leaf]:
    """The values of the headers in their order; cookies one by one. Names: the cookies' only."""
    leaves: list[Leaf] = []
    for index, (name, value) in enumerate(headers):
        if len(value) <= _SHORT:
            leaves += _known(index, name, value, request_side, names)
        else:
            leaves += _read(index, name, value, request_side, names)
    return leaves


@lru_cache(maxsize=8192)
def _known(index: int, name: bytes, value: bytes, request_side: bool, names: bool) -> tuple[Leaf, ...]:
    # Most of a client's headers are those of its last request.
    return tuple(_read(index, name, value, request_side, names))


def _read(index: int, raw_name: bytes, value: bytes, request_side: bool, names: bool) -> Iterator[Leaf]:
    name = raw_name.lower()
    if name in _PLUMBING or not value:
        return
    if name == b"cookie" and request_side:
        yield from _cookies(index, value, value.split(b";"), names)
    elif name == b"set-cookie" and not request_side:
        yield from _cookies(index, value, value.split(b";", 1)[:1], names)
    elif name == b"authorization" and (scheme := _SCHEME.match(value)):
        label = f"auth.{scheme[1].decode('latin-1').lower()}"
        yield _leaf(index, label, value, scheme.end(), len(value))
    else:
        yield _leaf(index, f"header.{name.decode('latin-1')}", value, 0, len(value))


def _cookies(index: int, header: bytes, pairs: list[bytes], names: bool) -> Iterator[Leaf]:
    """`sid=1; theme=dark` as leaves, white space around a name and a value left out (RFC 6265, 5.2)."""
    position = 0
    for pair in pairs:
        name, sign, value = pair.partition(b"=")
        path = f"cookie.{name.strip().decode('latin-1')}"
        if names and name.strip():
            start = position + len(name) - len(name.lstrip())
            yield _leaf(index, path + NAME, header, start, start + len(name.strip()))
        if sign and name.strip():
            start = position + len(name) + 1 + len(value) - len(value.lstrip())
            yield _leaf(index, path, header, start, start + len(value.strip()))
        position += len(pair) + 1


def _leaf(index: int, path: str, value: bytes, start: int, end: int) -> Leaf:
    return make(("header", path, start, end, text_of(value[start:end]), "raw", index, (), False, None, ""))
