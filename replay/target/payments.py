"""The target's side of a payment: redeem a confirmation token at the provider."""

from __future__ import annotations

import asyncio
import contextlib
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import quote

import orjson

from replay.target import refusals

_TIMEOUT: Final = 5.0  # seconds


class Payments:
    """Redeems tokens at the provider that listens on `host` and `port`.

    The standard library's client, in a thread: importing httpx would double the time a target takes to start.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    async def redeem(self, token_id: str) -> None:
        """Returns when the payment is approved.

        Raises RefusedError: 400 for a declined card or a token that is unknown or used up, 503 without a provider.
        """
        try:
            status, body = await asyncio.to_thread(self._post, f"/v1/confirmation_tokens/{quote(token_id, '')}/redeem")
        except (OSError, HTTPException) as error:
            raise refusals.provider_down() from error
        if status != 200:
            raise refusals.payment_failed("this confirmation token is not valid")
        if orjson.loads(body)["outcome"] != "approved":
            raise refusals.payment_failed("your card was declined")

    def _post(self, path: str) -> tuple[int, bytes]:
        with contextlib.closing(HTTPConnection(self._host, self._port, timeout=_TIMEOUT)) as connection:
            connection.request("POST", path)
            response = connection.getresponse()
            return response.status, response.read()
