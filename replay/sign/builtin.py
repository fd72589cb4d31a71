"""The signatures that need no plugin: what `traces.links.signatures` knows, with keys out of the keyring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from replay.sign.errors import SignError
from replay.sign.head import Head
from replay.sign.keyring import Keyring, Secret
from traces.links.signatures import Scheme, compute
from traces.model import Request

_STANDARD: Final = {"webhook-signature": b"webhook-id", "svix-signature": b"svix-id"}


class SchemeSigner:
    """Makes one header of a recorded request anew; it is the request's own, so it wants every request it is given."""

    __slots__ = ("_key", "_scheme")

    def __init__(self, scheme: Scheme, key: Secret | None) -> None:
        self._scheme = scheme
        self._key = key

    def wants(self, request: Request) -> bool:  # noqa: ARG002 - made for it
        """Always."""
        return True

    def values(self, head: Head, body: bytes, *, at: int) -> Mapping[str, str]:
        """The header, and the timestamp beside it where there is one. Raises SignError when the key does not fit."""
        scheme = self._scheme
        name = _STANDARD.get(scheme.header)
        message = None if name is None else head.get(name.decode())
        headers = () if name is None or message is None else ((name, message.encode("latin-1")),)
        try:
            return compute(scheme, headers, body, key=b"" if self._key is None else self._key.reveal(), at=at)
        except ValueError as error:
            source = "" if self._key is None else f" (secret of {self._key.source})"
            raise SignError(f"{scheme.header} cannot be signed{source}: {error}.") from error


def names(scheme: Scheme) -> tuple[str, ...]:
    """Under which names a scheme's secret is looked for, the most particular first."""
    # Another service's header of Stripe's shape has another secret.
    if scheme.kind == "standard" or (scheme.kind == "stripe" and scheme.header == "stripe-signature"):
        return scheme.header, scheme.kind
    return (scheme.header,)


def find_key(scheme: Scheme, request: Request, keyring: Keyring) -> Secret | None:
    """The secret for this scheme at the path of this request."""
    return keyring.find(*names(scheme), path=request.target.decode("latin-1"))
