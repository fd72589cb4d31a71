"""JWTs signed anew with a test key (RFC 7515, RFC 7519): claims as they are given, times moved to the present.

Rule 1: what is not replaced stays byte for byte, so that a token given its own times and key is the token.
Rule 2: the key decides the family of algorithms, never the token; `none` is refused.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Final

from replay.sign.errors import SignError
from replay.sign.jws import makers
from replay.sign.keyring import Secret
from traces import lens
from traces.lens.json_leaves import NotJson, json_leaves
from traces.lens.leaf import Leaf

#: What `--secret` calls the key.
KEY: Final = "jwt"
_JWT: Final = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
#: Times in seconds since 1970, perhaps with a fraction (RFC 7519, 4.1.4 to 4.1.6).
_TIMES: Final = frozenset({("exp",), ("nbf",), ("iat",)})
_WHOLE: Final = re.compile(r"-?\d{1,18}")
#: A claim further from 1970 than this (s) is no time; moved, it might be no number.
_FAR: Final = 1e15


class JwtKey:
    """A key that signs tokens: an HMAC secret, or a private key in PEM (RSA, P-256, P-384, P-521, Ed25519)."""

    def __init__(self, key: Secret, *, kid: str | None = None) -> None:
        """kid: under which id the target knows the key; None leaves a token's own. Raises SignError."""
        self._source = key.source
        self._kid = kid
        self._makers = makers(key)

    def resign(self, token: str, *, shift: int) -> str:
        """The compact token with a signature that holds.

        token: header and claims as they shall be; its own signature is not looked at.
        shift: seconds to move `iat`, `nbf` and `exp` by: the present less the recorded instant.

        The token's algorithm is kept where the key can sign with it. Raises SignError for what is no signed JWT.
        """
        algorithm, signed = self._unsigned(token, shift)
        return f"{signed}.{_packed(self._makers[algorithm](signed.encode()))}"

    def can_sign(self, token: str) -> bool:
        """Is it a signed JWT? (Told without signing: with a private key that takes a millisecond.)"""
        try:
            self._unsigned(token, 0)
        except SignError:
            return False
        return True

    def _unsigned(self, token: str, shift: int) -> tuple[str, str]:
        """The algorithm, and header and claims as they will be signed."""
        segments = token.split(".")
        if len(segments) != 3:
            kind = "an encrypted token" if len(segments) == 5 else "no JWT"
            raise SignError(f"This is {kind}, which no key signs; bind it to the answer that issues it instead.")
        header, claims = (_unpacked(segment) for segment in segments[:2])
        made = {leaf.keys: leaf for leaf in _leaves(header)}
        named = made[("alg",)].text if ("alg",) in made else "none"
        if named.lower() == "none":
            raise SignError("This JWT says alg none: nobody signed it, so leave it out of what is signed anew.")
        algorithm = named if named in self._makers else next(iter(self._makers))
        changes = [(made["alg",], algorithm)]
        if self._kid is not None and ("kid",) in made:
            changes.append((made["kid",], self._kid))
        header = _spliced(header, changes)
        if self._kid is not None and ("kid",) not in made:
            start = header.index(b"{") + 1
            header = b'%b"kid":"%b",%b' % (header[:start], lens.encode(self._kid, "json"), header[start:])
        times = [leaf for leaf in _leaves(claims) if leaf.keys in _TIMES and leaf.number and leaf.text != "null"]
        claims = _spliced(claims, [(leaf, _moved(leaf.text, shift)) for leaf in times])
        return algorithm, f"{_packed(header)}.{_packed(claims)}"

    def __repr__(self) -> str:
        return f"JwtKey({self._source})"


def is_jwt(text: str) -> bool:
    """Does it look like a signed JWT?"""
    return _JWT.fullmatch(text) is not None


def _leaves(document: bytes) -> list[Leaf]:
    try:
        return json_leaves(document)
    except NotJson as error:
        raise SignError("This is no JWT: a part of it is not JSON; leave it out of what is signed anew.") from error


def _spliced(document: bytes, changes: Iterable[tuple[Leaf, str]]) -> bytes:
    """The document with these leaves' texts replaced where they stand."""
    for leaf, text in sorted(changes, key=lambda change: -change[0].start):
        document = document[: leaf.start] + lens.encode(text, leaf.coding) + document[leaf.end :]
    return document


def _moved(text: str, shift: int) -> str:
    if not shift or text in {"true", "false"} or not abs(float(text)) < _FAR:
        return text
    return str(int(text) + shift) if _WHOLE.fullmatch(text) else repr(float(text) + shift)


def _unpacked(segment: str) -> bytes:
    """Base64url without padding (RFC 7515, 2)."""
    try:
        return base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise SignError("This is no JWT: a part of it is not base64url; leave it out of what is signed.") from error


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
