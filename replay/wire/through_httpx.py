"""The httpx sender, for what the raw one does not speak: HTTP/2 and proxies. Same interface, a hundred times the CPU.

It works below httpx's client: the client layer rewrites targets (`/a%2Fb/../c`), adds headers and reorders them.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx

from replay.bind.answer import Answer
from replay.wire.address import Address, why
from replay.wire.sender import Outgoing, parse
from traces.model import Event


class HttpxTransport:
    """Makes clients that reach one address by HTTP/2 where it is offered, or through a proxy."""

    def __init__(self, address: Address, *, http2: bool = True, proxy: str | None = None) -> None:
        self._address = address
        self._http2 = http2
        self._proxy = proxy

    def client(self) -> HttpxClient:
        """A client with no connection yet."""
        transport = httpx.AsyncHTTPTransport(
            verify=self._address.tls if self._address.tls is not None else False,
            http2=self._http2 and self._address.tls is not None,
            proxy=self._proxy,
            trust_env=False,
            limits=httpx.Limits(max_connections=8, keepalive_expiry=4.0),
        )
        return HttpxClient(self._address, transport)


class HttpxClient:
    """One virtual client over an httpx transport."""

    def __init__(self, address: Address, transport: httpx.AsyncHTTPTransport) -> None:
        scheme = "https" if address.tls is not None else "http"
        host = f"[{address.host}]" if ":" in address.host else address.host
        self._base = f"{scheme}://{host}:{address.port}"
        self._transport = transport

    async def send(self, request: Outgoing) -> Answer:
        """Send through httpx; clock points come from httpcore's trace events."""
        answer = Answer()
        try:
            async with asyncio.timeout(request.timeout):
                await self._exchange(request, answer)
        except TimeoutError:
            answer.error = "timeout"
        except httpx.ConnectError as error:
            answer.error = why(_cause(error))
        except httpx.TransportError as error:
            answer.error = f"{type(error).__name__}: {error}"
        return answer

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def _exchange(self, request: Outgoing, answer: Answer) -> None:
        async def trace(name: str, _info: dict[str, Any]) -> None:
            _book(answer, name)

        method, target, headers, body = parse(request.wire)
        outgoing = httpx.Request(
            method.decode("latin-1"),
            self._base + "/",
            headers=headers,
            content=body,
            extensions={"target": target, "trace": trace},
        )
        # httpx adds Accept and the like only in its client; what stands here is what goes out.
        response = await self._transport.handle_async_request(outgoing)
        answer.first_byte = time.monotonic_ns()
        answer.status = response.status_code
        answer.version = response.extensions.get("http_version", b"HTTP/1.1")
        answer.reason = response.extensions.get("reason_phrase", b"")
        answer.headers = tuple(response.headers.raw)
        try:
            await _read(response, request, answer)
        finally:
            await response.aclose()
        answer.last_byte = time.monotonic_ns()


async def _read(response: httpx.Response, request: Outgoing, answer: Answer) -> None:
    chunks = []
    stream = response.stream
    if not isinstance(stream, httpx.AsyncByteStream):
        raise TypeError("an async transport answers with an async stream")
    iterator: AsyncIterator[bytes] = aiter(stream)
    async for chunk in iterator:
        if request.until is None:
            chunks.append(chunk)
            continue
        answer.events.append(Event(at=time.monotonic_ns(), data=chunk))
        if request.until(chunk):
            break
    answer.body = b"".join(chunks) if request.until is None else None


def _cause(error: BaseException) -> BaseException:
    """The operating system's own error below the layers' errors; a refused connect or a TLS failure before others."""
    found = error
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, OSError):
            found = below
        if isinstance(below, ConnectionRefusedError | ssl.SSLError):
            break
        below = below.__cause__ or below.__context__
    return found


def _book(answer: Answer, name: str) -> None:
    """One of httpcore's trace events as a clock point."""
    now = time.monotonic_ns()
    if name == "connection.connect_tcp.started":
        answer.fresh, answer.connect_start = True, now
    elif name == "connection.connect_tcp.complete":
        answer.connected = now
    elif name == "connection.start_tls.complete":
        answer.tls_done = now
    elif name.endswith("send_request_body.complete"):
        answer.sent = now
