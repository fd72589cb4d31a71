"""Before a run: a recording understood and compiled for one target. Reads no clock and opens no socket."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from replay.bind import Choices, Place, Program, compile_sessions, origins, place
from replay.bind.accounts import Login, read_accounts
from replay.bind.mapping import read_mapping
from replay.mint import Minter
from replay.plan import Start, schedule
from replay.preflight.seen import Seen
from replay.recording import Recording
from replay.sign import Keyring, Signer
from traces.analysis import Analysis, analyse
from traces.links import Graph
from traces.openapi import Declared


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `replay run` was asked for; written into the run's header.

    speed:      divides recorded gaps; > 0.
    multiply:   copies of every session; >= 1.
    seed:       of jitter and of the clones' identities: the same seed makes the same people.
    identities: "fresh" sends stand-ins for people; "recorded" sends them as recorded, but for the accounts that copies
                register.
    sender:     "raw" (HTTP/1.1) or "httpx" (HTTP/2 where offered, proxies).
    timeout:    seconds an ordinary request may take; then it is counted as timed out.
    allowed:    host names other than this machine that may be sent to.
    given:      parameter name -> the value to send, wherever a field is called so.
    defaults:   the same, but only for what all sessions share.
    mapping:    file of recorded ids and the target's.
    accounts:   file of logins for the sessions that need one to exist.
    """

    target: str
    speed: float = 1.0
    multiply: int = 1
    seed: int = 0
    identities: Literal["fresh", "recorded"] = "fresh"
    sender: Literal["raw", "httpx"] = "raw"
    proxy: str | None = None
    verify: bool = True
    timeout: float = 60.0
    allowed: tuple[str, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    mapping: str | None = None
    accounts: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A recording understood and compiled for one target; nothing has been sent yet.

    seen: what preflight tells of its requests.
    mapped: how many of the ids that were mapped were of use, in words; "" without any.
    """

    analysis: Analysis
    programs: list[Program]
    starts: list[Start]
    where: Place
    seen: Seen
    accounts: list[Login]
    mapped: str = ""
    minters: Sequence[Minter] = ()


def fresh_seed() -> int:
    """A seed nobody has used: a target that has met the people of one run answers them differently in the next."""
    return secrets.randbits(48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a run is given besides its settings: never written anywhere, for there are secrets in it.

    declared: path templates of an OpenAPI document.
    stated:   links to go by instead of learned ones.
    minters, keyring, signers: what makes values of third parties, and signatures.
    """

    declared: Declared | None = None
    stated: Graph | None = None
    minters: Sequence[Minter] = ()
    keyring: Keyring | None = None
    signers: Sequence[Signer] = ()


def prepare(recording: Recording, settings: Settings, given: Given | None = None) -> Prepared:
    """Analyse, compile and schedule; reads no clock and opens no socket."""
    given = given or Given()
    analysis = analyse(recording.exchanges, given.declared, given.stated)
    where = place(settings.target, origins(analysis.facts.authorities, recording.header.upstream))
    accounts = [] if settings.accounts is None else read_accounts(Path(settings.accounts))
    mapping = None if settings.mapping is None else read_mapping(Path(settings.mapping))
    choices = Choices(
        fresh_people=settings.identities == "fresh",
        # A service takes a name for one account only, so copies of a registration need names of their own.
        fresh_accounts=settings.multiply > 1,
        given=settings.given,
        defaults=settings.defaults,
        mapping=mapping,
        accounts=bool(accounts),
        minters=given.minters,
        keyring=given.keyring,
        signers=given.signers,
        epoch_ns=recording.header.epoch_ns,
    )
    seen = Seen(analysis.graph.unfed, where, recording.header.epoch_ns)
    programs = compile_sessions(analysis, where, choices, seen)
    starts = schedule(
        programs, speed=settings.speed, multiply=settings.multiply, seed=settings.seed, accounts=len(accounts)
    )
    return Prepared(
        analysis=analysis,
        programs=programs,
        starts=starts,
        where=where,
        seen=seen,
        accounts=accounts,
        # Not the map itself: a million rows of it would stay in memory for the whole run.
        mapped="" if mapping is None else mapping.said(),
        minters=given.minters,
    )
