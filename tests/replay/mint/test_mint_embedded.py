"""The embedded provider's tokens pay for an order at the embedded target, once each; a declined card is declined."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from httpx import Client  # noqa: TID251 - the fixture's one client a test

from replay.mint import EmbeddedMinter, MintError, Outcome, outcome_of, wanted
from replay.target import Target
from tests.capture.origins import Origin, ok, says
from tests.replay.mint.exchanges import confirmed

SLOT = "body.$.confirmation_token_id"


def mint(url: str, *cards: Outcome | None) -> list[str]:
    """A token for each of these cards, by one minter."""

    async def all_of_them() -> list[str]:
        minter = EmbeddedMinter(url)
        try:
            return [await minter.mint(confirmed(), wanted(SLOT, "ctoken_1", card)) for card in cards]
        finally:
            await minter.aclose()

    return asyncio.run(all_of_them())


Buy = Callable[[str], Outcome | None]


@pytest.fixture
def buy(http: Client, organization: dict[str, str], products: dict[str, str]) -> Buy:
    """Confirms a new checkout with a token, and reads what came of it as from a recording."""

    def bought(token: str) -> Outcome | None:
        body = {"product_id": products["paid"], "customer_email": "ada@example.com"}
        secret = http.post("/v1/checkouts/", json=body, headers=organization).json()["client_secret"]
        answer = http.post(f"/v1/checkouts/client/{secret}/confirm", json={"confirmation_token_id": token})
        return outcome_of(confirmed(answer.status_code, answer.json()))

    return bought


@pytest.mark.parametrize(
    ("card", "comes_out"),
    [
        (None, Outcome.SUCCEEDED),
        (Outcome.SUCCEEDED, Outcome.SUCCEEDED),
        (Outcome.DECLINED, Outcome.DECLINED),
        (Outcome.INSUFFICIENT_FUNDS, Outcome.DECLINED),
        (Outcome.EXPIRED, Outcome.DECLINED),
    ],
)
def test_what_came_of_the_recorded_payment_comes_of_the_replayed_one(
    buy: Buy, target: Target, card: Outcome | None, comes_out: Outcome
) -> None:
    (token,) = mint(target.provider_url, card)
    assert buy(token) is comes_out


def test_every_token_is_new_and_good_once(buy: Buy, target: Target) -> None:
    tokens = mint(target.provider_url, None, None, None)
    bought = [buy(token) for token in (*tokens, tokens[0])]
    assert (len(set(tokens)), bought) == (3, [Outcome.SUCCEEDED] * 3 + [Outcome.DECLINED])


def test_it_wants_confirmation_tokens_and_nothing_else() -> None:
    minter = EmbeddedMinter("http://127.0.0.1:1")
    slots = [(SLOT, "ctoken_1a"), (SLOT, "x8k2m0qq"), ("body.$.pm", "pm_1a"), ("body.$.id", "ctoken_2"), (SLOT, "none")]
    assert [minter.wants(*slot) for slot in slots] == [True, True, False, True, False]


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "http://", "ftp://127.0.0.1", "http://127.0.0.1:notaport"])
def test_an_address_that_is_none_is_refused_before_the_run(url: str) -> None:
    with pytest.raises(MintError, match=r"--minter embedded=http://127\.0\.0\.1:PORT|write it like http"):
        EmbeddedMinter(url)


def test_a_provider_that_is_not_there_is_said_with_what_to_look_at() -> None:
    with pytest.raises(
        MintError, match=r"The payment provider at http://127\.0\.0\.1:1 does not answer.*`replay target`"
    ):
        mint("http://127.0.0.1:1", None)


def test_an_address_of_something_else_is_said() -> None:
    with (
        Origin(says(ok(b'{"hello": 1}'))) as origin,
        pytest.raises(MintError, match="answers 200 and no token; name the provider"),
    ):
        mint(origin.url, None)


def test_a_card_that_asks_its_holder_is_refused_rather_than_approved() -> None:
    with pytest.raises(MintError, match="no card that asks its holder; leave such sessions out"):
        mint("http://127.0.0.1:1", Outcome.AUTHENTICATION)
