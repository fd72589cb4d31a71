"""People and instants in a request: who is replaced by a stand-in, and what moves to the present."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from replay.bind.accounts import Login, is_users
from replay.bind.dates import dated
from replay.bind.holes import Fill, Moved, Person
from replay.mint.cards import STRIPE, Outcome
from traces.anonymize import PUBLISHED, Personal, card_like, personal
from traces.lens import Leaf
from traces.shapes import EMAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What a session has to itself.

    made_up:   the values its client made up, as hashes.
    login:     the account it needs, which goes by its recorded name.
    registers: what names the accounts it makes, folded.
    """

    made_up: frozenset[int] = frozenset()
    login: Login | None = None
    registers: frozenset[str] = frozenset()

    def is_somebodys(self, text: str) -> bool:
        """Is it a name or a password of one of its accounts? Nothing that a client makes up, however it looks."""
        if self.login is not None and text in {self.login.user, self.login.password}:
            return True
        return bool(self.registers) and text.casefold() in self.registers


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who is replaced.

    fresh:          everybody but who must exist on the target.
    fresh_accounts: else, those under whose names a session registers: of two copies the second could not.
    """

    fresh: bool = True
    fresh_accounts: bool = False

    def fills(
        self,
        leaves: Sequence[Leaf],
        fills: Mapping[int, Fill],
        own: Own,
        *,
        recorded: int,
        outcome: Callable[[], Outcome | None],
        sealed: Collection[int],
        people: set[str],
    ) -> Iterator[tuple[Leaf, Fill]]:
        """What fills the leaves that nothing else fills.

        recorded: when the request was, unix ns. outcome: what came of the card in it.
        sealed:   ids of the leaves that are signed in a token as they are: another word there, and it is no token.
        people:   gets whom the request acts as.
        """
        # What has a hole in it or stands in one is decided; what holds values of its own is decided by them.
        around = {id(outer) for n in fills for outer in outers(leaves[n])}
        inside = {id(leaves[n]) for n in fills}
        for n, leaf in enumerate(leaves):
            if leaf.codec == "parts" or id(leaf) in sealed or any(id(outer) in inside for outer in outers(leaf)):
                continue
            holds_values = n + 1 < len(leaves) and leaves[n + 1].outer is leaf and leaves[n + 1].codec != "parts"
            found = () if holds_values else _in(leaf, own)
            people |= {person.text.casefold() for person in found if person.kind in {"email", "user"}}
            if n in fills or holds_values:
                continue
            replaced = tuple(person for person in found if self._is_replaced(person, own))
            if replaced and any(person.kind == "card" for person in replaced):
                replaced = tuple(_by_outcome(replaced, outcome()))
            if id(leaf) in around:
                yield from _beside(leaf, replaced)
            elif own.login is not None and leaf.text in {own.login.user, own.login.password}:
                continue  # who must exist there goes by the recorded name
            elif replaced:
                yield leaf, Person(leaf.text, replaced)
            elif not found and (instant := dated(leaf, recorded)) is not None:
                yield leaf, Moved(instant)

    def _is_replaced(self, person: Personal, own: Own) -> bool:
        return self.fresh or (self.fresh_accounts and person.text.casefold() in own.registers)


def outers(leaf: Leaf) -> Iterator[Leaf]:
    """The leaves it stands in, from the inside out."""
    while leaf.outer is not None:
        leaf = leaf.outer
        yield leaf


def _in(leaf: Leaf, own: Own) -> tuple[Personal, ...]:
    """Who stands in a leaf: a user's name by what the session registered, all else by what it looks like."""
    text = leaf.text
    if own.registers and text.casefold() in own.registers and EMAIL.fullmatch(text) is None:
        # `ann` or `1024` at a place for something else may be another word or number; and no number becomes a word.
        long = len(text) >= (8 if text.isdecimal() else 4)
        if (long and text.isdecimal()) or (not leaf.number and (long or is_users(leaf))):
            return (Personal("user", 0, len(text), text),)
    return tuple(personal(leaf))


def _by_outcome(found: Sequence[Personal], outcome: Outcome | None) -> Iterator[Personal]:
    """With a card that was declined replaced by the published one that is declined for the same reason."""
    for person in found:
        declined = person.kind == "card" and outcome not in {None, Outcome.SUCCEEDED}
        if declined and outcome is not None and re.sub(r"\D", "", person.text) not in PUBLISHED:
            yield Personal("card", person.start, person.end, card_like(STRIPE[outcome].number, person.text))
        else:
            yield person


def _beside(leaf: Leaf, found: Sequence[Personal]) -> Iterator[tuple[Leaf, Fill]]:
    """People in a value of which a piece is live: each a piece of its own."""
    for person in found:
        recorded = leaf.text[person.start : person.end]
        start = len(leaf.text[: person.start].encode("utf-8", "surrogateescape"))
        end = start + len(recorded.encode("utf-8", "surrogateescape"))
        path = f"{leaf.path}|parts[{person.kind}]"
        piece = Leaf(leaf.part, path, start, end, recorded, "raw", leaf.header, (), False, leaf, "parts")
        yield piece, Person(recorded, (Personal(person.kind, 0, len(recorded), person.text),))
