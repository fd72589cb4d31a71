"""Runs a target in this process: the API, the payment provider's double and the worker on one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn
import uvloop
from starlette.types import ASGIApp

from replay.target import app, provider
from replay.target.clock import now
from replay.target.errors import TargetError
from replay.target.hub import Hub
from replay.target.payments import Payments
from replay.target.settings import Settings
from replay.target.store import Store
from replay.target.worker import work

_BACKLOG: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Where a started target is.

    url, provider_url: without a trailing slash.
    db: the SQLite file, absolute.
    """

    url: str
    provider_url: str
    db: Path


def serve(settings: Settings, ready: Callable[[Running], None], *, until_eof: bool = False) -> None:
    """Serve until SIGINT or SIGTERM; calls `ready` once, when both ports answer.

    until_eof: serve until standard input ends instead, so that a child never outlives its parent, however that dies.
               SIGINT is then ignored: a terminal sends it to both, and when to stop is the parent's to decide.
    Raises TargetError when a port cannot be had or the database cannot be opened.
    """
    with contextlib.ExitStack() as stack:
        api = stack.enter_context(_listen(settings.host, settings.port))
        payment = stack.enter_context(_listen(settings.host, settings.provider_port))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="reprise-target-"))
        db = Path(settings.db or Path(folder) / "target.db").absolute()
        store = stack.enter_context(contextlib.closing(_open(db)))
        running = Running(url=_url(api), provider_url=_url(payment), db=db)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(settings, store, (api, payment), lambda: ready(running), until_eof=until_eof))


async def _run(
    settings: Settings,
    store: Store,
    sockets: tuple[socket.socket, socket.socket],
    ready: Callable[[], None],
    *,
    until_eof: bool,
) -> None:
    hub = Hub()
    api, payment = sockets
    payments = Payments(*payment.getsockname()[:2])
    async with asyncio.TaskGroup() as tasks:
        servers = {
            api: _Server(app.build(settings, store=store, hub=hub, payments=payments)),
            payment: _Server(provider.build()),
        }
        for listener, server in servers.items():
            tasks.create_task(server.serve(sockets=[listener]))
        worker = tasks.create_task(work(store, hub))
        for server in servers.values():
            await server.ready.wait()
        stop = _stop_event(until_eof=until_eof)
        ready()
        await stop.wait()
        worker.cancel()
        hub.close()
        for server in servers.values():
            server.should_exit = True


class _Server(uvicorn.Server):
    """A uvicorn server that says when it is ready, and leaves the process's signals to `serve`."""

    def __init__(self, asgi: ASGIApp) -> None:
        config = uvicorn.Config(
            asgi,
            http="httptools",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _stop_event(*, until_eof: bool) -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    if until_eof:
        loop.add_signal_handler(signal.SIGINT, lambda: None)
        # The parent never writes, so readable means ended.
        loop.add_reader(sys.stdin.fileno(), stop.set)
    else:
        loop.add_signal_handler(signal.SIGINT, stop.set)
    return stop


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise TargetError(
                f"Port {port} is already in use; choose another one, or 0 for any that is free."
            ) from error
        raise TargetError(f"Cannot listen on {host} port {port}: {error.strerror or error}.") from error


def _open(path: Path) -> Store:
    try:
        return Store(path, now())
    except sqlite3.Error as error:
        raise TargetError(f"Cannot use {path} as the target's database: {error}.") from error


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"
