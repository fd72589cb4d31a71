"""The payment provider's double: test cards only, and every token once."""

from __future__ import annotations

import pytest
from httpx import Client  # noqa: TID251 - the fixture's one client a test

from replay.target import Target


def tokenize(http: Client, target: Target, number: str) -> str:
    response = http.post(f"{target.provider_url}/v1/confirmation_tokens", json={"card": {"number": number}})
    return f"{target.provider_url}/v1/confirmation_tokens/{response.json()['id']}/redeem"


@pytest.mark.parametrize("number", ["4242424242424242", "5555555555554444", "378282246310005", "4242 4242 4242 4242"])
def test_a_test_card_is_approved(http: Client, target: Target, number: str) -> None:
    assert http.post(tokenize(http, target, number)).json() == {"outcome": "approved"}


def test_the_declined_test_card_says_why(http: Client, target: Target) -> None:
    answer = http.post(tokenize(http, target, "4000000000000002")).json()
    assert answer == {"outcome": "declined", "decline_code": "generic_decline"}


@pytest.mark.parametrize("number", ["4242424242424242", "4000000000000002"])
def test_a_token_is_redeemed_once_whatever_came_of_it(http: Client, target: Target, number: str) -> None:
    redeem = tokenize(http, target, number)
    http.post(redeem)
    assert http.post(redeem).status_code == 409


def test_an_unknown_token_is_404(http: Client, target: Target) -> None:
    assert http.post(f"{target.provider_url}/v1/confirmation_tokens/ctoken_none/redeem").status_code == 404


def test_a_number_that_is_no_test_card_is_refused(http: Client, target: Target) -> None:
    card = {"card": {"number": "4111111111111111"}}
    response = http.post(f"{target.provider_url}/v1/confirmation_tokens", json=card)
    assert (response.status_code, response.json()["error"]["message"]) == (402, "Test cards only.")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"card": null}', b'{"card": {}}'])
def test_a_body_without_a_card_is_400(http: Client, target: Target, body: bytes) -> None:
    assert http.post(f"{target.provider_url}/v1/confirmation_tokens", content=body).status_code == 400
