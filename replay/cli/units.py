"""How people write numbers and addresses here: `5x`, `250ms`, `500/s`, `8MiB`, `30%`. Numbers become SI units."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import click

_SECONDS: Final = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_BYTES: Final = {"": 1, "B": 1, "kB": 10**3, "KiB": 2**10, "MB": 10**6, "MiB": 2**20, "GB": 10**9, "GiB": 2**30}
_PER: Final = {"s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0}
_NUMBER: Final = r"(\d+(?:\.\d+)?|\.\d+)"


class _Quantity(click.ParamType[float]):
    """A number with a unit; subclasses say which units there are and what is out of range."""

    name = "quantity"
    pattern: re.Pattern[str]
    example: str
    zero = False

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, int | float):
            return float(value)
        match = self.pattern.fullmatch(str(value).strip())
        if match is None:
            self.fail(f"{str(value)!r} is not a {self.name}; write it like {self.example}.", param, ctx)
        number = self.number(match)
        if not math.isfinite(number) or number < 0 or (number == 0 and not self.zero):
            self.fail(f"a {self.name} must be above 0; write it like {self.example}.", param, ctx)
        return number

    def number(self, match: re.Match[str]) -> float:
        return float(match[1])


class Speed(_Quantity):
    """`5x` -> 5.0: every recorded gap is divided by it."""

    name = "speed"
    pattern = re.compile(_NUMBER + "x?")
    example = "5x or 0.5x"


class Duration(_Quantity):
    """`250ms` -> 0.25 seconds."""

    name = "duration"
    pattern = re.compile(_NUMBER + r"\s*(us|ms|s|min|m|h)")
    example = "250ms, 30s or 5min"

    def number(self, match: re.Match[str]) -> float:
        return float(match[1]) * _SECONDS[match[2]]


class Offset(Duration):
    """A duration after some start, which may be that start: `0s`."""

    zero = True


class Rate(_Quantity):
    """`500/s` -> 500.0 per second."""

    name = "rate"
    pattern = re.compile(_NUMBER + r"\s*/\s*(s|min|m|h)")
    example = "500/s or 100/min"

    def number(self, match: re.Match[str]) -> float:
        return float(match[1]) / _PER[match[2]]


class Size(_Quantity):
    """`8MiB` -> 8388608 bytes."""

    name = "size"
    pattern = re.compile(_NUMBER + r"\s*(" + "|".join(sorted(filter(None, _BYTES), key=len, reverse=True)) + ")?")
    example = "8MiB or 500kB"

    def number(self, match: re.Match[str]) -> float:
        return float(match[1]) * _BYTES[match[2] or ""]


class Percent(_Quantity):
    """`5%` -> 0.05."""

    name = "share"
    pattern = re.compile(_NUMBER + r"\s*%")
    example = "5%"

    def number(self, match: re.Match[str]) -> float:
        return float(match[1]) / 100


def check_url(url: str, option: str) -> None:
    """Raise a usage error unless `url` is scheme, host and port: paths come from what was recorded."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username:
        raise click.BadParameter("give scheme, host and port only, like http://127.0.0.1:8000.", param_hint=option)


def pairs(values: tuple[str, ...], what: str) -> Mapping[str, str]:
    """`("confirm=+30%",)` -> `{"confirm": "+30%"}`; raises a usage error for anything without `=`."""
    result: dict[str, str] = {}
    for value in values:
        key, sign, rest = value.partition("=")
        if not sign or not key:
            raise click.BadParameter(f"{value!r} is not of the form {what}.")
        result[key] = rest
    return result
