"""Findings about what a run brings about on the target: orders, other changes, mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal

from replay.bind import Program
from replay.preflight.finding import Finding
from replay.preflight.orders import stage
from replay.preflight.phrases import listed, many, place
from replay.preflight.tallies import Group, Tallies

#: Of what most sessions end with, a share this small is a step on the way.
_FEW: Final = 12
#: Endpoints named in a sentence.
_MOST: Final = 5
#: Nobody has an address there (RFC 2606, RFC 6761).
_RESERVED: Final = ("example", "test", "invalid", "localhost", "local")


def effects(tallies: Tallies, copies: int) -> Iterator[Finding]:
    """What the run will change, going by what was recorded; sessions that end early do not get there."""
    changes = [(key.about, group) for key, group in tallies.of("change")]
    top = max((stage(endpoint) for endpoint, group in changes if group.ended), default=0)
    orders = [(endpoint, group) for endpoint, group in changes if group.ended and stage(endpoint) == top > 0]
    # Where one session in a dozen ended, the others only passed.
    most = max((group.ended for _, group in orders), default=0)
    orders = [(endpoint, group) for endpoint, group in orders if group.ended * _FEW > most]
    for endpoint, group in orders:
        yield Finding(kind="orders", sentence=_ordering(endpoint, group, copies, is_sure=top > 1))
    others = sorted((pair for pair in changes if pair not in orders), key=lambda pair: -pair[1].requests)
    if others:
        total = sum(group.requests for _, group in others) * copies
        texts = [_counted(endpoint, group.requests * copies) for endpoint, group in others]
        sentence = f"{many(total, 'other request' if orders else 'request')} that may change something: "
        yield Finding(kind="changes", sentence=sentence + listed(texts, _MOST, "endpoint"))


def _ordering(endpoint: str, group: Group, copies: int, *, is_sure: bool) -> str:
    sent, made = group.requests * copies, (group.answered if is_sure else group.ended) * copies
    so = f"about {many(made, 'order')}, with their mails and webhooks"
    if not is_sure:
        return f"{_counted(endpoint, sent)}, with which {many(made, 'session')} ended: if that orders, {so}"
    failed = f" ({made:,} of them succeeded as recorded)" if made < sent else ""
    return f"{_counted(endpoint, sent)}{failed}, so {so}"


def _counted(endpoint: str, count: int) -> str:
    return f"{count:,} {place(endpoint)}"


def mail(
    programs: Iterable[Program], copies: int, *, identities: Literal["fresh", "recorded"], hands_out_accounts: bool
) -> Iterator[Finding]:
    """Whose addresses the target is given, and whether mail to them arrives."""
    people, invented, sessions = set[str](), 0, 0
    for program in programs:
        if program.skipped is not None:
            continue
        addresses = {person for person in program.people if "@" in person}
        login = program.account.casefold()
        # Who must exist there goes by the recorded name, whoever the others are.
        sent = addresses if identities == "recorded" else addresses & {login}
        if hands_out_accounts:
            sent = sent - {login}
        theirs = {address for address in sent if not _is_reserved(address)}
        people |= theirs
        sessions += bool(theirs)
        invented += identities == "fresh" and bool(addresses - {login})
    if people:
        domains = len({address.rpartition("@")[2] for address in people})
        instead = "" if identities == "fresh" else "; without --identities recorded it gets stand-ins"
        sentence = (
            f"the target is given {many(len(people), 'e-mail address')} as recorded ({many(domains, 'domain')}) and "
            f"may write there{instead}"
        )
        yield Finding(kind="mail", sentence=sentence, sessions=sessions * copies)
    if invented:
        sentence = (
            "stand-ins for people have addresses at example.com, which takes no mail: a target that checks whether "
            "mail would arrive refuses them"
        )
        yield Finding(kind="stand_in", sentence=sentence, sessions=invented * copies)


def _is_reserved(address: str) -> bool:
    labels = address.rpartition("@")[2].split(".")
    return labels[-1] in _RESERVED or labels[-2:-1] == ["example"]
