"""The httpx sender over HTTP/2, against a server made of h2."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from h2.config import H2Configuration  # type: ignore[import-untyped, unused-ignore]  # ships types from 4.3 on
from h2.connection import H2Connection  # type: ignore[import-untyped, unused-ignore]  # ships types from 4.3 on
from h2.events import RequestReceived, StreamEnded  # type: ignore[import-untyped, unused-ignore]  # ships types from 4.3 on

from replay.bind import Answer
from replay.wire import Outgoing, resolve
from replay.wire.through_httpx import HttpxTransport
from tests.capture.origins import Origin, ok, says
from tests.replay.wire.certificates import self_signed

WIRE = (
    b"POST /a%%2Fb?n=%d HTTP/1.1\r\nHost: shop.example\r\nX-Case: 1\r\nconnection-x: y\r\ncontent-length: 2\r\n\r\nhi"
)


class Http2Origin(Origin):
    """Answers each stream after 50 ms with what it was asked; `streams` holds the requests' headers."""

    def __init__(self, folder: Path) -> None:
        super().__init__(says(ok()), tls=self_signed(folder, "h2"))
        self.streams: list[dict[bytes, bytes]] = []

    async def _converse(self, reader: asyncio.StreamReader, wire: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(wire)
        h2 = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        h2.initiate_connection()
        wire.write(h2.data_to_send())
        asked: dict[int, dict[bytes, bytes]] = {}

        async def answer(stream: int) -> None:
            await asyncio.sleep(0.05)
            h2.send_headers(stream, [(b":status", b"200"), (b"x-one", b"1")])
            h2.send_data(stream, asked[stream][b":path"], end_stream=True)
            wire.write(h2.data_to_send())

        async with asyncio.TaskGroup() as answers:
            while data := await reader.read(65536):
                for event in h2.receive_data(data):
                    if isinstance(event, RequestReceived):
                        asked[event.stream_id] = {bytes(name): bytes(value) for name, value in event.headers}
                        self.streams.append(asked[event.stream_id])
                    elif isinstance(event, StreamEnded):
                        answers.create_task(answer(event.stream_id))
                wire.write(h2.data_to_send())
        wire.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Http2Origin, list[Answer]]]:
    """A server, and the answers to one request and then to two at once."""
    with Http2Origin(tmp_path_factory.mktemp("h2")) as origin:
        address = resolve("https", "127.0.0.1", origin.port, verify=False)[0]

        async def run() -> list[Answer]:
            client = HttpxTransport(address).client()
            requests = [Outgoing(wire=WIRE % number, timeout=10) for number in range(3)]
            first = await client.send(requests[0])
            both = await asyncio.gather(*[client.send(request) for request in requests[1:]])
            await client.aclose()
            return [first, *both]

        yield origin, asyncio.run(run())


def test_http2_is_spoken_where_it_is_offered(served: tuple[Http2Origin, list[Answer]]) -> None:
    assert [(a.error, a.status, a.version, a.headers, a.body) for a in served[1]] == [
        (None, 200, b"HTTP/2", ((b"x-one", b"1"),), b"/a%%2Fb?n=%d" % number) for number in range(3)
    ]


def test_requests_at_once_share_one_connection(served: tuple[Http2Origin, list[Answer]]) -> None:
    assert (served[0].connections, [a.fresh for a in served[1]]) == (1, [True, False, False])


def test_target_host_and_headers_arrive_as_compiled(served: tuple[Http2Origin, list[Answer]]) -> None:
    headers = served[0].streams[0]
    assert (headers[b":path"], headers[b":authority"], headers[b"x-case"], headers[b"content-length"]) == (
        b"/a%2Fb?n=0",
        b"shop.example",
        b"1",
        b"2",
    )


def test_each_wait_is_the_servers_own_time(served: tuple[Http2Origin, list[Answer]]) -> None:
    waits = [((a.first_byte or 0) - (a.sent or 0)) / 1e6 for a in served[1]]
    assert all(45 < wait < 150 for wait in waits), waits
