"""Findings about hosts: what was recorded of several services, and addresses in requests that are not the target's."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from replay.preflight.finding import Finding
from replay.preflight.phrases import listed, many, places, short
from replay.preflight.tallies import Tallies

#: Hosts told one by one; the others are listed.
_MOST: Final = 3
_THIS_MACHINE: Final = frozenset({"127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - names of it, nothing binds there
_PORTS: Final = (":80", ":443")


def reach(tallies: Tallies, copies: int, *, allowed: Collection[str]) -> Iterator[Finding]:
    """Hosts that are not the target's. `allowed`: those that the operator named, without a port."""
    yield from _upstreams(tallies, copies)
    named = [(key.about, group) for key, group in tallies.of("host") if _name(key.about) not in {*allowed, ""}]
    for host, group in named[:_MOST]:
        sentence = (
            f"{short(host)} is named as recorded in {many(group.requests, 'request')} ({places(group)}); what the "
            "target calls back, fetches or redirects to is there"
        )
        yield Finding(kind="host", sentence=sentence, sessions=group.sessions * copies)
    if rest := named[_MOST:]:
        sentence = f"so are {listed([short(host) for host, _ in rest], 2 * _MOST, 'host')}"
        yield Finding(kind="host", sentence=sentence, sessions=rest[0][1].sessions * copies)
    for key, group in tallies.of("unmoved")[:_MOST]:
        sentence = (
            f"the recorded service's own address {short(key.about)} is sent as recorded in {places(group)}: it is "
            "escaped there, and only plain ones are replaced by the target's"
        )
        yield Finding(kind="host", sentence=sentence, sessions=group.sessions * copies)
    for key, group in tallies.of("origin")[:_MOST]:
        sentence = f"Origin is {short(key.about)} as recorded; a target that checks it must allow that host"
        yield Finding(kind="host", sentence=sentence, sessions=group.sessions * copies)


def _upstreams(tallies: Tallies, copies: int) -> Iterator[Finding]:
    """All that was recorded goes to the one target, whatever service it was recorded at."""
    found = tallies.of("upstream")
    main = max(found, key=lambda pair: pair[1].requests, default=None)
    if main is None:
        return
    others = [(key.about, group) for key, group in found if _service(key.about) != _service(main[0].about)]
    for host, group in others[:_MOST]:
        sentence = (
            f"{many(group.requests, 'request')} ({places(group)}) went to {short(host) or 'no host'} when recorded, "
            f"most to {short(main[0].about)}; all go to the target, so leave out what it does not serve"
        )
        yield Finding(kind="upstream", sentence=sentence, sessions=group.sessions * copies)
    if rest := others[_MOST:]:
        sentence = f"so did some to {listed([short(host) for host, _ in rest], 2 * _MOST, 'host')}"
        yield Finding(kind="upstream", sentence=sentence, sessions=rest[0][1].sessions * copies)


def _service(authority: str) -> str:
    """Equal for two ways of naming one service: with its scheme's port or without, this machine by any name."""
    for port in _PORTS:
        authority = authority.removesuffix(port)
    if _name(authority) not in _THIS_MACHINE:
        return authority
    return "localhost" + authority.rpartition("]")[2].removeprefix(_name(authority))


def _name(authority: str) -> str:
    """The host without its port; an IPv6 address without its brackets."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0]
