"""Cards by what comes of them: which published test card stands in for a recorded one.

Every number and name is of https://docs.stripe.com/testing; nothing else is ever sent to a provider.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Outcome(StrEnum):
    """What came of a payment; a decline goes by Stripe's code (https://docs.stripe.com/declines/codes)."""

    SUCCEEDED = "succeeded"
    DECLINED = "generic_decline"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    LOST = "lost_card"
    STOLEN = "stolen_card"
    EXPIRED = "expired_card"
    INCORRECT_CVC = "incorrect_cvc"
    PROCESSING_ERROR = "processing_error"
    TOO_OFTEN = "card_velocity_exceeded"
    FRAUDULENT = "fraudulent"
    AUTHENTICATION = "authentication_required"


@dataclass(frozen=True, slots=True)
class Card:
    """A published test card: its number, the PaymentMethod and the token that Stripe has ready for it."""

    number: str
    payment_method: str
    token: str


STRIPE: Final[Mapping[Outcome, Card]] = MappingProxyType(
    {
        Outcome.SUCCEEDED: Card("4242424242424242", "pm_card_visa", "tok_visa"),
        Outcome.DECLINED: Card("4000000000000002", "pm_card_visa_chargeDeclined", "tok_visa_chargeDeclined"),
        Outcome.INSUFFICIENT_FUNDS: Card(
            "4000000000009995",
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            "tok_visa_chargeDeclinedInsufficientFunds",
        ),
        Outcome.LOST: Card(
            "4000000000009987", "pm_card_visa_chargeDeclinedLostCard", "tok_visa_chargeDeclinedLostCard"
        ),
        Outcome.STOLEN: Card(
            "4000000000009979", "pm_card_visa_chargeDeclinedStolenCard", "tok_visa_chargeDeclinedStolenCard"
        ),
        Outcome.EXPIRED: Card("4000000000000069", "pm_card_chargeDeclinedExpiredCard", "tok_chargeDeclinedExpiredCard"),
        Outcome.INCORRECT_CVC: Card(
            "4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "tok_chargeDeclinedIncorrectCvc"
        ),
        Outcome.PROCESSING_ERROR: Card(
            "4000000000000119", "pm_card_chargeDeclinedProcessingError", "tok_chargeDeclinedProcessingError"
        ),
        Outcome.TOO_OFTEN: Card(
            "4000000000006975",
            "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
            "tok_visa_chargeDeclinedVelocityLimitExceeded",
        ),
        Outcome.FRAUDULENT: Card("4100000000000019", "pm_card_radarBlock", "tok_radarBlock"),
        Outcome.AUTHENTICATION: Card("4000000000003220", "pm_card_threeDSecure2Required", "tok_threeDSecure2Required"),
    }
)
