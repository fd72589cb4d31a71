"""Text that knows where it comes from. Every request of a world is built of it, so its truth holds by construction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from traces.lens.leaf import NAME


class Origin(Enum):
    """Why a stretch of a request reads as it does; where several meet in one value, the first of them counts."""

    LIVE = "live"  # derived from an earlier answer: a replay must send what its own answers say
    CLIENT = "client"  # made by the client for this request: a uuid, an idempotency key, an instant
    USER = "user"  # who the user is and what they want: an e-mail, a quantity, a word
    SHARED = "shared"  # the same in every run: a word of the API, an API key
    FRAME = "frame"  # punctuation around values


@dataclass(frozen=True, slots=True)
class Source:
    """A place in an answer: of which exchange, and the slot in the lens's words."""

    exchange: int
    slot: str


class Bit(NamedTuple):
    """A run of characters of one origin.

    within: where it stands inside the value it belongs to, when that is a document of its own: `|json.$.cart`.
    """

    text: str
    origin: Origin
    sources: tuple[Source, ...] = ()
    within: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A value as its bits. `number`: JSON writes it without quotes."""

    bits: tuple[Bit, ...]
    number: bool = False

    def __str__(self) -> str:
        return "".join(bit.text for bit in self.bits)

    def __add__(self, other: Text | str) -> Text:
        return Text(self.bits + text(other).bits)

    def __radd__(self, other: str) -> Text:
        return text(other) + self

    @property
    def origin(self) -> Origin:
        """The strongest of its bits' origins."""
        return min((bit.origin for bit in self.bits), key=_STRENGTH.index, default=Origin.SHARED)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every place it was read from, each once."""
        return tuple(dict.fromkeys(source for bit in self.bits for source in bit.sources))


_STRENGTH = list(Origin)


def text(value: Text | str | float) -> Text:
    """A plain string or number is shared: it stands in the client's code."""
    if isinstance(value, Text):
        return value
    return Text((Bit(str(value), Origin.SHARED),), number=not isinstance(value, str))


def made(value: str | int, origin: Origin, *sources: Source) -> Text:
    """A value of one origin."""
    return Text((Bit(str(value), origin, sources),), number=isinstance(value, int))


def derive(make: Callable[..., str], *given: Text, within: str = "", number: bool = False) -> Text:
    """One value computed from others: live when any of them is, else the client's, else the user's."""
    whole = sum(given, start=Text(()))
    return Text((Bit(make(*map(str, given)), whole.origin, whole.sources, within),), number=number)


def json_bits(value: Any, path: str = "$") -> Iterator[tuple[str, Bit, str]]:
    """Yield (written, bit, path) of a document in order, compact as browsers write it; punctuation has the path "".

    A key that is a Text is a value too, and what stands below it an item by its number, for in a twin it differs.
    """
    if isinstance(value, Mapping):
        yield _frame("{")
        for n, (key, item) in enumerate(value.items()):
            if isinstance(key, Text):
                yield _frame(',"' if n else '"')
                for bit in key.bits:
                    yield json.dumps(bit.text, ensure_ascii=False)[1:-1], bit, f"{path}[{n}]{NAME}"
                yield _frame('":')
                yield from json_bits(item, f"{path}[{n}]")
            else:
                yield _frame(f"{',' if n else ''}{json.dumps(key)}:")
                yield from json_bits(item, f"{path}.{key}")
        yield _frame("}")
    elif isinstance(value, list | tuple):
        yield _frame("[")
        for n, item in enumerate(value):
            if n:
                yield _frame(",")
            yield from json_bits(item, f"{path}[{n}]")
        yield _frame("]")
    elif value is None or isinstance(value, bool):
        word = {None: "null", True: "true", False: "false"}[value]
        yield word, Bit(word, Origin.SHARED), path
    else:
        whole = text(value)
        quote = "" if whole.number else '"'
        yield _frame(quote)
        for bit in whole.bits:
            yield (bit.text if whole.number else json.dumps(bit.text, ensure_ascii=False)[1:-1]), bit, path
        yield _frame(quote)


def json_text(value: Any) -> Text:
    """A document as one value, to stand inside another: `{"cart":"7f3a"}`."""
    return Text(
        tuple(
            bit._replace(text=written, within=f"|json.{path}{bit.within}" if path else "")
            for written, bit, path in json_bits(value)
            if written
        )
    )


def plain(value: Any) -> Any:
    """A document without its origins, as the server reads it."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Text):
        return int(str(value)) if value.number else str(value)
    return value


def _frame(written: str) -> tuple[str, Bit, str]:
    return written, Bit(written, Origin.FRAME), ""
