"""Until when a value holds, as fields and signed URLs write it. Unix seconds; nothing here reads a clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

#: Digits of a time since 1970 -> its unit in seconds.
_UNITS: Final = {10: 1.0, 13: 1e-3, 16: 1e-6, 19: 1e-9}
#: AWS and Google: from when, for how long, and the signature.
_LASTING: Final = (
    ("x-amz-date", "x-amz-expires", "x-amz-signature"),
    ("x-goog-date", "x-goog-expires", "x-goog-signature"),
)
#: Azure, then Google's and Amazon's older way and CloudFront's: until when, and the signature.
_UNTIL: Final = (("se", "sig"), ("expires", "signature"))


def instant(text: str) -> float | None:
    """The instant a text says: seconds to nanoseconds since 1970, an ISO 8601 or an HTTP date; None when it says none.

    Without an offset it is taken as UTC. A day, a year or a duration is no instant.
    """
    whole = text.partition(".")[0]
    if whole.isascii() and whole.isdigit():
        return float(text) * _UNITS[len(whole)] if len(whole) in _UNITS and _is_number(text) else None
    if not 16 <= len(text) <= 40:
        return None
    try:
        found = datetime.fromisoformat(text) if text[0].isdigit() else parsedate_to_datetime(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def until(fields: Mapping[str, str]) -> float | None:
    """Until when a signed URL with these fields in its query holds; None for a URL that is not signed.

    fields: by name, in lower case. (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html,
    https://cloud.google.com/storage/docs/authentication/signatures,
    https://learn.microsoft.com/rest/api/storageservices/create-service-sas)
    """
    for since, lasts, signature in _LASTING:
        if fields.keys() >= {since, lasts, signature}:
            start = instant(fields[since])
            return start + int(fields[lasts]) if start is not None and fields[lasts].isdecimal() else None
    for end, signature in _UNTIL:
        if fields.keys() >= {end, signature}:
            return instant(fields[end])
    return None
