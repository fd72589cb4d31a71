"""Ways to send: the raw HTTP/1.1 sender, and httpx for what it does not speak."""

from replay.wire.address import Address, resolve
from replay.wire.raw import RawTransport
from replay.wire.sender import Outgoing, Sender, Transport, parse

__all__ = ["Address", "Outgoing", "RawTransport", "Sender", "Transport", "parse", "resolve"]
