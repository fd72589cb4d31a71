"""Where connections go: resolved once, before the first, so that no name changes its mind during a run."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import Any


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


def resolve(scheme: str, host: str, port: int, *, verify: bool = True) -> Address:
    """Look the host up once. Raises OSError (socket.gaierror) when it has no address."""
    family, _, _, _, sockaddr = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    context: ssl.SSLContext | None = None
    if scheme == "https":
        context = ssl.create_default_context()
        if not verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
    return Address(host=host, port=port, family=family, sockaddr=sockaddr, tls=context)
