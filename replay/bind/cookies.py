"""One client's cookies, kept and sent back as a browser does (RFC 6265): a jar for each clone.

Only what a replay needs: one target, so a cookie's domain is the target's whatever it says, and whether it is Secure
matters only over plain HTTP to another machine, where a browser would not send it either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

from traces.model import HeaderPairs

#: A jar holds this many cookies, as browsers do for one site (6.1: at least 50); the oldest goes.
_MOST: Final = 180
#: Name and value together (6.1: at least 4096 bytes).
_LONGEST: Final = 4096 + 64
_NUMBER: Final = re.compile(rb"-?\d{1,18}")


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie. `path` is where it is sent to; `expires` in ns on the clock that `Jar` is told, None at no time."""

    name: bytes
    value: bytes
    path: bytes
    expires: int | None


class Jar:
    """The cookies of one client of the target."""

    def __init__(self) -> None:
        self._cookies: dict[tuple[bytes, bytes], Cookie] = {}

    def take(self, headers: HeaderPairs, target: bytes, now: int) -> None:
        """Keep what an answer to a request for `target` sets; forget what it deletes.

        now: unix time, ns.
        """
        for name, value in headers:
            if name.lower() == b"set-cookie" and (cookie := parse(value, target, now)) is not None:
                key = (cookie.name, cookie.path)
                if cookie.expires is not None and cookie.expires <= now:
                    self._cookies.pop(key, None)
                    continue
                if key not in self._cookies and len(self._cookies) >= _MOST:
                    del self._cookies[next(iter(self._cookies))]
                self._cookies[key] = cookie

    def all(self) -> dict[bytes, bytes]:
        """Every cookie by its name, wherever it is sent to."""
        return {cookie.name: cookie.value for cookie in self._cookies.values()}

    def matching(self, target: bytes, now: int) -> dict[bytes, bytes]:
        """What a browser sends with a request for `target`: longer paths first, then older cookies (5.4); of two of one
        name the first counts.
        """
        path = target.partition(b"?")[0]
        found = [c for c in self._cookies.values() if _matches(path, c.path) and (c.expires is None or c.expires > now)]
        found.sort(key=lambda cookie: -len(cookie.path))
        sent: dict[bytes, bytes] = {}
        for cookie in found:
            sent.setdefault(cookie.name, cookie.value)
        return sent


def parse(header: bytes, target: bytes, now: int) -> Cookie | None:
    """A Set-Cookie header (5.2); None for what a browser ignores."""
    pair, *attributes = header.split(b";")
    name, sign, value = pair.partition(b"=")
    name, value = name.strip(), value.strip()
    if not sign or not name or len(name) + len(value) > _LONGEST or b"\r" in header or b"\n" in header:
        return None
    path, expires, max_age = _default_path(target), None, None
    for attribute in attributes:
        key, _, own = attribute.partition(b"=")
        key, own = key.strip().lower(), own.strip()
        if key == b"path":
            path = own if own.startswith(b"/") else _default_path(target)
        elif key == b"max-age" and _NUMBER.fullmatch(own):
            max_age = now + int(own) * 1_000_000_000 if int(own) > 0 else 0
        elif key == b"expires" and (instant := _instant(own)) is not None:
            expires = instant
    return Cookie(name, value, path, expires if max_age is None else max_age)


def _default_path(target: bytes) -> bytes:
    """The directory of the request (5.1.4)."""
    path = target.partition(b"?")[0]
    return path[: path.rfind(b"/")] or b"/" if path.startswith(b"/") else b"/"


def _matches(path: bytes, wanted: bytes) -> bool:
    """Path-match (5.1.4)."""
    return path == wanted or (path.startswith(wanted) and (wanted.endswith(b"/") or path[len(wanted) :][:1] == b"/"))


def _instant(text: bytes) -> int | None:
    """A cookie date, unix ns; `Thu, 01-Jan-1970 00:00:00 GMT` too, as old servers write it."""
    try:
        return int(parsedate_to_datetime(text.decode("ascii").replace("-", " ")).timestamp() * 1e9)
    except (ValueError, IndexError, TypeError, OverflowError, UnicodeDecodeError):
        return None
