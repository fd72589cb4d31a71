"""What fills the holes of a request: live values, stand-ins for people, fresh tokens, the present time.

Rule 1: a value that must be live and is not raises Unbound; a recorded secret is never sent in its place.
Rule 2: what a clone makes up depends on its key and the recorded text alone, so that it is the same wherever the
        recording has the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Protocol

from replay.bind.accounts import Login
from replay.bind.answer import Answer, derived, read
from replay.bind.dates import Dated
from replay.mint import Wanted
from replay.sign import JwtKey, SignError
from traces.anonymize import Personal, alike, stand_in
from traces.lens import Stencil
from traces.links import Selector, Source
from traces.links.recipes import combined

_BREAK: Final = re.compile(r"[\r\n\0]")


class Unbound(Exception):
    """Nothing could fill a hole. The text says what was looked for; `sources` are where, the best first."""

    def __init__(self, why: str, sources: tuple[Source, ...] = ()) -> None:
        super().__init__(why)
        self.sources = sources


@dataclass(slots=True, kw_only=True)
class Context:
    """What a clone knows when it fills a request.

    key:     the clone's sub-key.
    now:     unix time, ns.
    answers: to its own earlier steps.
    others:  to steps of other sessions, by session and step.
    cookies: what its jar holds.
    account: the login handed to this session.
    minted:  what minters made for this request.
    """

    key: bytes
    now: int = 0
    answers: Mapping[int, Answer] = field(default_factory=dict)
    others: Mapping[tuple[str, int], Answer] = field(default_factory=dict)
    cookies: Mapping[bytes, bytes] = field(default_factory=dict)
    account: Login | None = None
    minted: Mapping[Minted, str] = field(default_factory=dict)

    def answer(self, source: Source) -> Answer | None:
        """The answer that a source is read from, if it came."""
        if source.session is None:
            return self.answers.get(source.step)
        return self.others.get((source.session, source.step))


class Fill(Protocol):
    """Makes the text of a hole."""

    def text(self, context: Context, /) -> str:
        """The text for this clone, now. Raises Unbound when there is none."""


@dataclass(frozen=True, slots=True)
class Live:
    """A value of an earlier answer. `sources` are ranked; none: nothing in the recording could produce it.

    one_line: it stands in the request's head, where a line break in a live value would begin another header.
    cookie: the name of the cookie it is the value of, if it is one. What the jar has counts first.
    """

    sources: tuple[Source, ...]
    one_line: bool = False
    cookie: bytes = b""

    def text(self, context: Context, /) -> str:
        if self.cookie and (kept := context.cookies.get(self.cookie)) is not None:
            return kept.decode("utf-8", "surrogateescape")
        for source in self.sources:
            value = _value(source, context)
            if value is not None and not (self.one_line and _BREAK.search(value)):
                return value
        if not self.sources:
            raise Unbound("nothing in the recording before it issued this value")
        raise Unbound(f"no {self.sources[0].path}", self.sources)


@dataclass(frozen=True, slots=True)
class Person:
    """The recorded text with its personal parts replaced."""

    recorded: str
    parts: tuple[Personal, ...]

    def text(self, context: Context, /) -> str:
        out, position = [], 0
        for part in self.parts:
            out += [self.recorded[position : part.start], stand_in(context.key, part.kind, part.text)]
            position = part.end
        return "".join([*out, self.recorded[position:]])


@dataclass(frozen=True, slots=True)
class Fresh:
    """A token that the client makes up itself: another for each clone, of the recorded one's form."""

    recorded: str

    def text(self, context: Context, /) -> str:
        return alike(context.key, self.recorded)


@dataclass(frozen=True, slots=True)
class Moved:
    """An instant, as far from now as it was from the recorded request."""

    dated: Dated

    def text(self, context: Context, /) -> str:
        return self.dated.at(context.now)


