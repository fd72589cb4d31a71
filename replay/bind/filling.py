"""Which leaves of a recorded request become holes, and what fills each: the most certain knowledge of it first.

1. what the operator set (`--set`), 2. what an earlier answer gave, 3. what the client makes up itself, and what nobody
here can make, 4. people, 5. instants. All else is sent as it was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from replay.bind.accounts import Login, is_password, login_of
from replay.bind.dates import dated
from replay.bind.holes import Constant, Credential, Fill, Fresh, Hole, Live, Minted, Missing, Moved, Person
from replay.mint import Minter, find, kind_of, needed, outcome_of, wanted
from traces.analysis import Analysis
from traces.anonymize import Personal, personal
from traces.lens import Leaf, request_leaves
from traces.links import Binding, Slot
from traces.links.kinds import parameter_name
from traces.model import Exchange, Request, Session


@dataclass(slots=True)
class Filled:
    """A request's holes: `leaves[n]` is where `holes[n]` is cut. `people`: the e-mail addresses it acts as."""

    leaves: list[Leaf] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    people: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What a session has to itself: the values its client made up, and the login it needs."""

    made_up: frozenset[int] = frozenset()
    login: Login | None = None


class Filler:
    """Decides for the requests of one trace.

    set_by_server: names of the cookies that its answers set.
    used: names that the operator gave values for and that were found.
    """

    def __init__(
        self,
        analysis: Analysis,
        given: Mapping[str, str],
        defaults: Mapping[str, str],
        *,
        fresh_people: bool,
        hands_out_accounts: bool,
        minters: Sequence[Minter],
        epoch_ns: int,
    ) -> None:
        self._facts, self._endpoints = analysis.facts, analysis.endpoints
        self.used: set[str] = set()
        self._given, self._fresh_people, self._epoch_ns = given, fresh_people, epoch_ns
        self._defaults = {
            unfed.slot: defaults[unfed.name]
            for unfed in analysis.graph.unfed
            if unfed.kind == "parameter" and unfed.name in defaults
        }
        self._generated = self._places(analysis)
        self._minters = minters
        self._minted = {unfed.slot for unfed in analysis.graph.unfed if unfed.kind == "minted"}
        self._hands_out_accounts = hands_out_accounts
        self._password_slots = {n for n, path in enumerate(analysis.facts.slots) if is_password(path)}
        # A cookie's value may be small and look like nothing, but a request that sends it back wants it.
        set_here = {analysis.facts.slots[slot] for slot in {*analysis.facts.given.slots}.union(*analysis.facts.shapes)}
        self.set_by_server = frozenset(
            path.removeprefix("cookie.").encode("latin-1")
            for path in set_here
            if path.startswith("cookie.") and "|" not in path
        )
        slots = {path: number for number, path in enumerate(analysis.facts.slots)}
        self._cookie_slots = {slots[f"cookie.{name.decode('latin-1')}"] for name in self.set_by_server}

    def keeps_cookies(self, session: Session) -> bool:
        """Did the session's client send back a cookie that servers set? Many an API's client never does."""
        return any(row.slot in self._cookie_slots for number in session.numbers for row in self._facts.asked.of(number))

    def made_up(self, session: Session) -> frozenset[int]:
        """The values that the session's client made up itself: wherever one stands, the same fresh one must stand."""
        of, facts = self._endpoints.of, self._facts
        return frozenset(
            row.value
            for number in session.numbers
            for row in facts.asked.of(number)
            if (of[number], row.slot) in self._generated
        )

    def login(self, numbers: Sequence[int], exchange: Callable[[int], Exchange]) -> Login | None:
        """The account that a session of these exchanges needs on the target."""
        if not any(row.slot in self._password_slots for number in numbers for row in self._facts.asked.of(number)):
            return None
        requests = (exchange(number).request for number in numbers)
        return login_of((request, request_leaves(request, nested=True)) for request in requests)

    def fill(
        self, number: int, exchange: Exchange, bindings: Sequence[Binding], own: Own, signed: Container[str] = ()
    ) -> Filled:
        """The holes of one request of a session; the headers `signed` are made anew when all else is there."""
        request, filled = exchange.request, Filled()
        leaves = request_leaves(request, nested=True)
        endpoint = self._endpoints.names[self._endpoints.of[number]]
        known = {own.login.user, own.login.password} if own.login is not None else frozenset[str]()
        fills: dict[int, Fill] = {
            n: Fresh(leaf.text)
            for n, leaf in enumerate(leaves)
            if hash(leaf.text) in own.made_up and leaf.text not in known
        }
        fills |= dict(self._third_party(number, exchange, leaves, endpoint))
        lives = [(b.leaf, self._live(leaves[b.leaf], b)) for b in bindings if b.leaf is not None]
        # A cookie from before the recording, which no answer of it set: the jar decides, as a new visitor's does.
        fills |= {n: live for n, live in lives if live.sources or not live.cookie}
        fills |= dict(self._set(leaves, endpoint))
        if own.login is not None and self._hands_out_accounts:
            fills |= dict(_credentials(leaves, own.login))
        # What stands in a hole is not looked for, lest it be missed.
        inside = {id(leaves[n]) for n in fills}
        fills = {n: fill for n, fill in fills.items() if not any(id(outer) in inside for outer in _outers(leaves[n]))}
        recorded = self._epoch_ns + exchange.clock.received
        decided = [(leaves[n], fill) for n, fill in fills.items()]
        decided += self._people_and_instants(leaves, fills, recorded, filled.people, own.login)
        for leaf, fill in decided:
            if leaf.part == "header" and signed and _header(leaf) in signed:
                continue
            filled.leaves.append(leaf)
            filled.holes.append(Hole(slot=leaf.path, fill=fill))
        for binding in bindings:
            if binding.leaf is None:
                filled.leaves.append(_whole_target(request))
                filled.holes.append(Hole(slot="target", fill=Live(binding.sources, one_line=True)))
        return filled

    def _set(self, leaves: Sequence[Leaf], endpoint: str) -> Iterator[tuple[int, Fill]]:
        for n, leaf in enumerate(leaves if self._given or self._defaults else ()):
            slot = Slot(endpoint, leaf.slot)
            if slot in self._defaults:
                yield n, Constant(self._defaults[slot])
            name = "" if leaf.outer is not None else parameter_name(slot)
            if name in self._given:
                self.used.add(name)
                yield n, Constant(self._given[name])

    def _places(self, analysis: Analysis) -> frozenset[tuple[int, int]]:
        """Where clients put what they make up: endpoint's and slot's number."""
        names = {name: number for number, name in enumerate(analysis.endpoints.names)}
        slots = {path: number for number, path in enumerate(analysis.facts.slots)}
        return frozenset(
            (names[unfed.slot.endpoint], slots[unfed.slot.path])
            for unfed in analysis.graph.unfed
            if unfed.kind == "generated" and unfed.slot.endpoint in names and unfed.slot.path in slots
        )

    def _third_party(
        self, number: int, exchange: Exchange, leaves: Sequence[Leaf], endpoint: str
    ) -> Iterator[tuple[int, Fill]]:
        for n, leaf in enumerate(leaves):
            known = kind_of(leaf.path, leaf.text) is not None
            if not known and Slot(endpoint, leaf.slot) not in self._minted:
                continue
            minter = find(self._minters, leaf.path, leaf.text)
            if minter is not None:
                need = wanted(leaf.path, leaf.text, outcome_of(exchange))
                yield n, Minted(need, self._minters.index(minter), self._facts.member[number])
            elif Slot(endpoint, leaf.slot) in self._minted:
                yield n, Missing(f"it needs {needed(leaf.path, leaf.text)}")

    def _live(self, leaf: Leaf, binding: Binding) -> Live:
        # A cookie's value: of two answers that set it, the jar has the later one's.
        kind, _, own = leaf.path.partition(".")
        name = own.encode("latin-1", "replace") if kind == "cookie" else b""
        return Live(binding.sources, leaf.part != "body", name if name in self.set_by_server else b"")

    def _people_and_instants(
        self,
        leaves: Sequence[Leaf],
        fills: Mapping[int, Fill],
        recorded: int,
        people: set[str],
        login: Login | None,
    ) -> Iterator[tuple[Leaf, Fill]]:
        # What has a hole in it or stands in one is decided; what holds values of its own is decided by them.
        around = {id(outer) for n in fills for outer in _outers(leaves[n])}
        inside = {id(leaves[n]) for n in fills}
        for n, leaf in enumerate(leaves):
            if leaf.codec == "parts" or any(id(outer) in inside for outer in _outers(leaf)):
                continue
            # What a recorded token claims is signed: another word in it, and it is no token.
            if leaf.codec.startswith("jwt"):
                continue
            holds_values = n + 1 < len(leaves) and leaves[n + 1].outer is leaf and leaves[n + 1].codec != "parts"
            found = () if holds_values else tuple(personal(leaf))
            people |= {person.text.casefold() for person in found if person.kind == "email"}
            if n in fills or holds_values:
                continue
            if id(leaf) in around:
                yield from _people_beside(leaf, found if self._fresh_people else ())
                continue
            if login is not None and leaf.text in {login.user, login.password}:
                continue  # who must exist there goes by the recorded name
            if found and self._fresh_people:
                yield leaf, Person(leaf.text, found)
            elif not found and (instant := dated(leaf, recorded)) is not None:
                yield leaf, Moved(instant)


