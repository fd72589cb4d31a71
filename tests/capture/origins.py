"""A server that does exactly what a test scripts, byte for byte, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came.

    head:       up to and with the empty line.
    connection: 0-based number of the connection it came on.
    turn:       0-based number of the request on that connection.
    """

    head: bytes
    body: bytes
    connection: int
    turn: int

    @property
    def target(self) -> bytes:
        return self.head.split(b" ", 2)[1]

    @property
    def method(self) -> bytes:
        return self.head.split(b" ", 1)[0]


Script = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


def ok(body: bytes = b"ok", *extra: bytes) -> bytes:
    """A plain 200."""
    lines = [b"HTTP/1.1 200 OK", *extra, b"content-length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def says(*pieces: bytes | float | None) -> Script:
    """Answers every request with these pieces: bytes are written, a number is a pause in seconds, None closes."""

    async def script(_asked: Asked, wire: asyncio.StreamWriter) -> None:
        for piece in pieces:
            if piece is None:
                wire.close()
            elif isinstance(piece, bytes):
                wire.write(piece)
                await wire.drain()
            else:
                await asyncio.sleep(piece)

    return script


async def reset(_asked: Asked, wire: asyncio.StreamWriter) -> None:
    """Answers with a RST."""
    linger_zero(wire)
    wire.transport.abort()


def linger_zero(wire: asyncio.StreamWriter) -> None:
    """Make closing this connection a reset."""
    wire.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Origin:
    """Listens on a free port of loopback until `with` ends; `asked` holds what came, in order."""

    def __init__(self, script: Script, *, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._script = script
        self._tls = tls
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _serve(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0, ssl=self._tls)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for wire in list(self._open):
            wire.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, wire: asyncio.StreamWriter) -> None:
        number, turn = self.connections, 0
        self.connections += 1
        self._open.add(wire)
        try:
            while not wire.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                asked = Asked(head=head, body=await _body(head, reader), connection=number, turn=turn)
                self.asked.append(asked)
                await self._script(asked, wire)
                turn += 1
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(wire)
            wire.close()


async def _body(head: bytes, reader: asyncio.StreamReader) -> bytes:
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        return await reader.readuntil(b"0\r\n\r\n")
    _, found, rest = lower.partition(b"content-length:")
    return await reader.readexactly(int(rest.split(b"\r\n", 1)[0])) if found else b""
