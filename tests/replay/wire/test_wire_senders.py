"""Both senders against scripted servers: whatever a server does is an Answer, never an exception."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable

import pytest

from replay.bind import Answer
from replay.wire import Address, Outgoing, RawTransport, Transport, resolve
from replay.wire.through_httpx import HttpxTransport
from tests.capture.origins import Asked, Origin, Script, linger_zero, ok, reset, says
from tests.capture.recorders import until
from tests.replay.wire.certificates import self_signed

RAW, HTTPX = "raw", "httpx"
GET = b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n"
HEAD = b"HEAD /x HTTP/1.1\r\nhost: a\r\n\r\n"
SSE = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"


def transport(kind: str, address: Address) -> Transport:
    return RawTransport(address) if kind == RAW else HttpxTransport(address, http2=False)


def ask(
    origin: Origin,
    kind: str,
    *requests: Outgoing,
    verify: bool = True,
    between: Callable[[], Awaitable[None]] | None = None,
) -> list[Answer]:
    """The answers to these requests, sent one after the other by one client."""
    address = resolve("https" if origin.url.startswith("https") else "http", "127.0.0.1", origin.port, verify=verify)[0]

    async def run() -> list[Answer]:
        client, answers = transport(kind, address).client(), []
        for number, request in enumerate(requests):
            if number and between is not None:
                await between()
            answers.append(await client.send(request))
        await client.aclose()
        return answers

    return asyncio.run(run())


def one(script: Script, kind: str, request: Outgoing | None = None) -> Answer:
    with Origin(script) as origin:
        return ask(origin, kind, request or Outgoing(wire=GET, timeout=10))[0]


def get(timeout: float = 10) -> Outgoing:
    return Outgoing(wire=GET, timeout=timeout)


async def pause() -> None:
    await asyncio.sleep(0.1)


both = pytest.mark.parametrize("kind", [RAW, HTTPX])


@both
def test_an_answer_comes_back_whole_with_its_clock_points_in_order(kind: str) -> None:
    answer = one(says(0.05, ok(b"body", b"X-One: 1", b"x-one:  2 ")), kind)
    points = [answer.connect_start, answer.connected, answer.sent, answer.first_byte, answer.last_byte]
    known = [point for point in points if point is not None]
    assert (answer.status, answer.reason, answer.version, answer.headers, answer.body, answer.error, answer.fresh) == (
        200,
        b"OK",
        b"HTTP/1.1",
        ((b"X-One", b"1"), (b"x-one", b"2"), (b"content-length", b"4")),
        b"body",
        None,
        True,
    )
    assert (len(known), known == sorted(known)) == (5, True)


@both
def test_the_request_goes_out_byte_for_byte(kind: str) -> None:
    wire = (
        b"POST /a%2Fb/../c?x=%20 HTTP/1.1\r\nHost: shop\r\nX-Case: 1\r\nx-case: 2\r\ncontent-length: 2\r\n\r\n\x00\xff"
    )
    with Origin(says(ok())) as origin:
        ask(origin, kind, Outgoing(wire=wire, timeout=10))
        asked = origin.asked[0]
    assert asked.head + asked.body == wire


@both
def test_the_wait_is_the_servers_own_time(kind: str) -> None:
    took: list[int] = []

    async def script(_asked: Asked, wire: asyncio.StreamWriter) -> None:
        began = time.monotonic_ns()
        await asyncio.sleep(0.015)
        took.append(time.monotonic_ns() - began)
        wire.write(ok())

    with Origin(script) as origin:
        answers = ask(origin, kind, *[get() for _ in range(15)])
    over = sorted((a.first_byte or 0) - (a.sent or 0) - own for a, own in zip(answers, took, strict=True))
    # A server may read before the sender has noted that it wrote, hence less than nothing; httpx spends milliseconds of
    # its own on a busy machine, which is why it is not the default.
    assert -1_000_000 < over[7] < (5_000_000 if kind == RAW else 20_000_000)


@both
def test_one_connection_serves_request_after_request(kind: str) -> None:
    with Origin(says(ok())) as origin:
        answers = ask(origin, kind, *[get() for _ in range(5)])
        assert ([a.fresh for a in answers], origin.connections) == ([True, False, False, False, False], 1)


@both
@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nx-t: 1\r\n\r\n",
            b"abcde",
        ),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 10\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", b"ok"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", b"ok"),
    ],
)
def test_every_framing_ends_where_it_should_and_keeps_the_connection(kind: str, answer: bytes, body: bytes) -> None:
    with Origin(says(answer)) as origin:
        first, second = ask(origin, kind, get(), get())
    assert (first.body, first.error, second.fresh, first.headers == second.headers) == (body, None, False, True)


@both
def test_an_early_hint_is_not_the_answer_and_does_not_set_its_first_byte(kind: str) -> None:
    script = says(b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n", 0.2, ok())
    answer = one(script, kind)
    wait = (answer.first_byte or 0) - (answer.sent or 0)
    assert (answer.status, answer.headers, wait > 150_000_000) == (200, ((b"content-length", b"2"),), True)


@both
def test_a_body_without_length_ends_with_the_connection(kind: str) -> None:
    answer = one(says(b"HTTP/1.0 200 OK\r\n\r\nall ", 0.05, b"of it", None), kind)
    assert (answer.body, answer.error) == (b"all of it", None)


@both
def test_an_answer_to_head_has_no_body_whatever_it_says(kind: str) -> None:
    head = Outgoing(wire=HEAD, timeout=5, is_head=True)
    with Origin(says(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")) as origin:
        first, second = ask(origin, kind, head, head)
    assert (first.status, first.body, first.error, second.fresh) == (200, b"", None, False)


@both
@pytest.mark.parametrize(
    ("script", "error"),
    [
        (says(None), {RAW: "closed without an answer", HTTPX: "RemoteProtocolError"}),
        (reset, {RAW: "reset", HTTPX: "ReadError"}),
        (says(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", None), {RAW: "bad response", HTTPX: "RemoteProtocolError"}),
        (says(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", None), {RAW: "cut off", HTTPX: "RemoteProtocol"}),
        (says(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf", None), {RAW: "cut", HTTPX: "RemoteP"}),
    ],
)
def test_what_is_no_whole_answer_is_an_error(kind: str, script: Script, error: dict[str, str]) -> None:
    answer = one(script, kind)
    assert ((answer.error or "").startswith(error[kind]), answer.last_byte) == (True, None)


@both
def test_a_reset_inside_the_body_keeps_the_head_and_is_an_error(kind: str) -> None:
    async def script(asked: Asked, wire: asyncio.StreamWriter) -> None:
        await says(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", 0.1)(asked, wire)
        linger_zero(wire)
        wire.transport.abort()

    answer = one(script, kind)
    assert (answer.status, bool(answer.error), answer.first_byte is not None, answer.last_byte) == (
        200,
        True,
        True,
        None,
    )


@both
@pytest.mark.parametrize("script", [says(30.0), says(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", 30.0)])
def test_no_answer_in_time_is_counted_as_timed_out(kind: str, script: Script) -> None:
    began = time.monotonic()
    answer = one(script, kind, get(timeout=0.3))
    assert (answer.error, answer.last_byte, time.monotonic() - began < 5) == ("timeout", None, True)


@both
def test_a_closed_port_is_refused(kind: str) -> None:
    origin = Origin(says(ok()))
    with socket.create_server(("127.0.0.1", 0)) as free:
        origin.port = free.getsockname()[1]
    (answer,) = ask(origin, kind, get())
    assert (answer.error, answer.status, answer.sent, answer.connected) == ("refused", 0, None, None)


@both
@pytest.mark.parametrize("closing", [b"connection: close", b"x: y"])
def test_a_connection_that_the_server_closed_is_not_reused(kind: str, closing: bytes) -> None:
    with Origin(says(ok(b"ok", closing), None)) as origin:
        answers = ask(origin, kind, get(), get(), between=pause)
    assert [(a.status, a.error, a.fresh) for a in answers] == [(200, None, True)] * 2


@pytest.mark.parametrize("extra", [b"junk", ok(b"second"), b"HTTP/1.1 408 Timeout\r\n\r\n"])
@pytest.mark.parametrize("wait", [0.0, 0.05])
def test_bytes_that_nobody_asked_for_change_no_answer_and_close_the_connection(extra: bytes, wait: float) -> None:
    script = says(ok() + extra) if wait == 0 else says(ok(), wait, extra)
    with Origin(script) as origin:
        answers = ask(origin, RAW, get(), get(), between=pause)
    assert [(a.status, a.body, a.error, a.fresh) for a in answers] == [(200, b"ok", None, True)] * 2


def test_a_body_sent_after_an_answer_to_head_closes_the_connection() -> None:
    head = Outgoing(wire=HEAD, timeout=5, is_head=True)
    with Origin(says(ok(b"body"))) as origin:
        answers = ask(origin, RAW, head, head, between=pause)
    assert [(a.status, a.body, a.fresh) for a in answers] == [(200, b"", True)] * 2


@both
def test_a_stream_is_read_until_enough_was_read_with_an_instant_for_each_piece(kind: str) -> None:
    seen: list[bytes] = []

    def enough(data: bytes) -> bool:
        seen.append(data)
        return b"done" in b"".join(seen)

    script = says(SSE, b"data: 1\n\n", 0.2, b"data: done\n\n", 30.0)
    with Origin(script) as origin:
        began = time.monotonic()
        first, _ = ask(origin, kind, Outgoing(wire=GET, timeout=10, until=enough), get(timeout=0.05))
        took = time.monotonic() - began
    gap = first.events[-1].at - first.events[0].at
    assert (b"".join(e.data for e in first.events), gap > 150_000_000, first.error, first.body, took < 5) == (
        b"data: 1\n\ndata: done\n\n",
        True,
        None,
        None,
        True,
    )


@both
def test_a_stream_nobody_ends_is_read_until_the_timeout_and_keeps_its_pieces(kind: str) -> None:
    script = says(SSE, b"data: 1\n\n", 30.0)
    answer = one(script, kind, Outgoing(wire=GET, timeout=0.3, until=lambda _: False))
    assert (answer.error, [e.data for e in answer.events], answer.first_byte is not None) == (
        "timeout",
        [b"data: 1\n\n"],
        True,
    )


def test_a_cancelled_request_leaves_no_connection_behind() -> None:
    with Origin(says(30.0)) as origin:
        address = resolve("http", "127.0.0.1", origin.port)[0]

        async def run() -> bool:
            client = RawTransport(address).client()
            task = asyncio.create_task(client.send(get()))
            await asyncio.to_thread(until, lambda: origin.asked)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await client.aclose()
            await asyncio.sleep(0.05)
            return task.cancelled()

        assert asyncio.run(run())


def test_a_body_beyond_the_limit_is_read_to_its_end_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("replay.wire.raw._KEEP_BODY", 1000)
    with Origin(says(ok(b"x" * 5000))) as origin:
        first, second = ask(origin, RAW, get(), get())
    assert (first.body, first.error, second.fresh) == (None, None, False)


@pytest.fixture(scope="module")
def server_context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    return self_signed(tmp_path_factory.mktemp("tls"))


@both
def test_tls_without_verification_answers_and_dates_its_handshake(kind: str, server_context: ssl.SSLContext) -> None:
    with Origin(says(ok()), tls=server_context) as origin:
        first, second = ask(origin, kind, get(), get(), verify=False)
    order = (first.connected or 0) < (first.tls_done or 0) <= (first.sent or 0) < (first.first_byte or 0)
    assert (first.error, first.body, order, second.fresh, second.tls_done) == (None, b"ok", True, False, None)


@both
def test_tls_with_a_certificate_nobody_signed_is_an_error_and_nothing_is_sent(
    kind: str, server_context: ssl.SSLContext
) -> None:
    with Origin(says(ok()), tls=server_context) as origin:
        (answer,) = ask(origin, kind, get())
        assert ((answer.error or "").startswith("tls"), answer.sent, origin.asked) == (True, None, [])


def test_plain_http_spoken_to_a_tls_port_is_an_error(server_context: ssl.SSLContext) -> None:
    with Origin(says(ok()), tls=server_context) as origin:
        address = resolve("http", "127.0.0.1", origin.port)[0]

        async def run() -> Answer:
            client = RawTransport(address).client()
            answer = await client.send(get(timeout=2))
            await client.aclose()
            return answer

        answer = asyncio.run(run())
    assert (answer.status, bool(answer.error)) == (0, True)
