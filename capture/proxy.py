"""Run the recording proxy until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from mitmproxy.options import Options
from mitmproxy.tools.dump import DumpMaster

from capture import instants
from capture.addon import TraceAddon
from capture.opening import open_spool
from capture.recorder import Recorder
from traces.file.spool import FLUSH_SECONDS

_TICK: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `replay capture` was asked for; written into the trace's header.

    listen_port: 0 picks a free one.
    keep_host:   pass the client's Host on, so that absolute URLs in answers lead back through the recorder.
    max_body:    bytes.
    flush:       seconds until a finished exchange is on disk, at the most.
    strategy:    "lazy" connects when a request is there: eager connections that an origin closes idle give users 502s.
    """

    upstream: str
    listen_host: str = "127.0.0.1"
    listen_port: int = 0
    keep_host: bool = True
    insecure: bool = False
    max_body: int = 8 * 1024 * 1024
    flush: float = FLUSH_SECONDS
    strategy: str = "lazy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the recording stands."""

    exchanges: int
    written: int
    dropped: int
    size: int
    error: OSError | None


class CannotListen(OSError):
    """The address is taken or not ours."""


async def record(
    settings: Settings,
    path: Path,
    *,
    overwrite: bool = False,
    on_ready: Callable[[str, int], None] = lambda _host, _port: None,
    on_tick: Callable[[Status], None] = lambda _status: None,
    stop: asyncio.Event | None = None,
) -> Status:
    """Record until SIGINT, SIGTERM or `stop`; every finished exchange is on disk when this returns.

    Raises CannotListen before anything is written, FileExistsError unless `overwrite`, OSError when the trace cannot be
    created. A disk that fills later does not end the recording: users are served on, and the status holds the error.
    """
    stop = stop or asyncio.Event()
    await _probe(settings)
    warning = instants.install()
    master = DumpMaster(
        Options(
            mode=[f"reverse:{settings.upstream}"],
            listen_host=settings.listen_host,
            listen_port=settings.listen_port,
            ssl_insecure=settings.insecure,
        ),
        with_termlog=False,
        with_dumper=False,
    )
    # It would end the process from inside a task at the first logged error; what matters is checked below.
    master.addons.remove(master.addons.get("errorcheck"))
    master.options.update(keep_host_header=settings.keep_host, connection_strategy=settings.strategy)
    epoch, epoch_ns = time.monotonic_ns(), time.time_ns()
    spool = open_spool(
        path,
        epoch_ns=epoch_ns,
        upstream=settings.upstream,
        config=asdict(settings),
        overwrite=overwrite,
        flush=settings.flush,
    )
    recorder = Recorder(spool, epoch=epoch, max_body=settings.max_body, approximate=warning is not None)
    master.addons.add(TraceAddon(recorder))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    running = asyncio.create_task(master.run())
    try:
        host, port = await _listening(master, running)
        on_ready(host, port)
        while not stop.is_set() and not running.done():
            on_tick(_status(recorder))
            try:
                await asyncio.wait_for(stop.wait(), _TICK)
            except TimeoutError:
                continue
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        master.shutdown()
        await running
        # Waiting for the disk here blocks nobody: the proxy has stopped serving.
        spool.close()
    return _status(recorder)


async def _probe(settings: Settings) -> None:
    """Find out before a trace is created whether the address can be had; mitmproxy only logs that it cannot."""
    try:
        server = await asyncio.start_server(lambda _r, w: w.close(), settings.listen_host, settings.listen_port)
    except OSError as error:
        raise CannotListen(error.errno, error.strerror, f"{settings.listen_host}:{settings.listen_port}") from error
    server.close()
    await server.wait_closed()


async def _listening(master: DumpMaster, running: asyncio.Task[None]) -> tuple[str, int]:
    """Where the proxy listens, once it does."""
    server = master.addons.get("proxyserver")
    while not running.done():
        if addresses := server.listen_addrs():
            return str(addresses[0][0]), int(addresses[0][1])
        await asyncio.sleep(0.01)
    await running
    raise CannotListen(0, "the proxy ended before it listened")


def _status(recorder: Recorder) -> Status:
    spool = recorder.spool
    return Status(
        exchanges=recorder.exchanges,
        written=spool.written,
        dropped=spool.dropped + recorder.failed,
        size=spool.writer.size,
        error=spool.error,
    )
