"""Where a replay goes, and what in a recorded request must follow it there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Place:
    """Where a replay goes: the target's URL parts, and the recorded origins that become it."""

    scheme: str
    host: str
    port: int
    authority: bytes
    move: Callable[[bytes], bytes]


def place(target: str, origins: Sequence[bytes]) -> Place:
    """Parse a target URL; `origins` are `host:port` as clients named the recorded service."""
    parts = urlsplit(target)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    authority = parts.netloc.rpartition("@")[2].encode()
    origin = f"{parts.scheme}://".encode() + authority
    names = b"|".join(re.escape(o) for o in sorted(set(origins), key=len, reverse=True) if o)
    pattern = re.compile(rb"https?://(?:" + names + rb")(?![\w.:-])") if names else None
    return Place(
        parts.scheme,
        host,
        port,
        authority,
        (lambda literal: literal) if pattern is None else (lambda literal: pattern.sub(lambda _: origin, literal)),
    )


def origins(authorities: Iterable[bytes], upstream: str) -> list[bytes]:
    """Every `host[:port]` under which the recorded service was known; `authorities` as its clients named it."""
    return sorted({*authorities, urlsplit(upstream).netloc.encode()} - {b""})
