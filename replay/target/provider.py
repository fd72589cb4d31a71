"""The payment provider's double: turns test cards into confirmation tokens, and redeems each token once.

It stands on its own port because the real one does: what a browser says to it never passes the recorded service.
No number but the published test cards is taken, so no real one can end up in a recording.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from replay.target.refusals import answer

#: Stripe's published test cards (docs.stripe.com/testing) -> what redeeming says.
CARDS: Final = {
    "4242424242424242": "approved",
    "5555555555554444": "approved",
    "378282246310005": "approved",
    "4000000000000002": "declined",
}


def build() -> Starlette:
    """The provider's app; its tokens live as long as it does."""
    provider = _Provider()
    return Starlette(
        routes=[
            Route("/v1/confirmation_tokens", provider.create, methods=["POST"]),
            Route("/v1/confirmation_tokens/{id}/redeem", provider.redeem, methods=["POST"]),
        ]
    )


class _Provider:
    def __init__(self) -> None:
        self._cards: dict[str, str] = {}
        self._redeemed: set[str] = set()

    async def create(self, request: Request) -> Response:
        """402 for anything but a test card, 400 for a body without one."""
        try:
            number = str(orjson.loads(await request.body())["card"]["number"]).replace(" ", "")
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return _error(400, "invalid_request_error", "parameter_missing", "card.number is required.")
        if number not in CARDS:
            return _error(402, "card_error", "card_declined", "Test cards only.")
        token = f"ctoken_{secrets.token_hex(12)}"
        self._cards[token] = number
        return answer({"id": token, "object": "confirmation_token", "livemode": False, "last4": number[-4:]})

    async def redeem(self, request: Request) -> Response:
        """404 for an unknown token, 409 for one that was redeemed before, whatever came of it."""
        token = request.path_params["id"]
        if token not in self._cards:
            return _error(404, "invalid_request_error", "resource_missing", "No such confirmation token.")
        if token in self._redeemed:
            return _error(409, "invalid_request_error", "token_already_used", "This token was used before.")
        self._redeemed.add(token)
        outcome: dict[str, Any] = {"outcome": CARDS[self._cards[token]]}
        if outcome["outcome"] == "declined":
            outcome["decline_code"] = "generic_decline"
        return answer(outcome)


def _error(status: int, kind: str, code: str, message: str) -> Response:
    return answer({"error": {"type": kind, "code": code, "message": message}}, status)
