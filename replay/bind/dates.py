"""Instants that a client wrote into a request, moved to the present: a delivery day three days ahead stays three ahead.

Rule 1: only what lies near the recorded request is an instant of it. A birthday is a fact about somebody.
Rule 2: what is written keeps its form: its separators, its decimals, its offset.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from traces.lens import Leaf

_DAY: Final = 86_400 * 10**9
#: How far before and after the request a date may lie (ns): clocks differ; deliveries and trips are booked ahead.
_BEFORE: Final = 2 * _DAY
_AHEAD: Final = 400 * _DAY
#: A number of seconds is an instant only if it is the request's own, give or take (ns).
_NEAR: Final = _DAY

_ISO: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:([T ])(\d\d:\d\d)(:\d\d)?([.,]\d{1,9})?(Z|[+-]\d\d:?\d\d)?)?")
_HTTP: Final = re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")
_EPOCH: Final = re.compile(r"1\d{9}(\d{3}|\d{6}|\d{9})?")
#: Conditions on what an answer said (RFC 9110, 13.1), and when a cookie was made.
_NOT: Final = ("header.if-", "cookie.")

Form = Literal["iso", "http", "epoch"]


@dataclass(frozen=True, slots=True)
class Dated:
    """An instant in a request. `recorded`: when the request was sent, unix ns."""

    text: str
    form: Form
    recorded: int

    def at(self, now: int) -> str:
        """The text for a request sent at `now` (unix ns)."""
        shift = now - self.recorded
        if self.form == "epoch":
            unit = 10 ** (19 - len(self.text))
            return str((int(self.text) * unit + shift) // unit)
        if self.form == "http":
            moved = _http(self.text) + timedelta(microseconds=shift // 1000)
            return moved.strftime("%a, %d %b %Y %H:%M:%S GMT")
        return _moved_iso(self.text, shift)


def dated(leaf: Leaf, recorded: int) -> Dated | None:
    """The instant that a request's leaf holds, if it is one of the request's time; `recorded` in unix ns."""
    text = leaf.text
    if leaf.path.startswith(_NOT):
        return None
    form: Form
    try:
        if _EPOCH.fullmatch(text):
            form, instant, before, ahead = "epoch", int(text) * 10 ** (19 - len(text)), _NEAR, _NEAR
        elif _HTTP.fullmatch(text):
            form, instant, before, ahead = "http", _unix(_http(text)), _BEFORE, _AHEAD
        elif (match := _ISO.fullmatch(text)) is not None:
            form, instant, before, ahead = "iso", _unix(_read_iso(match)), _BEFORE, _AHEAD
        else:
            return None
    except ValueError:
        return None
    return Dated(text, form, recorded) if -before <= instant - recorded <= ahead else None


def _http(text: str) -> datetime:
    return datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)


def _unix(instant: datetime) -> int:
    return int(instant.timestamp()) * 10**9


def _read_iso(match: re.Match[str]) -> datetime:
    """The instant to the second; without an offset it is taken as UTC."""
    day, _, minutes, seconds, _, zone = match.groups()
    offset = "+00:00" if zone in {None, "Z"} else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    return datetime.fromisoformat(f"{day}T{minutes or '00:00'}{seconds or ':00'}{offset}")


def _moved_iso(text: str, shift: int) -> str:
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no ISO date")
    sign, seconds, fraction, zone = match[2], match[4], match[5], match[6]
    instant = _read_iso(match)
    if sign is None:
        # Whole days, so that a run half a day later does not ask for the day after.
        return (instant + timedelta(days=round(shift / _DAY))).strftime("%Y-%m-%d")
    moved = instant + timedelta(seconds=shift // 10**9)
    clock = moved.strftime("%H:%M:%S" if seconds else "%H:%M")
    return f"{moved:%Y-%m-%d}{sign}{clock}{fraction or ''}{zone or ''}"
