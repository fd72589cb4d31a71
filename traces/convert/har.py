"""A HAR 1.2 (HTTP Archive) of a browser, Playwright, Charles, Fiddler, mitmproxy or ourselves as exchanges.

What a browser took from a cache never reached the service, and is passed over with tunnels (CONNECT), data: and blob:
addresses. How the rest is read says `har_entry`; `har_write` writes, and what it wrote comes back exactly. Bodies may
lie in files beside the HAR, and all of it in a zip (`har_attached`, `har_files`).

A HAR is one JSON value, which no parser here reads piecemeal: the whole file is in memory while its exchanges are
taken from it, in up to six times its size (measured). A file above `MAX_BYTES` is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NoReturn

import orjson

from traces.convert import har_exact
from traces.convert.har_attached import Attached
from traces.convert.har_entry import exchange_of, is_traffic
from traces.convert.har_fields import Fields
from traces.convert.har_files import files_of
from traces.model import Exchange

#: 75,000 exchanges as `har_write` writes them (FIELD: 7,048 B each); they take 3 GiB of memory to read.
MAX_BYTES: Final = 512 * 1024 * 1024
_BOM: Final = b"\xef\xbb\xbf"
#: What people hand over as a HAR, and what to do about it.
_PACKED: Final = {b"\x1f\x8b": "gzip file", b"\x78": "zlib file (mitmproxy's .zhar)"}


class HarError(ValueError):
    """The file is not a HAR, or an entry of it makes no sense; its text is a sentence."""


def read(path: Path) -> tuple[int, Iterator[Exchange]]:
    """The epoch (ns since 1970; the earliest start when we did not write the file) and the exchanges, in file order.

    Ids are the entries' 0-based positions, or those of the trace the file was written from.

    Raises HarError at once when the file is no HAR, holds no requests or an entry has no date; from the iterator when
    another part of an entry makes no sense. It names the entry as `log.entries[7]`, which jq understands.
    """
    try:
        log = Fields(_load(path)).inner("log")
        entries, creator = log.items("entries"), log.inner("creator").text("name") or ""
        epoch = har_exact.epoch_of(log)
    except HarError:
        raise
    except ValueError as error:
        raise HarError(f"{path} is not a HAR ({error}).") from None
    starts: list[int] = []
    ids: list[int | None] = []
    for number, raw in enumerate(entries):
        try:
            entry = Fields(raw)
            if "_reprise" not in entry.raw and not is_traffic(entry):
                entries[number] = None
                continue
            starts.append(entry.instant("startedDateTime"))
            ids.append(har_exact.number_of(entry))
        except ValueError as error:
            _refuse(path, number, error)
    if not starts:
        raise HarError(f"{path} holds no HTTP requests.")
    # Files of several traces may have been joined by hand; an id names one exchange.
    own = len(set(ids)) == len(ids) and None not in ids
    # Nothing may happen before the epoch. startedDateTime is cut to a microsecond: ours may seem to lie later by less.
    if epoch is None or not 0 <= epoch < min(starts) + 1000:
        epoch = min(starts)
    return epoch, _exchanges(path, entries, epoch, creator, own_ids=own)


def _exchanges(path: Path, entries: list[Any], epoch: int, creator: str, *, own_ids: bool) -> Iterator[Exchange]:
    with files_of(path) as files:
        attached = Attached(files)
        for number, raw in enumerate(entries):
            if raw is None:
                continue
            entries[number] = None  # what has been read need not stay in memory
            try:
                entry = Fields(raw)
                too_long = attached.embed(entry)
                exchange = har_exact.restore(exchange_of(number, entry, epoch, creator), entry, epoch)
                exact = har_exact.number_of(entry)
            except ValueError as error:
                _refuse(path, number, error)
            if too_long:
                exchange = replace(exchange, extra={**exchange.extra, **too_long})
            yield replace(exchange, id=exact) if own_ids and exact is not None else exchange


def _refuse(path: Path, number: int, error: ValueError) -> NoReturn:
    raise HarError(f"log.entries[{number}] of {path} makes no sense: {error}.") from None


def _load(path: Path) -> Any:
    try:
        with files_of(path) as files:
            held = files.har()
            if held.size > MAX_BYTES:
                raise ValueError(
                    f"is {held.size >> 20} MiB long, and a HAR of more than {MAX_BYTES >> 20} MiB does not fit in "
                    "memory well: export it in parts, or record with `replay capture`"
                )
            content = held.read().removeprefix(_BOM)
    except ValueError as error:
        raise HarError(f"{path} {error}.") from None
    for magic, what in _PACKED.items():
        if content.startswith(magic):
            raise HarError(f"{path} is a {what}: unpack it first.")
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        # mitmproxy and browsers write lone surrogates for bytes that are no text; the slower parser takes them.
        if b"\\ud" not in content and b"\\uD" not in content:
            raise HarError(f"{path} is not a HAR: it is not JSON ({error}).") from None
    try:
        return json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise HarError(f"{path} is not a HAR: it is not JSON ({error}).") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")
