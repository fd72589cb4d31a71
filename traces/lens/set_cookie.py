"""What an answer's Set-Cookie headers leave in the browser of one cookie (RFC 6265, 5.2 and 5.3)."""

from __future__ import annotations

import re
from typing import Final

from traces.lens.coding import text_of
from traces.model import HeaderPairs, header_value

_NUMBER: Final = re.compile(rb"-?\d{1,18}")
#: Without a Date, an Expires before this instant (2000, unix time in s) has passed: servers delete with one of 1970.
_LONG_AGO: Final = 946_684_800


def cookie_text(headers: HeaderPairs, name: bytes) -> str | None:
    """The cookie's value as a browser has it afterwards: the last of a name counts; None for one that is deleted."""
    found: bytes | None = None
    for key, value in headers:
        if key.lower() == b"set-cookie":
            pair, _, attributes = value.partition(b";")
            own, sign, text = pair.partition(b"=")
            if sign and own.strip() == name:
                found = None if _is_over(attributes, headers) else text.strip()
    return text_of(found) if found else None


def _is_over(attributes: bytes, headers: HeaderPairs) -> bool:
    expires: float | None = None
    for attribute in attributes.split(b";"):
        key, _, value = attribute.partition(b"=")
        key, value = key.strip().lower(), value.strip()
        if key == b"max-age" and _NUMBER.fullmatch(value):
            return int(value) <= 0  # it counts before Expires
        if key == b"expires":
            expires = _instant(value)
    if expires is None:
        return False
    now = _instant(header_value(headers, b"date") or b"")
    return expires <= (_LONG_AGO if now is None else now)


def _instant(date: bytes) -> float | None:
    """Unix time in s; None for what is no date. Old servers write `01-Jan-1970`."""
    from email.utils import mktime_tz, parsedate_tz  # here, for most cookies have no date

    try:
        parsed = parsedate_tz(date.decode("ascii").replace("-", " "))
        return None if parsed is None else mktime_tz(parsed)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
