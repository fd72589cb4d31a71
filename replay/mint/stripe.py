"""Mints at Stripe's test API, as its documentation has it; never with a live key.

Stripe's limit is 25 requests a second in a sandbox, and it asks not to be load-tested
(https://docs.stripe.com/rate-limits): values are made a few at a time and ahead, and the rate of a replay's payments
should stay below that limit.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from replay.mint.asking import Provider
from replay.mint.cards import STRIPE, Card, Outcome
from replay.mint.errors import MintError
from replay.mint.minter import Kind, Wanted, kind_of
from replay.sign.keyring import Secret
from traces.model import Exchange

API: Final = "https://api.stripe.com"
_TEST: Final = ("sk_test_", "rk_test_")
#: Any date ahead of all of ours; any three digits (https://docs.stripe.com/testing#use-test-cards).
_CARD: Final = {"card[exp_month]": "12", "card[exp_year]": "2044", "card[cvc]": "314"}


class StripeMinter:
    """Confirmation tokens, PaymentMethods and card tokens of Stripe's test mode."""

    name = "stripe"
    alike = True

    def __init__(
        self,
        key: Secret,
        *,
        base: str = API,
        proxy: str | None = None,
        fields: Mapping[str, str] | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """key: a secret or restricted test key.
        base:   where the API is; another one over plain HTTP must be on this machine, for it is told the key.
        proxy:  of HTTP, to get there by.
        fields: more of a confirmation token, as Stripe names them: `setup_future_usage=off_session`, `return_url`.
        pause:  waits so many seconds before Stripe is asked again.

        Raises MintError.
        """
        value = key.reveal().decode("utf-8", "replace")
        if value.startswith(("sk_live_", "rk_live_")):
            raise MintError(
                f"The key of {key.source} is a live one, with which real cards are charged; give a test key, which "
                "begins with sk_test_ or rk_test_."
            )
        if not value.startswith(_TEST) or not value.isascii() or not value.isprintable():
            raise MintError(f"What {key.source} holds is no test key of Stripe; one begins with sk_test_ or rk_test_.")
        _check(base)
        self._source = key.source
        self._fields = dict(fields or {})
        self._provider = Provider(base, headers={"authorization": f"Bearer {value}"}, proxy=proxy, pause=pause)

    def wants(self, slot: str, text: str) -> bool:
        """Whatever Stripe hands to a browser."""
        return kind_of(slot, text) is not None

    async def mint(self, recorded: Exchange, wanted: Wanted) -> str:  # noqa: ARG002 - every exchange gets a card's
        """A new value of the wanted kind, for the test card with the recorded outcome."""
        card = STRIPE[wanted.card or Outcome.SUCCEEDED]
        match wanted.kind:
            case "confirmation token":
                return await self._confirmation_token(card)
            case "payment method":
                return await self._payment_method(card)
            case "card token":
                return await self._card_token(card)
        raise MintError(f"Stripe makes nothing for {wanted.slot}; say --minter FILE.py:NAME for what does.")

    async def aclose(self) -> None:
        """Close its connections."""
        await self._provider.aclose()

    async def _confirmation_token(self, card: Card) -> str:
        """https://docs.stripe.com/api/confirmation_tokens/test_create"""
        data = any(name.startswith("payment_method_data") for name in self._fields)
        form = self._fields if data else {"payment_method": card.payment_method, **self._fields}
        status, answer = await self._post("/v1/test_helpers/confirmation_tokens", form)
        return self._id("confirmation token", status, answer)

    async def _payment_method(self, card: Card) -> str:
        """https://docs.stripe.com/api/payment_methods/create, of a published token: few accounts may send numbers."""
        status, answer = await self._post("/v1/payment_methods", {"type": "card", "card[token]": card.token})
        return self._id("payment method", status, answer)

    async def _card_token(self, card: Card) -> str:
        """https://docs.stripe.com/api/tokens/create_card

        Most accounts may not send numbers; Stripe then says to use its published token, which can be used many times.
        """
        status, answer = await self._post("/v1/tokens", {"card[number]": card.number, **_CARD})
        return card.token if status in {400, 402} else self._id("card token", status, answer)

    async def _post(self, path: str, form: Mapping[str, str]) -> tuple[int, Any]:
        try:
            return await self._provider.post(path, form=form)
        except MintError as error:
            raise MintError(
                f"Stripe's test API at {error}; look at the network, or try fewer sessions at once."
            ) from error

    def _id(self, kind: Kind, status: int, answer: Any) -> str:
        answer = answer if isinstance(answer, dict) else {}
        if answer.get("livemode") is True:
            raise MintError(
                f"Stripe made a {kind} in live mode with the key of {self._source}; revoke it and take a test key."
            )
        if status == 200 and isinstance(answer.get("id"), str):
            return str(answer["id"])
        if status == 401:
            raise MintError(f"Stripe does not take the key of {self._source}; copy a test key from its dashboard.")
        if status == 403:
            raise MintError(
                f"The key of {self._source} may not make a {kind}; let it write them in Stripe's dashboard, or give a "
                "sk_test_ key."
            )
        error = answer.get("error")
        said = str(error.get("message", "") if isinstance(error, dict) else "").split("\n")[0][:200]
        raise MintError(
            f"Stripe makes no {kind} ({status}: {said or 'without a reason'}); see its log in the dashboard."
        )


def _check(base: str) -> None:
    parts = urlsplit(base)
    host = parts.hostname or ""
    if parts.scheme == "https" and host:
        return
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if parts.scheme != "http" or not local:
        raise MintError(f"{base} would get Stripe's key in the clear; give an https address, or one on this machine.")
