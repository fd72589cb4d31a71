"""Findings about values: those nobody has, those that all sessions share, those that hold no longer."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from replay.preflight.finding import Finding
from replay.preflight.phrases import examples, place, places, short, span
from replay.preflight.tallies import Group, Tallies
from traces.links import Slot
from traces.links.kinds import parameter_name
from traces.report.safe import printable

_WHAT: Final = {"token": "a token", "url": "a signed URL", "field": "a value"}


def wanting(tallies: Tallies, copies: int) -> Iterator[Finding]:
    """Values and signatures that nobody here has: at each of them its sessions end."""
    for key, group in tallies.of("unbound"):
        # What needs a minter or a key says so, and what to give.
        method, path, _ = _split(_first(group))
        needs = f"{place(f'{method} {path}')} {printable(key.detail.removeprefix('it ').rstrip('.'))}"
        why = needs if key.detail else _unissued(group)
        yield Finding(kind="unbound", sentence=f"{why} {examples(group)}", sessions=group.sessions * copies)
    for key, group in tallies.of("unsigned"):
        # Most of them cover a time, of which receivers take some minutes.
        missing = f"{place(key.about)} carries {printable(key.detail)}"
        sentence = f"{missing}; the recorded one is too old for its receiver {examples(group)}"
        yield Finding(kind="unbound", sentence=sentence, sessions=group.sessions * copies)


def as_recorded(
    tallies: Tallies, copies: int, *, now: float, end: float, variables: Mapping[str, str]
) -> Iterator[Finding]:
    """What is sent as recorded and may be no use: it expires, it was spent, or the target does not know it.

    now, end:  of the run, unix seconds.
    variables: name of a parameter -> the environment variable that gives it.
    """
    told: set[str] = set()  # places
    for key, group in tallies.of("expires"):
        instants = sorted(group.until)
        count = bisect_right(instants, end)
        if not count:
            continue
        told |= group.places.keys()
        last = instants[count - 1]
        when = (
            f"expired {span(now - last)} ago" if last <= now else f"expires in {span(last - now)}, before the run ends"
        )
        sentence = f"{_WHAT[key.detail]} sent as recorded {when} ({places(group)}); {_instead(group, key.detail)}"
        yield Finding(kind="expired", sentence=sentence, sessions=count * copies)
    for _, group in tallies.of("spent"):
        # What all sessions share was not spent by the first: test systems have such codes.
        if group.sessions == 1 or len(group.values) > 1:
            sentence = (
                f"a code that holds once, and that no answer issued, is sent as recorded ({places(group)}); have the "
                f"target take a fixed one and say --set {_name(group)}=..., or leave these sessions out"
            )
            yield Finding(kind="spent", sentence=sentence, sessions=group.sessions * copies)
    signed = {key.detail for key, _ in tallies.of("stale")}
    for key, group in tallies.of("parameter"):
        # Of what has expired that is said, and not that it may be unknown.
        if not all(_is_told(place, told) for place in group.places):
            sentence = _shared(key.about, group, {} if key.detail else variables, is_signed=_slot(group) in signed)
            yield Finding(kind="parameter", sentence=sentence, sessions=group.sessions * copies)
            told |= group.places.keys()
    told_slots = {_split(place)[2] for place in told}
    for key, group in tallies.of("stale"):
        if key.detail not in told_slots:
            sentence = f"the recorded signature is sent of {printable(key.about)} ({places(group)})"
            yield Finding(kind="parameter", sentence=sentence, sessions=group.sessions * copies)


def _is_told(place: str, told: Collection[str]) -> bool:
    """Was something said of it, or of what it stands in?"""
    method, path, slot = _split(place)
    outer = slot.rpartition("|url.query.")[0] or slot.partition("|")[0]
    return any(f"{method} {path} {own}" in told for own in (slot, outer, slot.partition(".")[0]))


def _unissued(group: Group) -> str:
    nested = "|" in _first(group)
    say = "record from where it is issued" + ("" if nested else f", or say --set {_name(group)}=...")
    return f"{places(group)}: no answer in the recording issued it; {say}"


def _instead(group: Group, what: str) -> str:
    if what == "url":
        return "nothing here can sign it anew, so record shortly before the run, or leave these sessions out"
    sign = ", or --secret jwt=env:NAME to sign it anew" if what == "token" else ""
    return f"say --set {_name(group)}=...{sign}"


def _shared(name: str, group: Group, variables: Mapping[str, str], *, is_signed: bool) -> str:
    what = "credential" if name == "api_token" else short(name)
    # What stands in another value has no name of its own.
    say = [] if "|" in _first(group) else [f"--set {short(name)}=..."]
    if name in variables:
        say.insert(0, variables[name])
    if name != "api_token":
        say.append("--map FILE")
    if is_signed:
        say.append("--secret jwt=env:NAME")
    return (
        f"the recorded {what}, which no answer issued, is sent ({places(group)}); unless the target knows it, give its "
        f"own by {' or '.join(say)}"
    )


def _name(group: Group) -> str:
    """What `--set` calls what stands there; of a value in another that of the outer one."""
    method, path, slot = _split(_first(group))
    return short(parameter_name(Slot(f"{method} {path}", slot.partition("|")[0])))


def _first(group: Group) -> str:
    ((first, _),) = group.places.most_common(1)
    return first


def _slot(group: Group) -> str:
    return _split(_first(group))[2]


def _split(place: str) -> tuple[str, str, str]:
    """Method, path and slot."""
    method, path, slot = (*place.split(" ", 2), "", "")[:3]
    return method, path, slot
