"""What came of a recorded payment is read from its answer, however the shop worded it; a decline stays a decline."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from replay.mint import STRIPE, Outcome, outcome_of
from replay.target.provider import CARDS
from tests.replay.mint.exchanges import confirmed, unanswered
from tests.traces.strategies import exchanges
from traces.anonymize.detect import is_card

DECLINED = {"error": {"type": "card_error", "code": "card_declined", "message": "Your card was declined."}}


def declined(code: str, message: str = "Your card was declined.", decline_code: str | None = None) -> dict[str, Any]:
    """Stripe's error object (https://docs.stripe.com/api/errors)."""
    error = {"type": "card_error", "code": code, "message": message}
    return {"error": error if decline_code is None else error | {"decline_code": decline_code}}


@pytest.mark.parametrize(
    ("code", "decline_code", "outcome"),
    [
        ("card_declined", "generic_decline", Outcome.DECLINED),
        ("card_declined", "insufficient_funds", Outcome.INSUFFICIENT_FUNDS),
        ("card_declined", "lost_card", Outcome.LOST),
        ("card_declined", "stolen_card", Outcome.STOLEN),
        ("card_declined", "card_velocity_exceeded", Outcome.TOO_OFTEN),
        ("card_declined", "fraudulent", Outcome.FRAUDULENT),
        ("card_declined", "do_not_honor", Outcome.DECLINED),
        ("card_declined", None, Outcome.DECLINED),
        ("expired_card", None, Outcome.EXPIRED),
        ("incorrect_cvc", None, Outcome.INCORRECT_CVC),
        ("processing_error", None, Outcome.PROCESSING_ERROR),
        ("authentication_required", "authentication_required", Outcome.AUTHENTICATION),
    ],
)
def test_stripes_codes_are_read_wherever_they_stand(code: str, decline_code: str | None, outcome: Outcome) -> None:
    error = declined(code, decline_code=decline_code)
    wrapped = {"ok": False, "errors": [{"extensions": error}]}
    assert [outcome_of(confirmed(402, error)), outcome_of(confirmed(200, wrapped))] == [outcome, outcome]


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("Your card was declined.", Outcome.DECLINED),
        ("Your card has insufficient funds.", Outcome.INSUFFICIENT_FUNDS),
        ("Your card has expired.", Outcome.EXPIRED),
        ("Your card's security code is incorrect.", Outcome.INCORRECT_CVC),
        ("An error occurred while processing your card. Try again in a little bit.", Outcome.PROCESSING_ERROR),
        (
            "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
            Outcome.TOO_OFTEN,
        ),
        ("Your card was declined. This transaction requires authentication.", Outcome.AUTHENTICATION),
    ],
)
def test_a_shop_that_passes_on_only_the_sentence_is_understood(message: str, outcome: Outcome) -> None:
    graphql = {"data": {"addPaymentToOrder": {"errorCode": "X", "paymentErrorMessage": message}}}
    said = [confirmed(400, {"detail": message}), confirmed(200, graphql)]
    assert [outcome_of(exchange) for exchange in said] == [outcome, outcome]


@pytest.mark.parametrize(
    ("status", "document", "outcome"),
    [
        (200, {"status": "succeeded"}, Outcome.SUCCEEDED),
        (200, {"status": "confirmed", "customer_session_token": None}, Outcome.SUCCEEDED),
        (201, {"id": 7}, Outcome.SUCCEEDED),
        (303, None, Outcome.SUCCEEDED),
        (200, {"status": "requires_action", "next_action": {"type": "use_stripe_sdk"}}, Outcome.AUTHENTICATION),
        (200, {"status": "confirmed", "metadata": {"intent_status": "requires_action"}}, Outcome.AUTHENTICATION),
        (200, {"status": "requires_payment_method"}, Outcome.DECLINED),
        (
            200,
            {"status": "succeeded", "product": {"description": "Stickers for your security code"}},
            Outcome.SUCCEEDED,
        ),
        (402, {}, Outcome.DECLINED),
        (400, {"error": "PaymentError", "detail": "No."}, Outcome.DECLINED),
        (400, {"error": "BadRequest", "detail": "No."}, None),
        (403, {"error": "NotOpenCheckout", "detail": "Checkout is not open: confirmed"}, None),
        (422, {"detail": [{"loc": ["body", "email"], "msg": "Field required", "type": "missing"}]}, None),
        (429, {"error": "TooManyRequests"}, None),
        (500, {}, None),
    ],
)
def test_the_status_speaks_where_the_body_does_not(status: int, document: object, outcome: Outcome | None) -> None:
    assert outcome_of(confirmed(status, document)) is outcome


def test_a_page_that_speaks_of_security_codes_is_no_decline() -> None:
    assert outcome_of(confirmed(200, body=b"<p>Enter the security code of your card")) is Outcome.SUCCEEDED


def test_a_confirm_without_an_answer_says_nothing() -> None:
    assert outcome_of(unanswered()) is None


@given(exchanges)
def test_any_exchange_at_all_can_be_asked(exchange: Any) -> None:
    assert outcome_of(exchange) in {None, *Outcome}


def test_every_outcome_has_a_published_card_of_its_own() -> None:
    numbers = [card.number for card in STRIPE.values()]
    assert set(STRIPE) == set(Outcome)
    assert len(set(numbers)) == len(numbers)
    assert all(is_card(number) for number in numbers)


def test_the_embedded_provider_takes_the_cards_it_is_asked_with() -> None:
    cards = [STRIPE[Outcome.SUCCEEDED].number, STRIPE[Outcome.DECLINED].number]
    assert [CARDS[number] for number in cards] == ["approved", "declined"]
