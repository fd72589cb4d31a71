"""The main job: what was prepared is sent and written; the result of a run is itself a trace."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import secrets
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from replay import guard
from replay.bind import Place
from replay.engine import Engine, Fidelity, certify
from replay.engine.clock import MonotonicClock
from replay.prepare import Prepared, Settings
from replay.recording import Recording
from replay.wire import Address, RawTransport, Transport, resolve
from traces.analysis import Analysis
from traces.anonymize import subkey
from traces.file import Spool, TraceWriter
from traces.model import Header

_TICK: Final = 0.2
_CONNECT: Final = 10.0


class Unreachable(Exception):
    """Nothing answers at the target; the text is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a run stands: sessions ended of planned, requests sent, seconds since its start."""

    ended: int
    sessions: int
    sent: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A finished run; `unbound` and `left` are examples of sessions that could not go on and of those that were not
    answered as recorded; `interrupted` when it was ended early, `error` when its trace could not be written whole.
    """

    fidelity: Fidelity
    unbound: tuple[str, ...]
    left: tuple[str, ...]
    analysis: Analysis
    interrupted: bool
    error: OSError | None
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run to make: what to send, how, and the trace to write."""

    prepared: Prepared
    settings: Settings
    out: Path


async def run(
    recording: Recording,
    jobs: Sequence[Job],
    *,
    on_ready: Callable[[], None] = lambda: None,
    on_tick: Callable[[Status], None] = lambda _status: None,
) -> list[Result]:
    """Make all of these runs at once, on one clock, each with a trace of its own; results in the same order.

    on_ready: called when the targets are approved and there, before the first request.

    SIGINT and SIGTERM end them; what was measured is kept. Raises guard.Refused and Unreachable before the first
    request, OSError when a trace cannot be created.
    """
    addresses = [await _reach(job.prepared.where, job.settings) for job in jobs]
    on_ready()
    epoch_ns, clock = time.time_ns(), MonotonicClock()
    spools = [Spool(TraceWriter(job.out, _header(recording, job.settings, epoch_ns))) for job in jobs]
    engines = [
        Engine(
            programs=job.prepared.programs,
            starts=job.prepared.starts,
            transport=_transport(address, job.settings),
            speed=job.settings.speed,
            key=subkey(job.settings.seed.to_bytes(32), "run"),
            scheme=job.prepared.where.scheme,
            authority=job.prepared.where.authority,
            sink=spool.put,
            timeout=job.settings.timeout,
            accounts=job.prepared.accounts,
            minters=job.prepared.minters,
            recorded=recording.exchanges.__getitem__,
            clock=clock,
        )
        for job, address, spool in zip(jobs, addresses, spools, strict=True)
    ]
    # Everything loaded so far stays: a full collection among 100,000 exchanges would stop the loop for a second.
    gc.freeze()
    interrupted = True
    try:
        interrupted = await _until_done(engines, on_tick)
    finally:
        gc.unfreeze()
        results = [
            _finish(job, engine, spool, interrupted=interrupted)
            for job, engine, spool in zip(jobs, engines, spools, strict=True)
        ]
    return results


def _header(recording: Recording, settings: Settings, epoch_ns: int) -> Header:
    return Header(
        kind="replay",
        id=secrets.token_hex(16),
        epoch_ns=epoch_ns,
        tools={"reprise": version("reprise")},
        upstream=settings.target,
        parent=recording.header.id,
        # Of what the operator gave, the names: tokens are among the values.
        config=asdict(settings)
        | {
            "given": sorted(settings.given),
            "defaults": sorted(settings.defaults),
            "mapping": settings.mapping is not None,
            "accounts": settings.accounts is not None,
        },
    )


def _finish(job: Job, engine: Engine, spool: Spool, *, interrupted: bool) -> Result:
    """Certify a run and put its trace to disk, certificate included."""
    spans = [program.start for program in job.prepared.programs]
    fidelity = certify(engine.tally, speed=job.settings.speed, recorded_span=max(spans) - min(spans))
    spool.close({"fidelity": fidelity.plain()})
    return Result(
        fidelity=fidelity,
        unbound=tuple(engine.tally.unbound),
        left=tuple(engine.tally.left),
        analysis=job.prepared.analysis,
        interrupted=interrupted,
        error=spool.error,
        dropped=spool.dropped,
    )


async def _until_done(engines: Sequence[Engine], on_tick: Callable[[Status], None]) -> bool:
    """Run the engines; True when a signal ended them early."""
    loop, interrupted = asyncio.get_running_loop(), False
    running = asyncio.gather(*(engine.run() for engine in engines))

    def stop() -> None:
        nonlocal interrupted
        interrupted = True
        running.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        while not running.done():
            await asyncio.wait([running], timeout=_TICK)
            on_tick(
                Status(
                    ended=sum(engine.ended for engine in engines),
                    sessions=sum(len(engine.starts) for engine in engines),
                    sent=sum(engine.tally.attempts for engine in engines),
                    seconds=engines[0].clock.now() / 1e9,
                )
            )
        with contextlib.suppress(asyncio.CancelledError):
            await running
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
    return interrupted


async def _reach(where: Place, settings: Settings) -> Address:
    """Resolve the target, have it approved, and see at which of its addresses something listens."""
    named = f"{where.host}:{where.port}"
    try:
        addresses = resolve(where.scheme, where.host, where.port, verify=settings.verify)
    except OSError as error:
        raise Unreachable(f"{named} has no address ({error.strerror}); check --target.") from error
    for address in addresses:
        guard.approve(address, settings.allowed)
    if settings.proxy is not None:
        return addresses[0]
    why = "no answer"
    for address in addresses:
        try:
            async with asyncio.timeout(_CONNECT):
                _, writer = await asyncio.open_connection(
                    *address.sockaddr[:2], ssl=address.tls, server_hostname=where.host if address.tls else None
                )
        except (OSError, TimeoutError) as error:
            why = str(error) or why
            continue
        writer.close()
        return address
    raise Unreachable(f"cannot connect to {named} ({why}); start the target or check --target.")


def _transport(address: Address, settings: Settings) -> Transport:
    if settings.sender == "raw" and settings.proxy is None:
        return RawTransport(address)
    from replay.wire.through_httpx import HttpxTransport

    return HttpxTransport(address, proxy=settings.proxy)
