"""What came of a recorded payment, read from the answer to the request that carried the card or its token.

A shop wraps its provider's answer as it likes, so the words are looked for wherever they stand: the provider's codes
first, then its sentences, then the status. GraphQL and Polar say 200 to a payment that still needs its customer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from replay.mint.cards import Outcome
from traces import lens
from traces.lens.leaf import Leaf
from traces.model import Exchange, Response

#: Codes that say it all, wherever they stand (https://docs.stripe.com/error-codes).
_CODES: Final = {
    **{str(outcome): outcome for outcome in Outcome if outcome is not Outcome.SUCCEEDED},
    "card_declined": Outcome.DECLINED,
    "invalid_cvc": Outcome.INCORRECT_CVC,
    "payment_intent_authentication_failure": Outcome.AUTHENTICATION,
    "requires_action": Outcome.AUTHENTICATION,
    "requires_source_action": Outcome.AUTHENTICATION,
}
#: Said of a payment whose card was refused; a checkout that was never paid says it too, but not to a confirm.
_REFUSED: Final = frozenset({"requires_payment_method", "requires_source", "payment_failed"})
#: Stripe's sentences for customers, which shops pass on; the more particular first.
_SENTENCES: Final = (
    (re.compile(r"insufficient funds", re.IGNORECASE), Outcome.INSUFFICIENT_FUNDS),
    (re.compile(r"card (?:has|is) expired|expired card", re.IGNORECASE), Outcome.EXPIRED),
    (re.compile(r"security code|\bCVC\b|\bCVV\b", re.IGNORECASE), Outcome.INCORRECT_CVC),
    (re.compile(r"processing your card", re.IGNORECASE), Outcome.PROCESSING_ERROR),
    (re.compile(r"repeated attempts too frequently", re.IGNORECASE), Outcome.TOO_OFTEN),
    (
        re.compile(r"requires? authentication|authenticate (?:your|this) (?:card|payment)", re.IGNORECASE),
        Outcome.AUTHENTICATION,
    ),
    (re.compile(r"card was declined|card declined|declined your card", re.IGNORECASE), Outcome.DECLINED),
)
#: Under such names an answer tells of errors.
_TOLD: Final = re.compile(r"error|reason|failure|declin", re.IGNORECASE)
#: What shops call it when nothing more is said: Polar's `PaymentError`.
_FAILED: Final = re.compile(r"(?:payment|card).?(?:error|failed|failure|declined|required)", re.IGNORECASE)


def outcome_of(exchange: Exchange) -> Outcome | None:
    """What came of the payment this exchange confirmed; None when its answer does not say.

    A refusal that is not about the card (403, 422, 429, 5xx) says nothing: any card may stand there.
    """
    answer = exchange.response
    if answer is None:
        return None
    leaves = lens.response_leaves(answer)
    found = _decline_code(leaves) or _code(leaves) or _sentence(leaves, refused=answer.status >= 400)
    return found or _by_status(answer, leaves)


def _decline_code(leaves: Sequence[Leaf]) -> Outcome | None:
    """The card issuer's reason; one that no test card is published for is a decline all the same."""
    for leaf in leaves:
        if leaf.keys and leaf.keys[-1] in {"decline_code", "declineCode"} and not leaf.number and leaf.text:
            return _CODES.get(leaf.text, Outcome.DECLINED)
    return None


def _code(leaves: Sequence[Leaf]) -> Outcome | None:
    return next((_CODES[leaf.text] for leaf in leaves if leaf.text in _CODES), None)


def _sentence(leaves: Sequence[Leaf], *, refused: bool) -> Outcome | None:
    # In an answer that refuses, every sentence is about that; elsewhere only where errors are told, for a product's
    # description may speak of security codes too.
    said = [
        leaf.text
        for leaf in leaves
        if " " in leaf.text and len(leaf.text) < 500 and leaf.keys and (refused or _TOLD.search(_names(leaf)))
    ]
    for pattern, outcome in _SENTENCES:
        if any(pattern.search(text) for text in said):
            return outcome
    return None


def _names(leaf: Leaf) -> str:
    return " ".join(key for key in leaf.keys if isinstance(key, str))


def _by_status(answer: Response, leaves: Sequence[Leaf]) -> Outcome | None:
    if answer.status == 402 or any(leaf.text in _REFUSED for leaf in leaves):
        return Outcome.DECLINED
    if answer.status == 400:
        return Outcome.DECLINED if any(leaf.keys and _FAILED.search(leaf.text) for leaf in leaves) else None
    return Outcome.SUCCEEDED if 200 <= answer.status < 400 else None
