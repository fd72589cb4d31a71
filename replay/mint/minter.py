"""What mints a value that a browser got elsewhere: the plugin's interface, and what it is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from replay.mint.cards import Outcome
from traces.model import Exchange

#: What card providers hand to a browser.
Kind = Literal["confirmation token", "payment method", "card token"]

#: By how such a value begins, at Stripe and at its doubles; and by what its field is called, where it begins otherwise
#: (an anonymized one may).
_PREFIXES: Final[dict[str, Kind]] = {
    "ctoken_": "confirmation token",
    "pm_": "payment method",
    "tok_": "card token",
}
_FIELDS: Final[dict[str, Kind]] = {
    "confirmationtoken": "confirmation token",
    "confirmationtokenid": "confirmation token",
    "paymentmethod": "payment method",
    "paymentmethodid": "payment method",
    "stripetoken": "card token",
    "cardtoken": "card token",
}
_PREFIX: Final = re.compile(r"[a-z]{2,12}_")
_STEP: Final = re.compile(r"[A-Za-z][\w-]*")
#: `card`, `invoice`: a word of the API, not a value somebody issued.
_WORD: Final = re.compile(r"[A-Za-z_-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a request needs. (Without the recorded value: it is spent, and what it was for is said here.)

    slot: where it stands there, its lens path: `body.$.confirmation_token_id`.
    kind: of `Kind`, else how the recorded value began: `nonce_`, or nothing.
    card: what came of the recorded one; None when the answer did not say.
    """

    slot: str
    kind: str
    card: Outcome | None = None


def wanted(slot: str, text: str, card: Outcome | None = None) -> Wanted:
    """What is wanted where `text` was recorded."""
    prefix = _PREFIX.match(text)
    return Wanted(slot=slot, kind=kind_of(slot, text) or (prefix[0] if prefix else ""), card=card)


class Minter(Protocol):
    """Makes values that only a third party can make. A person's own class needs `wants` and `mint`.

    name:  for messages.
    alike: what it makes depends on the kind of value and the card alone, so that some can be made ahead.
    """

    name: str
    alike: bool

    def wants(self, slot: str, text: str) -> bool:
        """Can it make what stands at this slot (a lens path), where `text` was recorded?"""

    async def mint(self, recorded: Exchange, wanted: Wanted) -> str:
        """A new value for the request of this recorded exchange. Raises MintError."""

    async def aclose(self) -> None:
        """Close its connections."""


def kind_of(slot: str, text: str) -> Kind | None:
    """What kind of a card provider's value this is, by how it begins or else by its field's name; None for no such."""
    for prefix, kind in _PREFIXES.items():
        if text.startswith(prefix):
            return kind
    if _PREFIX.match(text) or _WORD.fullmatch(text):
        return None
    steps = _STEP.findall(slot)
    return _FIELDS.get(steps[-1].lower().replace("_", "").replace("-", "")) if steps else None
