"""Where connections go: resolved once, before the first, so that no name changes its mind during a run.

And why a connect failed, in a word.
"""

from __future__ import annotations

import errno
import socket
import ssl
from dataclasses import dataclass
from typing import Any, Final

_OURS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A target resolved.

    sockaddr: as `socket.connect` takes it.
    tls:      the one context all connections share (building one costs 60 ms), or None for plain HTTP.
    """

    host: str
    port: int
    family: socket.AddressFamily
    sockaddr: tuple[Any, ...]
    tls: ssl.SSLContext | None

    @property
    def ip(self) -> str:
        """The address as text, without its port."""
        return str(self.sockaddr[0])


def resolve(scheme: str, host: str, port: int, *, verify: bool = True) -> list[Address]:
    """Look the host up once: its addresses in the order to try them; `localhost` is often `::1`, then `127.0.0.1`.

    Raises OSError (socket.gaierror) when it has none.
    """
    context: ssl.SSLContext | None = None
    if scheme == "https":
        context = ssl.create_default_context()
        if not verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [
        Address(host=host, port=port, family=family, sockaddr=sockaddr, tls=context)
        for family, _, _, _, sockaddr in found
    ]


def why(error: BaseException) -> str:
    """A failed connect in a word or two; failures of our own machine say so."""
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, ssl.SSLError):
        return f"tls ({error.reason or 'failed'})"
    if isinstance(error, TimeoutError):
        return "connect timeout"
    if isinstance(error, OSError) and error.errno in _OURS:
        return f"ours ({error.strerror})"
    return f"connect ({error})"
