"""What clients make of values before they send them: encodings, parts, hashes, sums. Origins pass through."""

from __future__ import annotations

import base64 as b64
import hashlib
import json
import re
from decimal import Decimal
from urllib.parse import quote, urlsplit

from bench.twins.text import Text, derive, json_text


def base64(value: Text) -> Text:
    """Base64 with padding, of the value's UTF-8."""
    return derive(lambda plain: b64.b64encode(plain.encode()).decode(), value, within="|base64")


def base64url(value: Text) -> Text:
    """URL-safe base64 without padding, as JWTs and cursors have it."""
    return derive(lambda plain: b64.urlsafe_b64encode(plain.encode()).decode().rstrip("="), value, within="|base64url")


def base64url_padded(value: Text) -> Text:
    """URL-safe base64 with its padding, as Python and Go write it."""
    return derive(lambda plain: b64.urlsafe_b64encode(plain.encode()).decode(), value, within="|base64url")


def unbase64url(value: Text) -> Text:
    """The text that URL-safe base64 stands for."""
    return derive(from_base64url, value)


def from_base64url(value: str) -> str:
    """The same for plain strings."""
    return b64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode()


def percent(value: Text) -> Text:
    """`encodeURIComponent`, bit by bit, so that what is live inside an address stays told apart."""
    return Text(tuple(bit._replace(text=quote(bit.text, safe="-._~!*'()")) for bit in value.bits))


def field(document: Text, *keys: str) -> Text:
    """A field of a JSON document that came as a string."""

    def pick(plain: str) -> str:
        value = json.loads(plain)
        for key in keys:
            value = value[key]
        return str(value)

    return derive(pick, document)


def claim(token: Text, name: str) -> Text:
    """A claim of a JWT (RFC 7519, 4)."""
    return derive(lambda plain: str(json.loads(from_base64url(plain.split(".")[1]))[name]), token)


def basic(name: Text, secret: Text) -> Text:
    """What follows `Basic ` (RFC 7617)."""
    return base64(name + ":" + secret)


def part(value: Text, pattern: str) -> Text:
    """The first group of `pattern` in the value."""

    def cut(plain: str) -> str:
        match = re.search(pattern, plain)
        if match is None:
            raise ValueError(f"no {pattern} in {plain!r}")
        return match[1]

    return derive(cut, value)


def address(url: Text) -> Text:
    """Path and query of an absolute or relative URL, to be asked for as they are."""

    def cut(plain: str) -> str:
        parts = urlsplit(plain)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    return derive(cut, url)


def total(*amounts: Text) -> Text:
    """The sum of JSON numbers, as a JSON number."""
    return derive(lambda *plain: str(sum(map(Decimal, plain))), *amounts, number=True)


def sha256_hex(value: Text) -> Text:
    return derive(lambda plain: hashlib.sha256(plain.encode()).hexdigest(), value, within="|sha256")


def sha256_base64url(value: Text) -> Text:
    """A code challenge (RFC 7636, 4.2)."""
    return derive(
        lambda plain: b64.urlsafe_b64encode(hashlib.sha256(plain.encode()).digest()).decode().rstrip("="),
        value,
        within="|sha256|base64url",
    )


def sha256_base64(value: Text) -> Text:
    """As digest headers and integrity attributes have it: padded."""
    return derive(
        lambda plain: b64.b64encode(hashlib.sha256(plain.encode()).digest()).decode(), value, within="|sha256|base64"
    )


def sha256_base64url_padded(value: Text) -> Text:
    return derive(
        lambda plain: b64.urlsafe_b64encode(hashlib.sha256(plain.encode()).digest()).decode(),
        value,
        within="|sha256|base64url",
    )


def upper(value: Text) -> Text:
    """In capitals."""
    return derive(str.upper, value)


def lower(value: Text) -> Text:
    """In small letters."""
    return derive(str.lower, value)


def quoted(value: Text) -> Text:
    """The same as a string of JSON."""
    return Text(value.bits)


def number(value: Text) -> Text:
    """The same as a number of JSON: `"000017"` is 17."""
    return derive(lambda plain: str(int(plain)), value, number=True)


def md5_hex(value: Text) -> Text:
    return derive(lambda plain: hashlib.md5(plain.encode(), usedforsecurity=False).hexdigest(), value, within="|md5")


def sha1_base64(value: Text) -> Text:
    return derive(
        lambda plain: b64.b64encode(hashlib.sha1(plain.encode(), usedforsecurity=False).digest()).decode(),
        value,
        within="|sha1|base64",
    )


def state(value: object) -> Text:
    """URL-safe base64 of a JSON document: cursors, and what travels through a login and back."""
    return base64url(json_text(value))
