"""JWTs that a client makes itself: found in what was recorded, to be signed anew with the operator's key at send.

Rule 1: what an answer issued is bound or left alone, never signed here: a key for the one may be none for the other.
Rule 2: header and claims stay as they are but for what is filled in them; the times move, and `jti` is each copy's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from replay.bind.holes import Fill, Fresh, Missing, Resigned
from replay.bind.people import outers
from replay.sign import JwtKey, Keyring
from replay.sign.jwt import KEY
from traces.facts import Facts
from traces.lens import Leaf, cuts, stencil

#: Moved when it is signed.
_TIMES: Final = frozenset({("exp",), ("nbf",), ("iat",)})


@dataclass(slots=True)
class Found:
    """A request's tokens, by their number among its leaves.

    keys:   those that are signed anew, and with what.
    stale:  those that would be if there were a key, and their paths.
    sealed: ids of leaves that nothing but an answer may replace, for a signature covers them.
    """

    keys: dict[int, JwtKey] = field(default_factory=dict)
    stale: dict[int, str] = field(default_factory=dict)
    sealed: set[int] = field(default_factory=set)

    def needed(self, number: int) -> str:
        """What a token needs that cannot be signed for want of a key, and what to say; "" for what is no such token."""
        path = self.stale.get(number)
        return f"{unsigned(path)}, or --minter FILE.py:NAME with one of your own." if path else ""


_NONE: Final = Found()


def unsigned(path: str) -> str:
    """The clause that says of a token at a path why it is not signed anew, and what to give."""
    return f"a JWT that the client signs ({path}), whose key was not given; say --secret {KEY}=env:NAME"


class Tokens:
    """Finds the tokens that the clients of one trace made, and has them signed."""

    def __init__(self, facts: Facts, keyring: Keyring) -> None:
        """Raises SignError when the key is none that a token is signed with."""
        self._keyring, self._made = keyring, _made_by_clients(facts)
        self._key = lru_cache(maxsize=None)(JwtKey)
        if (secret := keyring.find(KEY)) is not None:
            self._key(secret)

    def find(self, leaves: Sequence[Leaf], path: str, jar: Iterable[bytes]) -> Found:
        """The tokens among a request's leaves, nested ones too. `jar`: names of cookies that are the server's."""
        heads = [leaf.outer for leaf in leaves if leaf.codec == "jwt.header" and leaf.outer is not None]
        if not heads:
            return _NONE
        found, numbers = Found(), {id(leaf): n for n, leaf in enumerate(leaves)}
        secret = self._keyring.find(KEY, path=path)
        servers = {f"cookie.{name.decode('latin-1')}" for name in jar}
        for token in {id(token): token for token in heads}.values():
            if hash(token.text) not in self._made or token.path.partition("|")[0] in servers:
                continue
            n = numbers[id(token)]
            if secret is None:
                found.stale[n] = token.path
            elif (key := self._key(secret)).can_sign(token.text):
                found.keys[n] = key
        signed = {id(leaves[n]) for n in found.keys}
        for leaf in leaves:
            outer = id(leaf.outer)
            if outer in found.sealed or (
                leaf.codec.startswith("jwt") and (outer not in signed or leaf.codec == "jwt.header")
            ):
                found.sealed.add(id(leaf))
        return found

    def own(self, leaves: Sequence[Leaf], found: Found, fills: dict[int, Fill]) -> dict[int, Fill]:
        """The fills with the tokens' own identifiers made anew, and without such as a signature makes up for."""
        if not found.keys:
            return fills
        # What the operator, an answer or a minter gives is no longer the client's.
        for n in [n for n in found.keys if not isinstance(fills.get(n), Fresh | Missing | None)]:
            del found.keys[n]
        signed = {id(leaves[n]) for n in found.keys}
        kept = {n: fill for n, fill in fills.items() if n not in found.keys}
        for n, leaf in enumerate(leaves):
            is_id = leaf.codec == "jwt.payload" and leaf.keys == ("jti",) and (leaf.text.isdecimal() or not leaf.number)
            if is_id and id(leaf.outer) in signed:
                kept.setdefault(n, Fresh(leaf.text))
        return kept

    def wrapped(
        self, decided: Sequence[tuple[Leaf, Fill]], leaves: Sequence[Leaf], found: Found, recorded: int
    ) -> list[tuple[Leaf, Fill]]:
        """What is decided, with each token that is signed anew as one hole around all that is filled in it.

        recorded: when the request was, unix ns.
        """
        done = list(decided)
        # Of a token in a token the inner one is signed first.
        for n in sorted(found.keys, reverse=True):
            token = leaves[n]
            inside = [(leaf, fill) for leaf, fill in done if any(outer is token for outer in outers(leaf))]
            done = [(leaf, fill) for leaf, fill in done if not any(outer is token for outer in outers(leaf))]
            inside = [(leaf, fill) for leaf, fill in inside if leaf.codec != "jwt.payload" or leaf.keys not in _TIMES]
            done.append((token, _resigned(token, inside, found.keys[n], recorded)))
        return done


def _resigned(token: Leaf, inside: Sequence[tuple[Leaf, Fill]], key: JwtKey, recorded: int) -> Resigned:
    # As if the token were a whole message: then its own text is what the holes are cut in.
    root = Leaf("body", token.path, 0, len(token.text), token.text)
    (cut, *_) = cuts([_below(root, leaf, token) for leaf, _ in inside]) or (None,)
    made = None if cut is None else stencil(cut, token.text.encode())
    return Resigned(key, token.text, made, tuple(fill for _, fill in inside), recorded)


def _below(root: Leaf, leaf: Leaf, token: Leaf) -> Leaf:
    """The leaf with `root` in the place of the token it stands in."""
    outer = root if leaf.outer is token or leaf.outer is None else _below(root, leaf.outer, token)
    return leaf._replace(outer=outer, part="body", header=-1)


def _made_by_clients(facts: Facts) -> frozenset[int]:
    """Hashes of the tokens in requests that no answer gave before a request first had them."""
    slots = {path: number for number, path in enumerate(facts.slots)}
    tokens = {slots[path] for inner in facts.slots for path in _around(inner) if path in slots}
    if not tokens:
        return frozenset()
    first: dict[int, int] = {}
    for number in range(len(facts)):
        for row in facts.asked.of(number):
            if row.slot in tokens:
                first.setdefault(row.value, facts.received[number])
    issued = {
        row.value
        for number in range(len(facts))
        for row in facts.given.of(number)
        if row.value in first and facts.end[number] <= first[row.value]
    }
    return frozenset(first) - issued


def _around(slot: str) -> Iterator[str]:
    """The slots of the tokens that this one stands in."""
    outer, token, _ = slot.rpartition("|jwt.")
    while token:
        yield outer
        outer, token, _ = outer.rpartition("|jwt.")
