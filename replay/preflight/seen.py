"""Looks at every request of a recording while it is compiled and its leaves are at hand: what is sent as it was?

Rule 1: what something fills is not looked at, unless it is filled by what is made up and the target must have issued.
Rule 2: no value is kept, but hosts.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

from replay.bind.accounts import is_password
from replay.bind.filling import Filled
from replay.bind.holes import Fresh, Hole, Missing, Moved
from replay.bind.place import Place
from replay.bind.program import Program
from replay.preflight.instants import instant, until
from replay.preflight.marks import Mark, is_spent, mark, url_of
from replay.preflight.operations import mutates
from replay.preflight.orders import CHANGING, stage
from replay.preflight.tallies import Here, Key, Sort, Tallies
from replay.sign import SigningPlan
from traces.lens import Leaf
from traces.links import Unfed
from traces.model import Exchange, Response

#: Codecs in which a URL stands byte for byte, and codings that write its characters as they are: there it is moved.
_SEEN_THROUGH: Final = frozenset({"", "json", "url", "link", "graphql"})
_PLAIN: Final = frozenset({"raw", "json", "html", "bare", "script", "block"})
#: Where an address names a schema, or says where one came from: nobody goes there.
_SCHEMAS: Final = ("$schema", "@context", "xmlns")
_CAME_FROM: Final = frozenset({"header.referer", "header.user-agent"})
#: What nobody sends who was not given it, before the recording if not in it.
_CREDENTIALS: Final = frozenset({"auth.bearer", "auth.token", "header.x-api-key", "header.api-key"})
#: Seen in too few sessions to say that all share it.
_ALONE: Final = "alone"
#: Slots that mean one thing in every endpoint.
_EVERYWHERE: Final = ("auth.", "header.", "cookie.")
#: Characters kept of a host's name (RFC 1035, 2.3.4).
_HOST: Final = 255


@dataclass(slots=True)
class _Asked:
    """The request at hand. `recorded`: when it was, unix seconds. `signed`: by URL, the fields that sign it."""

    endpoint: str
    filled: Filled
    jarred: Container[bytes]
    recorded: float
    queries: list[str] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)
    signed: dict[str, dict[str, Leaf]] = field(default_factory=dict)

    def sends(self, leaf: Leaf, *made_up: type) -> bool:
        """Is a leaf sent as it was recorded, or filled only by one of these?"""
        hole = self.hole(leaf)
        if hole is not None:
            return isinstance(hole.fill, made_up)
        name = leaf.path.partition("|")[0]
        return not (name.startswith("cookie.") and name[7:].encode("latin-1", "replace") in self.jarred)

    def hole(self, leaf: Leaf) -> Hole | None:
        """The hole that a leaf is or stands in."""
        at: Leaf | None = leaf
        while at is not None:
            for cut, hole in zip(self.filled.leaves, self.filled.holes, strict=True):
                if cut is at:
                    return hole
            at = at.outer
        return None


class Seen:
    """What was seen of a recording.

    tallies: of what, how often.
    ended:   sessions that end where a value is wanted that nobody has.
    """

    def __init__(self, unfed: Iterable[Unfed], where: Place, epoch_ns: int) -> None:
        """unfed: what no answer feeds; where: the target; epoch_ns: of the recording, ns since 1970."""
        self.tallies, self.ended = Tallies(), 0
        self._parameters: dict[str, dict[str, str]] = {}
        for one in unfed:
            if one.kind == "parameter":
                self._parameters.setdefault(one.slot.endpoint, {})[one.slot.path] = one.name
        self._move, self._target, self._epoch_ns = where.move, where.authority.decode("latin-1").lower(), epoch_ns
        self._ends_here = False
        self._last: tuple[int, Here] | None = None

    def request(
        self, endpoint: str, exchange: Exchange, filled: Filled, signing: SigningPlan, jarred: Container[bytes]
    ) -> None:
        """Look at the next request of the session at hand. `jarred`: names of the cookies that only a jar sends."""
        asked = _Asked(endpoint, filled, jarred, (self._epoch_ns + exchange.clock.received) / 1e9)
        shared = self._parameters.get(endpoint)
        for leaf in filled.found:
            if said := mark(leaf.path):
                self._named(said, leaf, asked)
            if shared is not None and (name := shared.get(leaf.slot)):
                self._shares(name, leaf, asked, signing)
            elif leaf.path in _CREDENTIALS and asked.sends(leaf):
                self.tallies.count(Key("parameter", "api_token", _ALONE), f"{endpoint} {leaf.path}")
            if leaf.text.startswith(("http://", "https://")):
                self._names_host(leaf, asked)
        for url, fields in asked.signed.items():
            self._signed(url, fields, asked)
        self.tallies.count(Key("upstream", exchange.request.authority.decode("latin-1").lower()), endpoint)
        for clause in filled.stale:
            self.tallies.count(Key("stale", clause, clause.partition("(")[2].partition(")")[0]), endpoint)
        self._wants(asked, signing)
        if not self._ends_here:
            self._changes(asked, exchange.response)

    def session(self, program: Program) -> None:
        """The session at hand is over; what was seen of one that cannot be sent does not count."""
        if self._last is not None:
            self._last[1].is_last = True
        counts = program.skipped is None
        self.ended += self._ends_here and counts
        self.tallies.end(program.session, counts=counts)
        self._last, self._ends_here = None, False

    def _shares(self, name: str, leaf: Leaf, at: _Asked, signing: SigningPlan) -> None:
        """A leaf in which all sessions have one value."""
        # Who logs in is another question, and a signature is made anew, or said to be wanted.
        root = leaf.path.partition("|")[0]
        header = root.removeprefix("header.") if root.startswith("header.") else ""
        is_signature = header in signing.headers or (header and any(header in missing for missing in signing.missing))
        if not is_signature and not is_password(leaf.path) and at.sends(leaf):
            self.tallies.count(Key("parameter", name), f"{at.endpoint} {leaf.slot}")

    def _named(self, said: Mark, leaf: Leaf, at: _Asked) -> None:
        """A leaf whose name says something."""
        path, text = leaf.path, leaf.text
        if said == "query":
            at.queries.append(text)
        elif said == "operation":
            at.operations.append(text)
        elif said == "signed":
            at.signed.setdefault(url_of(path) or "", {})[path.rpartition("query.")[2].lower()] = leaf
        elif said == "expires":
            end = instant(text)
            if end is not None and end > at.recorded and at.sends(leaf):
                token = leaf.outer if leaf.codec == "jwt.payload" else None
                self._holds_until(end, "token" if token else "field", at.endpoint, (token or leaf).slot)
        elif is_spent(said, at.endpoint, path) and _is_code(text) and at.sends(leaf, Fresh):
            self._count("spent", at.endpoint, leaf.slot).value = hash(text)

    def _signed(self, url: str, fields: dict[str, Leaf], at: _Asked) -> None:
        end = until({name: leaf.text for name, leaf in fields.items()})
        # A time that is moved to the present is one that the signature does not cover.
        if end is not None and end > at.recorded and all(at.sends(leaf, Fresh, Moved) for leaf in fields.values()):
            self._holds_until(end, "url", at.endpoint, url or "query")

    def _holds_until(self, end: float, what: str, endpoint: str, slot: str) -> None:
        here = self._count("expires", endpoint, slot, what)
        here.until = end if here.until is None else min(here.until, end)

    def _names_host(self, leaf: Leaf, at: _Asked) -> None:
        root, host = leaf.path.partition("|")[0], host_of(leaf.text)
        if root in _CAME_FROM or root.startswith("cookie.") or leaf.path.endswith(_SCHEMAS) or leaf.codec == "parts":
            return
        if host == self._target or at.hole(leaf) is not None:
            return
        data, place = leaf.text.encode("utf-8", "surrogateescape"), f"{at.endpoint} {leaf.slot}"
        if self._move(data) == data:
            self.tallies.count(Key("origin" if root == "header.origin" else "host", host), place)
        elif not _is_moved(leaf):
            self.tallies.count(Key("unmoved", host), place)

    def _wants(self, at: _Asked, signing: SigningPlan) -> None:
        """What nobody has."""
        for leaf, hole in zip(at.filled.leaves, at.filled.holes, strict=True):
            if hole.unbound:
                why = next((fill.why for fill in hole.fills if isinstance(fill, Missing)), "")
                self._count("unbound", at.endpoint, leaf.slot, why)
                self._ends_here = True
        for missing in signing.missing:
            self.tallies.count(Key("unsigned", at.endpoint, missing), at.endpoint)
            self._ends_here = True

    def _changes(self, at: _Asked, answer: Response | None) -> None:
        if at.endpoint.partition(" ")[0] not in CHANGING:
            return
        pairs = zip_longest(at.queries, at.operations[: len(at.queries)], fillvalue="")
        documents = [found for query, name in pairs if (found := mutates(query, name)) is not None]
        # A document that the server has already is called by its name alone, which does not say what it does.
        if documents and not any(documents):
            return
        here = self.tallies.count(Key("change", at.endpoint), at.endpoint)
        here.answered += answer is not None and answer.status < 400
        near = stage(at.endpoint)
        if near and (self._last is None or near >= self._last[0]):
            self._last = near, here

    def _count(self, sort: Sort, endpoint: str, slot: str, detail: str = "") -> Here:
        """Something about a slot: of what a client sends everywhere alike, wherever it does."""
        place = f"{endpoint} {slot}"
        root = slot.partition("|")[0]
        return self.tallies.count(Key(sort, root if root.startswith(_EVERYWHERE) else place, detail), place)


def host_of(url: str) -> str:
    """`host:port` of an absolute URL, without the login that may stand before it."""
    authority = re.split(r"[/?#\\]", url.partition("://")[2], maxsplit=1)[0]
    return authority.rpartition("@")[2].lower()[:_HOST]


def _is_code(text: str) -> bool:
    """A code or a token: not a flag, and not a word."""
    return len(text) >= 4 and any(char.isdigit() for char in text)


def _is_moved(leaf: Leaf) -> bool:
    """Does the compiler find the recorded origin in these bytes? It looks for it as it is written plainly."""
    while leaf.codec in _SEEN_THROUGH and leaf.coding in _PLAIN:
        if leaf.outer is None:
            return leaf.part != "target"
        leaf = leaf.outer
    return False