@dataclass(frozen=True, slots=True)
class Credential:
    """The user or the password of the login handed to the session."""

    part: Literal["user", "password"]

    def text(self, context: Context, /) -> str:
        if context.account is None:
            raise Unbound("no account was handed to this session")
        return context.account.user if self.part == "user" else context.account.password


@dataclass(frozen=True, slots=True)
class Minted:
    """A value that only a third party can make, and a minter gets from it.

    minter: which of the run's, 0-based.
    place:  of the recorded exchange in its trace.
    """

    wanted: Wanted
    minter: int
    place: int

    def text(self, context: Context, /) -> str:
        return context.minted[self]


@dataclass(frozen=True, slots=True)
class Missing:
    """A value that nobody here can make; `why` says what to do about it."""

    why: str

    def text(self, _context: Context, /) -> str:
        raise Unbound(self.why)


@dataclass(frozen=True, slots=True)
class Constant:
    """What the operator said stands there."""

    value: str

    def text(self, _context: Context, /) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Resigned:
    """A JWT of the client's own, signed anew for each copy, its times as far from now as they were from then.

    recorded: as it was sent, at `at` (unix ns).
    made:     the same with holes in its claims, and `fills` what fills them; None when there are none.
    """

    key: JwtKey
    recorded: str
    made: Stencil | None
    fills: tuple[Fill, ...]
    at: int

    def text(self, context: Context, /) -> str:
        token = self.recorded
        if self.made is not None:
            token = self.made.render([fill.text(context) for fill in self.fills]).decode()
        try:
            # Down to whole seconds: a token issued a moment from now would be refused.
            return self.key.resign(token, shift=(context.now - self.at) // 10**9)
        except SignError as error:
            raise Unbound(str(error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """One stretch of a request that is not sent as recorded.

    slot: for messages: which slot it fills.
    """

    slot: str
    fill: Fill

    @property
    def fills(self) -> tuple[Fill, ...]:
        """What fills it, and what fills the holes in that."""
        return tuple(_all(self.fill)) if isinstance(self.fill, Resigned) else (self.fill,)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where its live values come from."""
        # Asked for every request that is sent, and few are signed.
        if not isinstance(self.fill, Resigned):
            return self.fill.sources if isinstance(self.fill, Live) else ()
        return tuple(source for fill in self.fills if isinstance(fill, Live) for source in fill.sources)

    @property
    def unbound(self) -> bool:
        """It must be live and nothing in the recording could produce it."""
        return any(
            isinstance(fill, Missing) or (isinstance(fill, Live) and not fill.sources and not fill.cookie)
            for fill in self.fills
        )

    @property
    def is_timeless(self) -> bool:
        """Once the answers it is read from are there, its text is the same whenever it is made."""
        return not isinstance(self.fill, Moved | Resigned) and not (isinstance(self.fill, Live) and self.fill.cookie)

    @property
    def is_personal(self) -> bool:
        """It holds a stand-in for a person."""
        return any(isinstance(fill, Person) for fill in self.fills)

    def text(self, context: Context) -> str:
        """What stands in it for this clone, now. Raises Unbound."""
        return self.fill.text(context)


def _all(fill: Fill) -> Iterator[Fill]:
    yield fill
    if isinstance(fill, Resigned):
        for inner in fill.fills:
            yield from _all(inner)


def _value(source: Source, context: Context) -> str | None:
    answer = context.answer(source)
    if any(selector.same is not None for selector in source.selectors):
        source = replace(source, selectors=tuple(_named(selector, context) for selector in source.selectors))
    text = None if answer is None else read(answer, source)
    if text is None or source.plus is None:
        return None if text is None else derived(text, source.recipe, source.like)
    other = _value(source.plus, context)
    return None if other is None else combined(text, other, source.recipe, source.like)


def _named(selector: Selector, context: Context) -> Selector:
    """The selector with what its item is called now."""
    text = None if selector.same is None else _value(selector.same, context)
    return selector if text is None else replace(selector, text=text)
