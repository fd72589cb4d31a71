"""Which leaves of a recorded request become holes, and what fills each: the most certain knowledge of it first.

1. what the operator set (`--set`), 2. what an earlier answer gave, 3. what the operator mapped (`--map`), 4. what the
client makes up itself or signs, and what nobody here can make, 5. people, 6. instants. All else is sent as recorded.

A name (`--set`) says which place it means. A map goes by value alone, so where an answer feeds a place the answer
counts: that is the target's own id already, and an order's number that is equal to a product's stays the order's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from replay.bind.accounts import Login, is_password, who
from replay.bind.holes import Constant, Credential, Fill, Fresh, Hole, Live, Minted, Missing
from replay.bind.mapping import IdMap, names_of
from replay.bind.people import Own, People, outers
from replay.bind.tokens import Found, Tokens, unsigned
from replay.mint import Minter, find, kind_of, needed, outcome_of, wanted
from replay.sign import Keyring
from traces.analysis import Analysis
from traces.lens import Leaf, request_leaves
from traces.links import Binding, Slot
from traces.links.kinds import parameter_name
from traces.model import Exchange, Request, Session


@dataclass(slots=True)
class Filled:
    """A request's holes: `leaves[n]` is where `holes[n]` is cut.

    people: whom it acts as, by e-mail address and user name.
    stale:  a clause for each token that its client signed and that goes out as it was, for want of a key.
    found:  all leaves it has.
    """

    leaves: list[Leaf] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    people: set[str] = field(default_factory=set)
    stale: tuple[str, ...] = ()
    found: Sequence[Leaf] = ()


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
        people: People,
        hands_out_accounts: bool,
        minters: Sequence[Minter],
        epoch_ns: int,
        mapping: IdMap | None = None,
        keyring: Keyring | None = None,
    ) -> None:
        """Raises SignError when the keyring's key for tokens is none."""
        self._facts, self._endpoints, self._templates = analysis.facts, analysis.endpoints, analysis.templates
        self.used: set[str] = set()
        self._given, self._people, self._epoch_ns = given, people, epoch_ns
        self._mapping, self._registered = mapping, set[str]()
        self._tokens = Tokens(analysis.facts, keyring or Keyring(environ={}))
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

    def own(self, session: Session, exchange: Callable[[int], Exchange]) -> Own:
        """What a session has to itself; to be asked in the order in which sessions began."""
        of, facts = self._endpoints.of, self._facts
        made_up = frozenset(
            row.value
            for number in session.numbers
            for row in facts.asked.of(number)
            if (of[number], row.slot) in self._generated
        )
        if not any(row.slot in self._password_slots for number in session.numbers for row in facts.asked.of(number)):
            return Own(made_up=made_up)
        # Who was refused is nobody: a password typed wrong, a name that was taken.
        answered = (e for e in map(exchange, session.numbers) if e.response is not None and e.response.status < 400)
        them = who(((e.request, request_leaves(e.request, nested=True)) for e in answered), self._registered)
        self._registered |= them.registers
        return Own(made_up=made_up, login=them.login, registers=them.registers)

    def fill(
        self, number: int, exchange: Exchange, bindings: Sequence[Binding], own: Own, signed: Container[str] = ()
    ) -> Filled:
        """The holes of one request of a session; the headers `signed` are made anew when all else is there."""
        request = exchange.request
        leaves = request_leaves(request, nested=True)
        filled = Filled(found=leaves)
        endpoint = self._endpoints.names[self._endpoints.of[number]]
        tokens = self._tokens.find(leaves, request.target.decode("latin-1"), self.set_by_server)
        fills: dict[int, Fill] = {
            n: Fresh(leaf.text)
            for n, leaf in enumerate(leaves)
            if hash(leaf.text) in own.made_up and not own.is_somebodys(leaf.text)
        }
        fills |= dict(self._third_party(number, exchange, leaves, endpoint, tokens))
        lives = {b.leaf: self._live(leaves[b.leaf], b) for b in bindings if b.leaf is not None}
        # A cookie from before the recording, which no answer of it set: the jar decides, as a new visitor's does.
        fills |= {n: live for n, live in lives.items() if live.sources or not live.cookie}
        fills |= dict(self._mapped(leaves, endpoint, lives, tokens.sealed))
        fills |= dict(self._set(leaves, endpoint))
        if own.login is not None and self._hands_out_accounts:
            fills |= dict(_credentials(leaves, own.login))
        fills = self._tokens.own(leaves, tokens, fills)
        # What stands in a hole is not looked for, lest it be missed.
        inside = {id(leaves[n]) for n in fills}
        fills = {n: fill for n, fill in fills.items() if not any(id(outer) in inside for outer in outers(leaves[n]))}
        recorded = self._epoch_ns + exchange.clock.received
        decided = [(leaves[n], fill) for n, fill in fills.items()]
        decided += self._people.fills(
            leaves,
            fills,
            own,
            recorded=recorded,
            outcome=lambda: outcome_of(exchange),
            sealed=tokens.sealed,
            people=filled.people,
        )
        filled.stale = tuple(
            unsigned(path) for n, path in tokens.stale.items() if isinstance(fills.get(n), Fresh | None)
        )
        for leaf, fill in self._tokens.wrapped(decided, leaves, tokens, recorded):
            if leaf.part == "header" and signed and _header(leaf) in signed:
                continue
            filled.leaves.append(leaf)
            filled.holes.append(Hole(slot=leaf.path, fill=fill))
        for binding in bindings:
            if binding.leaf is None:
                filled.leaves.append(_whole_target(request))
                filled.holes.append(Hole(slot="target", fill=Live(binding.sources, one_line=True)))
        return filled

    def _mapped(
        self, leaves: Sequence[Leaf], endpoint: str, lives: Mapping[int, Live], sealed: Collection[int]
    ) -> Iterator[tuple[int, Fill]]:
        if self._mapping is None:
            return
        fed = {n for n, live in lives.items() if live.sources or live.cookie}
        # Nor is a value mapped whole of which an answer gives a piece.
        within = {id(outer) for n in fed for outer in outers(leaves[n])}
        for n, leaf in enumerate(leaves):
            row = self._mapping.row(leaf, names_of(leaf, endpoint, self._templates))
            if row is None or id(leaf) in sealed or self._is_servers(leaf):
                continue
            if n in fed or id(leaf) in within:
                self._mapping.fed.add(row)
                continue
            self._mapping.used.add(row)
            yield n, Constant(self._mapping.target(row, leaf))

    def _is_servers(self, leaf: Leaf) -> bool:
        """Does it stand in a cookie that answers set? What the jar has counts there."""
        name = leaf.path.partition("|")[0]
        return name.startswith("cookie.") and name[7:].encode("latin-1", "replace") in self.set_by_server

    def _set(self, leaves: Sequence[Leaf], endpoint: str) -> Iterator[tuple[int, Fill]]:
        for n, leaf in enumerate(leaves if self._given or self._defaults else ()):
            slot = Slot(endpoint, leaf.slot)
            if slot in self._defaults:
                yield n, Constant(self._defaults[slot])
            name = "" if leaf.outer is not None or leaf.is_name else parameter_name(slot)
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
        self, number: int, exchange: Exchange, leaves: Sequence[Leaf], endpoint: str, tokens: Found
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
                yield n, Missing(f"it needs {tokens.needed(n) or needed(leaf.path, leaf.text)}")

    def _live(self, leaf: Leaf, binding: Binding) -> Live:
        # A cookie's value: of two answers that set it, the jar has the later one's.
        kind, _, own = leaf.path.partition(".")
        name = own.encode("latin-1", "replace") if kind == "cookie" else b""
        return Live(binding.sources, leaf.part != "body", name if name in self.set_by_server else b"")


def _header(leaf: Leaf) -> str:
    """The name of the header a leaf stands in, in lower case."""
    return leaf.path.partition("|")[0].removeprefix("header.")


def _credentials(leaves: Sequence[Leaf], login: Login) -> Iterator[tuple[int, Fill]]:
    for n, leaf in enumerate(leaves):
        if leaf.text == login.user:
            yield n, Credential("user")
        elif leaf.text == login.password and is_password(leaf.path):
            yield n, Credential("password")


def _whole_target(request: Request) -> Leaf:
    text = request.target.decode("utf-8", "surrogateescape")
    return Leaf(part="target", path="target", start=0, end=len(request.target), text=text)
