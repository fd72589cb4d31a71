"""Which requests make an order, by the words of their paths and operations: what a run causes beyond its answers."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
from typing import Final

from traces.shapes import words

#: What changes something, as HTTP has it (RFC 9110, 9.2.1).
CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
#: A step called so is the last of a checkout; where there is none, it may be any below one of the others.
_LAST: Final = frozenset(words("confirm complete place finalize finalise finish purchase buy"))
_NEAR: Final = frozenset(words("order checkout pay payment"))
#: E-mails are confirmed too, profiles completed, and an address of an order is no order.
_OTHER: Final = frozenset(
    words(
        "email mail password account user profile login logout register registration newsletter search webhook upload "
        "cancel refund item line address shipping delivery quantity coupon voucher session token state method update "
        "remove set get intent"
    )
)
_ELSEWHERE: Final = frozenset(words("email password newsletter user account"))
_PARAMETER: Final = re.compile(r"\{[^}]*\}")


@lru_cache(maxsize=4096)
def stage(endpoint: str) -> int:
    """How near a request comes to an order: 2 for the step that ends a checkout, 1 for one that may, 0 for all else.

    endpoint: "POST /v1/checkouts/{id}/confirm"; of GraphQL's "POST /graphql#completeCheckout" the path says nothing.
    """
    method, _, path = endpoint.partition(" ")
    if method not in {"POST", "PUT"}:
        return 0
    path, _, operation = path.partition("#")
    literal = [operation] if operation else [part for part in _PARAMETER.sub("", path).split("/") if part]
    last, around = set(words(literal[-1] if literal else "")), set(chain(*map(words, literal)))
    if last & _OTHER or around & _ELSEWHERE:
        return 0
    return 2 if last & _LAST else 1 if around & _NEAR else 0
