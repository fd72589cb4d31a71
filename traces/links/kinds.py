"""What a request slot holds that no answer feeds: shared state, or what the client makes up itself.

Rule 1: the same in every session, and looking issued or called an id: shared state, a parameter of the replay.
Rule 2: another in every session, looking issued: made by the client, so a copy of the session makes its own. Unless its
        name says that somebody else must have issued it, such as a payment provider: then it is minted or missing.
Rule 3: what a server set before the recording began (a cookie, a login) is neither: nobody can make it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from traces.lens.leaf import NAME
from traces.lens.operation import SLOTS
from traces.links.model import Slot

#: parameter: shared state. generated: made by the client. minted: issued by a third party, single-use.
Kind = Literal["parameter", "generated", "minted"]

#: One slot's values are looked at until so many different ones are known.
_VALUES: Final = 512
#: Constant over at least so many sessions (FIELD 5).
_SESSIONS: Final = 3
#: Looking issued at least so often.
_ISSUED: Final = 0.9

_FIELD: Final = re.compile(r"[A-Za-z][\w-]*")
#: What clients make themselves, by the names that standards and habit give it.
_CLIENT_MADE: Final = re.compile(
    r"idempoten|request.?id|correlation|traceparent|tracestate|trace.?id|nonce|(^|[.-])session.?id|client.?(mutation|ref)"
    r"|device.?id|boundary|message.?id",
    re.IGNORECASE,
)
_FOREIGN: Final = re.compile(
    r"token|secret|payment_?method|^source$|_intent|signature|hmac|ticket|receipt", re.IGNORECASE
)
#: What people type, once or again; or what an office gave them, whose check digits would not survive.
_TYPED: Final = re.compile(
    r"pass(word|wd|phrase|code)(?!.*(token|key))|pass\d*$|^pin$|^otp$|voucher|coupon|promo|gift.?card"
    r"|(^|_)(iban|bic|(vat|tax)(_?(id|number|no))?)$",
    re.IGNORECASE,
)
_ID: Final = re.compile(r"(^|[a-z_-])(id|key|token|code|sku)$", re.IGNORECASE)
#: Codes that are the same everywhere, whoever's service it is.
_EVERYWHERE: Final = re.compile(
    r"(country|currency|lang(uage)?|locale|post(al)?|zip|area|dial(l?ing)?|state|region|province)[_-]?code$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Owners:
    """Which sessions carried which values at one slot. (Session numbers; values are hashes.)"""

    first: dict[int, int] = field(default_factory=dict)
    shared: set[int] = field(default_factory=set)
    sessions: int = 0
    _last: int = -1

    def add(self, value: int, session: int) -> None:
        """Count one sighting in; sessions come one after another."""
        if session != self._last:
            self.sessions += 1
            self._last = session
        owner = self.first.get(value)
        if owner is None:
            if len(self.first) < _VALUES:
                self.first[value] = session
        elif owner != session:
            self.shared.add(value)


def kind_of(slot: Slot, owners: Owners, *, issued: float, set_by_server: bool) -> Kind | None:
    """What stands at a slot that nothing feeds; None for what people enter, for words of the API, and for rule 3.

    issued: share of the sightings that look issued, 0..1.
    set_by_server: some answer sets the cookie of that name.
    """
    if slot.path.endswith(NAME) and slot.path.startswith(("form.", "query.", "multipart.")):
        return None  # a field is called as its service calls it
    if "#" in slot.endpoint and slot.path in SLOTS:
        return None  # what an operation is called is a word of the API, however long
    name = parameter_name(slot)
    looks_issued = issued >= _ISSUED
    if len(owners.first) == 1 and owners.sessions >= _SESSIONS:
        named = _ID.search(name) and not _EVERYWHERE.search(name) and not slot.path.startswith("path[")
        return "parameter" if looks_issued or named else None
    if not looks_issued or owners.shared or set_by_server or slot.path.startswith("auth.") or _TYPED.search(name):
        return None
    client_made = _CLIENT_MADE.search(slot.path) is not None
    if _FOREIGN.search(name) and not client_made:
        return "minted"
    several = owners.sessions > 1 and len(owners.first) > 1
    return "generated" if several or client_made else None


def parameter_name(slot: Slot) -> str:
    """What a slot is called on the command line: its last field's name; a bearer token is `api_token`."""
    # A piece has no name but that of the value it is a piece of.
    path = slot.path.partition("|parts[")[0]
    if path.startswith("auth.") and "|" not in path:
        return "api_token"
    words = [word for word in _FIELD.findall(path.rpartition("|")[2]) if word not in {"body", "header"}]
    if slot.path.startswith("path["):
        number = int(slot.path[5 : slot.path.index("]")])
        parts = slot.endpoint.partition(" ")[2].split("/")
        words = [parts[number].strip("{}")] if number < len(parts) else []
    return words[-1].replace("-", "_") if words else "value"
