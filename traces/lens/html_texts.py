"""What a page tells its reader to keep: the number of an order on a page that says thank you, a voucher's code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

from traces.lens.html_tokens import Attribute
from traces.shapes import is_id_segment, is_issued

#: Longer texts are prose, with years and prices in it.
_LONGEST: Final = 80
_DIGIT: Final = re.compile(r"[0-9]")
#: Alone: no part of a date, a time, a price or an address.
_PIECE: Final = re.compile(
    r"(?<![\w.,:/@&;-])#?([A-Za-z0-9][A-Za-z0-9_-]{2,78}[A-Za-z0-9])(?![\w:/@;-]|[.,][0-9])", re.ASCII
)
_NUMBER: Final = re.compile(r"[0-9]{4,18}")
#: What shops number, and say so before the number.
_THING: Final = re.compile(
    r"\b(order|invoice|booking|reservation|ticket|basket|cart|customer|account|payment|receipt|shipment|delivery|parcel"
    r"|refund|return|voucher|coupon|quote|case|product|item)s?\b",
    re.ASCII | re.IGNORECASE,
)


Span = tuple[int, int]


def issued_in(page: str, span: Span) -> Iterator[tuple[Literal["number", "token"], Attribute]]:
    """The running numbers of four digits or more and the issued tokens in a short text at a span of a page."""
    start, end = span
    if end - start > _LONGEST or _DIGIT.search(page, start, end) is None:
        return
    for match in _PIECE.finditer(page, start, end):
        piece = match[1]
        if _NUMBER.fullmatch(piece):
            yield "number", Attribute(piece, *match.span(1), "html")
        elif is_issued(piece) and is_id_segment(piece):
            yield "token", Attribute(piece, *match.span(1), "html")


def thing_before(page: str, at: int, text: Span, before: Span) -> str | None:
    """What the words before a number say that it is of, in its own text or in the short one before it."""
    for start, end in ((text[0], at), before):
        if end - start <= _LONGEST and (found := list(_THING.finditer(page, start, end))):
            return found[-1][1].lower()
    return None
