"""What signs a request: two methods, so that a person's own signer is a small class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from replay.sign.head import Head
from traces.model import Request


class Signer(Protocol):
    """Signs the requests of one service anew.

    A class of a person's own that is called with the run's `Keyring` and gives one of these is a signer too; see
    `replay.sign.own`. For instance, Slack's `v0=` signatures::

        class Slack:
            def __init__(self, keyring):
                self.key = keyring.need("slack").reveal()

            def wants(self, request):
                return any(name.lower() == b"x-slack-signature" for name, _ in request.headers)

            def values(self, head, body, *, at):
                made = hmac.new(self.key, b"v0:%d:%b" % (at, body), "sha256").hexdigest()
                return {"x-slack-request-timestamp": str(at), "x-slack-signature": f"v0={made}"}
    """

    def wants(self, request: Request) -> bool:
        """Does this recorded request carry what is signed here? Asked once, before anything is sent."""

    def values(self, head: Head, body: bytes, *, at: int) -> Mapping[str, str]:
        """The headers' new values, by name.

        head, body: as they will be sent: holes filled, digests computed anew, the body content-encoded.
        at:         the present, in seconds since 1970.
        """
