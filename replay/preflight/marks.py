"""What a field's name says of its value: that it expires, that it can be used once, that it signs a URL.

Names decide here and values nowhere: of a value one can only say how random it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from traces.shapes import words

#: expires    an instant until which something holds; signed: a part of a signed URL's query
#: once       a one-time password; code: perhaps one of OAuth's; ticket: perhaps that of a link in a mail
#: query      perhaps a GraphQL document; operation: the name of what is asked for in it
Mark = Literal["", "expires", "signed", "once", "code", "ticket", "query", "operation"]

_LAST: Final = re.compile(r"[^.|]+$")
_INDEX: Final = re.compile(r"\[\d+\]$")
_EXPIRES: Final = re.compile(
    r"exp|(.*_)?(expire|expiry|expiration)(_(at|on|date|time|timestamp))?|valid_(until|to)|not_(on_or_)?after"
)
_ONCE: Final = re.compile(
    r"(.*_)?(otp|totp|mfa|2fa|one_time)(_(code|pin|token|password|pass))?"
    r"|(.*_)?(sm|verification|verify|auth|authorization|authentication|magic|login)_(code|pin)"
)
_TICKET: Final = re.compile(r"token|key|ticket|signature|oob_code|t")
#: What signs a URL, and until when: AWS (Signature Version 4), Google, Azure (SAS), CloudFront and those who do alike.
SIGNED: Final = frozenset(
    "x-amz-date x-amz-expires x-amz-signature x-goog-date x-goog-expires x-goog-signature expires se signature sig "
    "googleaccessid".split()
)


#: By a field's name, its words joined.
_NAMED: Final[tuple[tuple[Mark, re.Pattern[str]], ...]] = (
    ("query", re.compile(r"query")),
    ("operation", re.compile(r"operation_name")),
    ("expires", _EXPIRES),
    ("once", _ONCE),
    ("code", re.compile(r"code")),
    ("ticket", _TICKET),
)


@lru_cache(maxsize=4096)
def mark(path: str) -> Mark:
    """What a leaf's lens path says of its value; "" for almost all."""
    if path == "body":
        return "query"
    if path.startswith("path["):
        return "ticket"
    found = _LAST.search(path)
    raw = "" if found is None else _INDEX.sub("", found[0])
    if raw.lower() in SIGNED and url_of(path) is not None:
        return "signed"
    name = "_".join(words(raw))
    return next((said for said, pattern in _NAMED if pattern.fullmatch(name)), "")


def url_of(path: str) -> str | None:
    """Of a query's field, the path of the URL it is of: "" for the request's own; None for what is no such field."""
    if path.startswith("query.") and "|" not in path:
        return ""
    outer, bar, below = path.rpartition("|")
    return outer if bar and below.startswith("url.query.") else None


#: Where OAuth's codes are handed over, and where the links in mails lead.
_OAUTH: Final = re.compile(r"oauth|oidc|openid|callback|sso|authorize|/token\b", re.IGNORECASE)
_MAILED: Final = re.compile(r"magic|verif|activat|reset|invit|confirm-?_?e-?mail|passwordless", re.IGNORECASE)
_SEGMENT: Final = re.compile(r"path\[(\d+)\]")


@lru_cache(maxsize=1024)
def is_spent(said: Mark, endpoint: str, path: str) -> bool:
    """Is what stands at this path of this endpoint a value that could be used once?"""
    if said == "once":
        return True
    if said == "code":
        return _OAUTH.search(endpoint) is not None
    if said != "ticket" or not _MAILED.search(endpoint):
        return False
    segment = _SEGMENT.fullmatch(path)
    if segment is None:
        return True
    segments = endpoint.partition(" ")[2].split("/")
    place = int(segment[1])
    return place < len(segments) and segments[place].startswith("{")
