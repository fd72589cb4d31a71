"""Mints at the embedded target's payment provider: a confirmation token for one of its two test cards."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from replay.mint.asking import Provider
from replay.mint.cards import STRIPE, Outcome
from replay.mint.errors import MintError
from replay.mint.minter import Wanted, kind_of
from traces.model import Exchange

_EXAMPLE: Final = "--minter embedded=http://127.0.0.1:PORT"


class EmbeddedMinter:
    """Confirmation tokens of the provider that `replay target` runs beside the API."""

    name = "embedded"
    alike = True

    def __init__(self, url: str) -> None:
        """url: the provider's, as `replay target` prints it. Raises MintError for what is none."""
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise MintError(
                f"The embedded provider's address is missing; say {_EXAMPLE}, as `replay target` prints it."
            )
        self._provider = Provider(url)

    def wants(self, slot: str, text: str) -> bool:
        """Confirmation tokens only: its checkout takes nothing else."""
        return kind_of(slot, text) == "confirmation token"

    async def mint(self, recorded: Exchange, wanted: Wanted) -> str:  # noqa: ARG002 - every exchange gets a card's
        """A token that nobody redeemed. Every decline is its one declined card's; it has no 3-D Secure."""
        if wanted.card is Outcome.AUTHENTICATION:
            raise MintError(
                "The embedded provider has no card that asks its holder; leave such sessions out (`replay cut`), or "
                "replay them against a target with Stripe behind it."
            )
        card = STRIPE[Outcome.SUCCEEDED if wanted.card in {None, Outcome.SUCCEEDED} else Outcome.DECLINED]
        try:
            status, answer = await self._provider.post(
                "/v1/confirmation_tokens", body={"card": {"number": card.number}}
            )
        except MintError as error:
            raise MintError(
                f"The payment provider at {error}; is `replay target` running, and is it this port?"
            ) from error
        if status != 200 or not isinstance(answer, dict) or not isinstance(answer.get("id"), str):
            raise MintError(f"{self._provider.base} answers {status} and no token; name the provider: {_EXAMPLE}.")
        return str(answer["id"])

    async def aclose(self) -> None:
        """Close its connections."""
        await self._provider.aclose()
