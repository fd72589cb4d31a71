"""Where traffic may go: this machine without asking, anywhere else only when it was named."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from replay.wire import Address


class Refused(Exception):
    """The target is not allowed; the text says how to allow it."""


def approve(address: Address, allowed: Collection[str]) -> None:
    """Raise Refused unless the resolved address is loopback or its host name is among `allowed`."""
    if ipaddress.ip_address(address.ip.partition("%")[0]).is_loopback or address.host in allowed:
        return
    raise Refused(
        f"{address.host} ({address.ip}) is not this machine, and load sent there reaches others. If it is a test "
        f"system that expects it, say --allow-target {address.host}."
    )
