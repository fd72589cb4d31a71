"""What the engine asks of a sender: two methods for one virtual client, so that tests script one instead of mocking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from replay.bind.answer import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One request to send.

    wire:    the whole request as HTTP/1.1 bytes.
    timeout: seconds from now until the answer must be complete.
    is_head: the answer has no body whatever its headers say.
    until:   for an event stream: told each piece, it says True when enough was read; the connection is then closed.
    """

    wire: bytes
    timeout: float
    is_head: bool = False
    until: Callable[[bytes], bool] | None = None


class Sender(Protocol):
    """One virtual client: its connections are its own, reused as a browser's are."""

    async def send(self, request: Outgoing) -> Answer:
        """Send and return what came back. Never raises for what the network or the server does: see `Answer.error`."""

    async def aclose(self) -> None:
        """Close the connections."""


class Transport(Protocol):
    """Makes virtual clients for one target."""

    def client(self) -> Sender:
        """A client with no connection yet."""


def parse(wire: bytes) -> tuple[bytes, bytes, list[tuple[bytes, bytes]], bytes]:
    """Our own serialised request taken apart again: method, target, headers, body."""
    head, _, body = wire.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, target, _ = first.split(b" ", 2)
    headers = []
    for line in lines:
        name, _, value = line.partition(b": ")
        headers.append((name, value))
    return method, target, headers, body
