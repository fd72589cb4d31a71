"""What is to be signed anew in each recorded request, decided before anything is sent, and done while it is.

Rule 1: body, then digests, then signatures, then a person's own signers; whoever sends counts Content-Length last.
Rule 2: a recorded signature without a key is named before the run; sent stale, it would be refused and look like the
        target's failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from replay.sign.builtin import SchemeSigner, find_key, names
from replay.sign.head import Head
from replay.sign.jwt import KEY, is_jwt
from replay.sign.keyring import Keyring
from replay.sign.signer import Signer
from traces.links.signatures import Scheme, schemes, unrecognized
from traces.model import Request, header_value

_KINDS: Final = {"stripe": "Stripe signature", "standard": "Standard Webhooks signature", "hmac": "signature"}


@dataclass(frozen=True, slots=True)
class SigningPlan:
    """How one recorded request is signed.

    signers: in the order they sign; none for most requests.
    missing: what is signed in it and cannot be made anew, each a clause that says what to give.
    headers: names, in lower case, of the recorded headers whose values are made anew: no answer issued them.
    """

    signers: tuple[Signer, ...] = ()
    missing: tuple[str, ...] = ()
    headers: frozenset[str] = frozenset()

    def sign(self, head: bytes, body: bytes, *, at: int) -> bytes:
        """The head with every digest and signature made anew in its place; the rest of it byte for byte.

        head: request line and header lines, each ended by CRLF, without the empty line and Content-Length.
        at:   the present, in seconds since 1970.

        Raises SignError.
        """
        if not self.signers:
            return head
        changing = Head(head)
        for signer in self.signers:
            changing.set(signer.values(changing, body, at=at))
        return changing.data


_NOTHING: Final = SigningPlan()


def plan(request: Request, keyring: Keyring, own: Sequence[Signer] = ()) -> SigningPlan:
    """How this recorded request is signed when it is sent again.

    own: a person's signers. What one of them wants is its own affair: no secret is missed then.
    """
    found = schemes(request.headers, request.body)
    mine = tuple(signer for signer in own if signer.wants(request))
    unknown = [name for name in unrecognized(request.headers, request.body) if not _is_signed(name, request, keyring)]
    if not found and not mine and not unknown:
        return _NOTHING
    signers: list[Signer] = []
    headers = {name for name in unknown if mine}
    missing = [_unknown(name) for name in unknown if not mine]
    for scheme in found:
        key = None if scheme.kind == "digest" else find_key(scheme, request, keyring)
        if key is not None or scheme.kind == "digest":
            signers.append(SchemeSigner(scheme, key))
        elif not mine:
            missing.append(_without(scheme))
            continue
        headers.update(scheme.makes)
    return SigningPlan((*signers, *mine), tuple(missing), frozenset(headers))


def _is_signed(name: str, request: Request, keyring: Keyring) -> bool:
    """Is it a JWT, and its key known? Then it is made anew where it stands, as one anywhere else is."""
    value = header_value(request.headers, name.encode("latin-1")) or b""
    return is_jwt(value.decode("latin-1")) and keyring.find(KEY, path=request.target.decode("latin-1")) is not None


def _unknown(name: str) -> str:
    return f"the signature in {name}, which is made in a way not known here; say --signer FILE.py:NAME"


def _without(scheme: Scheme) -> str:
    name = names(scheme)[-1]
    return f"the {_KINDS[scheme.kind]} in {scheme.header}, whose secret was not given; say --secret {name}=env:NAME"
