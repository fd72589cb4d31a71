"""The fields of a HAR's JSON, none of which is believed before its type is known; and its texts as bytes.

Rule: whatever is wrong raises ValueError with a text that says where in its entry and what, "timings.wait is not a
number", and nothing else does.
"""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import Any, Final

#: Charsets that a body may be in beside UTF-8. A fixed list: among Python's codecs are some that a purpose-made text
#: makes slow (idna), and some that are no charsets at all.
_CHARSETS: Final = re.compile(
    r"iso-8859-\d{1,2}|windows-125\d|shift_jis|euc-(jp|kr)|gb2312|gbk|gb18030|big5|koi8-[ru]", re.IGNORECASE
)
_CHARSET: Final = re.compile(r";\s*charset\s*=\s*\"?([\w-]+)", re.IGNORECASE)
_DATE: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,30}))?\s*(?:(Z)|([+-]\d\d):?(\d\d))?", re.IGNORECASE | re.ASCII
)


class Fields:
    """One JSON object; null and absent are the same.

    at: where in its entry it stands, "request." or "" for the entry itself.
    """

    __slots__ = ("_at", "raw")

    def __init__(self, raw: Any, at: str = "") -> None:
        if type(raw) is not dict:
            raise ValueError(f"{at.rstrip('.') or 'it'} is not an object")
        self.raw: dict[str, Any] = raw
        self._at = at

    def text(self, name: str) -> str | None:
        """A text."""
        value = self.raw.get(name)
        if value is not None and type(value) is not str:
            raise ValueError(f"{self._at}{name} is not a text")
        return value

    def need(self, name: str) -> str:
        """A text that must be there and not be empty."""
        value = self.text(name)
        if not value:
            raise ValueError(f"{self._at}{name} is missing")
        return value

    def number(self, name: str) -> float | None:
        """A number; true and false are none."""
        value = self.raw.get(name)
        if value is not None and type(value) not in {int, float}:
            raise ValueError(f"{self._at}{name} is not a number")
        return value

    def whole(self, name: str) -> int | None:
        """A number without a fraction."""
        value = self.number(name)
        if value is not None and type(value) is not int:
            raise ValueError(f"{self._at}{name} is not a whole number")
        return value

    def flag(self, name: str) -> bool | None:
        """True or false."""
        value = self.raw.get(name)
        if value is not None and type(value) is not bool:
            raise ValueError(f"{self._at}{name} is not true or false")
        return value

    def items(self, name: str) -> list[Any]:
        """A list; an absent one is empty."""
        value = self.raw.get(name)
        if value is not None and type(value) is not list:
            raise ValueError(f"{self._at}{name} is not a list")
        return value or []

    def inner(self, name: str) -> Fields:
        """An object; an absent one is empty."""
        value = self.raw.get(name)
        return Fields({} if value is None else value, f"{self._at}{name}.")

    def each(self, name: str) -> list[Fields]:
        """A list of objects."""
        return [Fields(item, f"{self._at}{name}[{number}].") for number, item in enumerate(self.items(name))]

    def base64(self, name: str) -> bytes | None:
        """The bytes of a text in base64; blanks in it are passed over."""
        text = self.text(name)
        return None if text is None else bytes_of_base64(text, f"{self._at}{name}")

    def instant(self, name: str) -> int:
        """An ISO 8601 date and time as ns since 1970, to the last digit it has; UTC when it names no zone."""
        match = _DATE.fullmatch(self.need(name).strip())
        try:
            if match is None:
                raise ValueError("not of that form")
            day, time, fraction, _, hours, minutes = match.groups()
            moment = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)
        except ValueError:
            raise ValueError(f"{self._at}{name} is not a date and time") from None
        # A trace's instants are signed 64-bit ns: 292 years.
        if not 1970 <= moment.year < 2200:
            raise ValueError(f"{self._at}{name} is not a date of this age")
        offset = (int(hours) * 60 + int(hours[0] + minutes)) * 60 if hours else 0
        whole = int(moment.timestamp()) - offset
        return whole * 10**9 + int(f"{fraction or 0:0<9}"[:9])


def bytes_of_base64(text: Any, where: str) -> bytes:
    """The bytes of a text in base64. Raises ValueError, naming `where`, when it is none."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, AttributeError):
        raise ValueError(f"{where} is not base64") from None


def to_bytes(text: str) -> bytes:
    """The bytes behind a text: UTF-8; what mitmproxy smuggled through as lone surrogates becomes its bytes again."""
    for errors in ("strict", "surrogateescape"):
        try:
            return text.encode("utf-8", errors)
        except UnicodeEncodeError:
            continue
    return text.encode("utf-8", "replace")


def clean(text: str) -> str:
    """The text without what UTF-8 cannot hold (JSON can: lone surrogates)."""
    return to_bytes(text).decode("utf-8", "replace")


def text_to_body(text: str, mime: str) -> bytes:
    """A body's bytes before its tool made text of them: in the charset that `mime` names, else UTF-8."""
    charset = _charset(mime)
    if charset is not None:
        try:
            return text.encode(charset)
        except (UnicodeEncodeError, LookupError):
            pass  # The tool did not translate it, or named a charset it is not in.
    return to_bytes(text)


def body_to_text(body: bytes, mime: str) -> str | None:
    """The text that `text_to_body` makes exactly these bytes of; None when there is none."""
    for charset in (_charset(mime), "utf-8"):
        if charset is not None:
            try:
                text = body.decode(charset)
            except (UnicodeDecodeError, LookupError):
                continue
            if text_to_body(text, mime) == body:
                return text
    return None


def _charset(mime: str) -> str | None:
    match = _CHARSET.search(mime)
    return match[1] if match and _CHARSETS.fullmatch(match[1]) else None
