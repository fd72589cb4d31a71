"""A rendered request's head: lines of bytes, read and changed in place, so that order and case of headers stay."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from replay.sign.errors import SignError

_BREAK: Final = re.compile(r"[\r\n\0]")


class Head:
    """The head of a request that is about to be sent.

    data: request line and header lines as HTTP/1.1, each ended by CRLF, without the empty line and Content-Length.
    """

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    @property
    def method(self) -> str:
        """`POST`."""
        return self.data[: self.data.index(b" ")].decode("latin-1")

    @property
    def target(self) -> str:
        """The request target as it is sent, percent-encoded: `/hooks/stripe?v=1`."""
        return self.data.split(b" ", 2)[1].decode("latin-1")

    def get(self, name: str) -> str | None:
        """The first value of a header, whatever its case; None when it is not there."""
        match = _line(name).search(self.data)
        return None if match is None else match[2].decode("latin-1")

    def set(self, values: Mapping[str, str]) -> None:
        """Give headers new values where they stand; one that is not there goes to the end.

        Raises SignError for a value that would begin another line.
        """
        for name, value in values.items():
            if _BREAK.search(value):
                raise SignError(f"A signer made a value for {name} with a line break in it; a header has none.")
            line = value.encode("latin-1", "replace")
            self.data, found = _line(name).subn(lambda match, line=line: match[1] + line, self.data)  # type: ignore[misc]  # bound for the lambda
            if not found:
                self.data += b"%b: %b\r\n" % (name.encode("latin-1"), line)


@lru_cache(maxsize=256)
def _line(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"(\r\n%b:[ \t]*)([^\r\n]*)" % re.escape(name.encode("latin-1")), re.IGNORECASE)
