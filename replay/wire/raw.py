"""The fast HTTP/1.1 sender: pre-serialised bytes out, httptools in, one asyncio protocol a connection.

Rule 1: what the network or the server does is an Answer, never an exception.
Rule 2: one request at a time on a connection; nothing is retried that the recording did not retry.
"""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Final

import httptools

from replay.bind.answer import Answer
from replay.wire.address import Address, why
from replay.wire.sender import Outgoing
from traces.model import Event

#: A body longer than this is read to its end and not kept.
_KEEP_BODY: Final = 8 * 1024 * 1024
#: An idle connection older than this is not reused: the commonest servers close theirs after 5 s, and a request sent
#: into a closing connection measures nothing.
_IDLE_SECONDS: Final = 4.0
_CONNECT_SECONDS: Final = 10.0


class RawTransport:
    """Makes clients that speak HTTP/1.1 to one address."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def client(self) -> RawClient:
        """A client with no connection yet."""
        return RawClient(self._address)


class RawClient:
    """One virtual client: a few connections, the last used reused first."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._idle: list[_Connection] = []

    async def send(self, request: Outgoing) -> Answer:
        """Send on an idle connection, else on a new one."""
        deadline = time.monotonic() + request.timeout
        answer = Answer()
        connection = self._take()
        if connection is None:
            answer.fresh = True
            answer.connect_start = time.monotonic_ns()
            try:
                async with asyncio.timeout(min(_CONNECT_SECONDS, request.timeout)):
                    connection = await self._connect(answer)
            except (OSError, TimeoutError) as error:
                answer.error = why(error)
                return answer
        try:
            await connection.exchange(request, answer, deadline)
        except BaseException:
            # Cancelled with the answer under way: nobody will read it, and the next one must not begin with it.
            connection.close()
            raise
        if connection.reusable:
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    async def aclose(self) -> None:
        """Close the idle connections."""
        for connection in self._idle:
            connection.close()
        self._idle.clear()
        # A transport closes in the loop's next turn; a loop that ends before it leaves the socket to the collector.
        await asyncio.sleep(0)

    def _take(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable and time.monotonic() - connection.idle_since < _IDLE_SECONDS:
                return connection
            connection.close()
        return None

    async def _connect(self, answer: Answer) -> _Connection:
        loop, address = asyncio.get_running_loop(), self._address
        sock = socket.socket(address.family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(sock, address.sockaddr)
            answer.connected = time.monotonic_ns()
            _, connection = await loop.create_connection(
                _Connection, sock=sock, ssl=address.tls, server_hostname=address.host if address.tls else None
            )
        except BaseException:
            sock.close()
            raise
        if address.tls is not None:
            answer.tls_done = time.monotonic_ns()
        return connection


class _Connection(asyncio.Protocol):
    """One TCP (or TLS) connection, and the answer being read from it."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self.reusable = True
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream protocol is given a stream transport

    def close(self) -> None:
        """Close for good."""
        self.reusable = False
        if self._transport is not None:
            # Not `close`: over TLS that waits for the server's goodbye, and nothing of ours is left to be sent.
            self._transport.abort()

    async def exchange(self, request: Outgoing, answer: Answer, deadline: float) -> None:
        """Send one request and fill `answer` until it is complete, fails, or `deadline` (monotonic seconds) passes."""
        self._answer, self._until, self._is_head = answer, request.until, request.is_head
        self._headers: list[tuple[bytes, bytes]] = []
        self._chunks: list[bytes] = []
        self._size = 0
        self._reason = b""
        self._complete = self._interim = False
        self._now = 0
        # A parser a message: httptools cannot be told that an answer to HEAD has no body.
        self._parser = httptools.HttpResponseParser(self)
        self._waiter = self._loop.create_future()
        timer = self._loop.call_later(max(0.0, deadline - time.monotonic()), self._finish, "timeout")
        if self._transport is None or not self.reusable:
            self._finish("reset")
        else:
            self._transport.write(request.wire)
            answer.sent = time.monotonic_ns()
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None

    # What asyncio calls.

    def data_received(self, data: bytes) -> None:
        if self._waiter is None or self._waiter.done():
            # Bytes nobody asked for: whatever they are, the next answer must not begin with them.
            self.close()
            return
        self._now = time.monotonic_ns()
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._finish("an upgrade nobody asked for")
        except httptools.HttpParserError as error:
            if not self._complete:
                self._finish(f"bad response ({error})")
        if self._complete:
            self._finish(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.reusable = False
        if self._waiter is None or self._waiter.done():
            return
        answer = self._answer
        if answer.first_byte is None:
            self._finish("reset" if exc is not None else "closed without an answer")
        elif exc is None and self._ends_with_connection():
            answer.last_byte = time.monotonic_ns()
            self._finish(None)
        else:
            self._finish("cut off")

    # What httptools calls; once the answer is complete, for bytes that nobody asked for.

    def on_message_begin(self) -> None:
        if self._complete:
            self.reusable = False

    def on_status(self, reason: bytes) -> None:
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        # The parser leaves the optional white space after a value, which is none of it (RFC 9112, 5).
        self._headers.append((name, value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        if self._complete:
            return
        status = self._parser.get_status_code()
        self._interim = 100 <= status < 200
        if self._interim:
            self._headers, self._reason = [], b""
            return
        answer = self._answer
        answer.status, answer.reason, answer.headers = status, self._reason, tuple(self._headers)
        answer.version = b"HTTP/" + self._parser.get_http_version().encode()
        answer.first_byte = self._now
        if self._is_head:
            self._end()

    def on_body(self, data: bytes) -> None:
        if self._complete:
            # A body after the answer to a HEAD, or more of a stream than was wanted.
            self.reusable = False
            return
        if self._until is not None:
            self._answer.events.append(Event(at=self._now, data=data))
            if self._until(data):
                self._end()
                self.reusable = False
            return
        self._size += len(data)
        if self._size <= _KEEP_BODY:
            self._chunks.append(data)

    def on_message_complete(self) -> None:
        if not self._interim and not self._complete:
            self._end()

    def _end(self) -> None:
        self._complete = True
        self._answer.last_byte = self._now
        if not self._parser.should_keep_alive():
            self.reusable = False

    def _ends_with_connection(self) -> bool:
        names = {name.lower() for name, _ in self._headers}
        return b"content-length" not in names and b"transfer-encoding" not in names

    def _finish(self, error: str | None) -> None:
        if self._waiter is None or self._waiter.done():
            return
        answer = self._answer
        answer.error = error
        answer.body = b"".join(self._chunks) if self._size <= _KEEP_BODY else None
        if self._until is not None:
            answer.body = None
        if error is not None:
            self.close()
        self._waiter.set_result(None)
