"""A visitor's browser: an HTTP client with the headers, the patience and the connections of one."""

from __future__ import annotations

import ssl
from typing import Final

import httpx

#: What a browser on the shop's page sends with each request; httpx adds host, accept-encoding and connection.
_HEADERS: Final = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
    "accept": "application/json",
    "accept-language": "en-US,en;q=0.9",
    "origin": "https://shop.example.com",
    "referer": "https://shop.example.com/",
}
# The target pings its streams every second, so ten seconds of silence are a dead server.
_TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)


class Browser(httpx.AsyncClient):  # noqa: TID251 - over one shared SSL context, so each costs little
    """One for each session: as between real visitors, neither connections nor cookies are shared."""

    def __init__(self, url: str, context: ssl.SSLContext) -> None:
        """Raises httpx.InvalidURL when `url` is none. `context` is the one of the whole drive."""
        super().__init__(base_url=url, verify=context, trust_env=False, timeout=_TIMEOUT, headers=_HEADERS)
