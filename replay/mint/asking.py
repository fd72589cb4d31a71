"""How a minter asks its provider: one client, few connections, patience with a provider that is busy.

Rule 1: whatever the network or the provider does ends in an answer or in a MintError of one sentence.
Rule 2: a request that is repeated has the same Idempotency-Key, so that it makes one thing
        (https://docs.stripe.com/api/idempotent_requests).
"""

from __future__ import annotations

import asyncio
import json
import secrets
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from replay.mint.errors import MintError

_TIMEOUT: Final = 10.0  # seconds, for one attempt
_ATTEMPTS: Final = 4
_FIRST_PAUSE: Final = 0.5  # seconds; doubles with every attempt
_LONGEST_PAUSE: Final = 8.0  # seconds, whatever Retry-After says: a session is waiting


class Provider:
    """A provider's API at `base`. Made before the run: importing httpx and loading certificates would hold it up."""

    def __init__(
        self,
        base: str,
        *,
        headers: Mapping[str, str] | None = None,
        proxy: str | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """headers: of every request.
        proxy: an HTTP proxy's address; the environment is not asked for one.
        pause: waits so many seconds; tests do not.

        Raises MintError for what is no address.
        """
        import httpx

        self.base = base.rstrip("/")
        self._pause = pause
        # Certificates cost 60 ms to load, once; what listens on this machine mostly has none.
        secure = urlsplit(self.base).scheme == "https"
        context = ssl.create_default_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            self._client = httpx.AsyncClient(  # noqa: TID251 - the one of this provider, over one SSL context
                base_url=self.base,
                headers=dict(headers or {}),
                verify=context,
                proxy=proxy,
                trust_env=False,
                timeout=_TIMEOUT,
            )
        except (httpx.InvalidURL, ValueError) as error:
            said = f"{base} by {proxy} is" if proxy else f"{base} is"
            raise MintError(f"{said} no address ({error}); write it like http://127.0.0.1:9000.") from error

    async def post(self, path: str, *, form: Mapping[str, str] | None = None, body: object = None) -> tuple[int, Any]:
        """The answer's status and JSON (None when it is none) to a form, or to `body` as JSON.

        A provider that is busy (429) or broken (5xx) is asked again. Raises MintError when it cannot be reached.
        """
        import httpx

        headers = {"idempotency-key": secrets.token_hex(16)}
        why = ""
        for attempt in range(_ATTEMPTS):
            wait = _FIRST_PAUSE * 2**attempt
            try:
                answer = await self._client.post(path, data=form, json=body, headers=headers)
            except httpx.TransportError as error:
                why = f"does not answer ({type(error).__name__})"
                if isinstance(error, httpx.ConnectError):
                    break
            else:
                if answer.status_code != 429 and answer.status_code < 500:
                    return answer.status_code, _document(answer.content)
                why = f"answers {answer.status_code} again and again"
                wait = _seconds(answer.headers.get("retry-after"), wait)
            if attempt + 1 < _ATTEMPTS:
                await self._pause(min(wait, _LONGEST_PAUSE))
        raise MintError(f"{self.base} {why}")

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.aclose()


def _document(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _seconds(text: str | None, otherwise: float) -> float:
    """Retry-After in seconds; its other form, a date, is no use to who has no clock."""
    return float(text) if text is not None and text.isascii() and text.isdigit() else otherwise