def _people_beside(leaf: Leaf, found: Sequence[Personal]) -> Iterator[tuple[Leaf, Fill]]:
    """People in a value of which a piece is live: each a piece of its own."""
    for person in found:
        start = len(leaf.text[: person.start].encode("utf-8", "surrogateescape"))
        end = start + len(person.text.encode("utf-8", "surrogateescape"))
        path = f"{leaf.path}|parts[{person.kind}]"
        piece = Leaf(leaf.part, path, start, end, person.text, "raw", leaf.header, (), False, leaf, "parts")
        yield piece, Person(person.text, (Personal(person.kind, 0, len(person.text), person.text),))


def _header(leaf: Leaf) -> str:
    """The name of the header a leaf stands in, in lower case."""
    return leaf.path.partition("|")[0].removeprefix("header.")


def _credentials(leaves: Sequence[Leaf], login: Login) -> Iterator[tuple[int, Fill]]:
    for n, leaf in enumerate(leaves):
        if leaf.text == login.user:
            yield n, Credential("user")
        elif leaf.text == login.password and is_password(leaf.path):
            yield n, Credential("password")


def _outers(leaf: Leaf) -> Iterator[Leaf]:
    while leaf.outer is not None:
        leaf = leaf.outer
        yield leaf


def _whole_target(request: Request) -> Leaf:
    text = request.target.decode("utf-8", "surrogateescape")
    return Leaf(part="target", path="target", start=0, end=len(request.target), text=text)
