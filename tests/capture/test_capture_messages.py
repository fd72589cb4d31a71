"""Whatever passes the recorder stands in the trace byte for byte, and the client gets it byte for byte."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import socket
import time
from pathlib import Path

import pytest

from tests.capture.origins import Asked, Origin, Script, linger_zero, ok, reset, says
from tests.capture.recorders import Recorder, read, recording, until
from traces.model import Exchange

GZIPPED = gzip.compress(b'{"status":"open"}', mtime=0)
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
CUT = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


ANSWERS: dict[bytes, Script] = {
    b"reset": reset,
    b"silent": says(None),
    b"garbage": says(b"what?\r\n\r\n", None),
    b"empty": says(b"HTTP/1.1 204 No Content\r\nx-a: 1\r\n\r\n"),
    b"gzip": says(ok(GZIPPED, b"content-type: application/json", b"content-encoding: gzip")),
    b"twice": says(ok(b"", b"Set-Cookie: a=1", b"set-cookie: b=2", b"X-Odd:  spaced ")),
    b"stream": says(STREAM + b"data: 1\n\n", 30.0),
    b"pending": says(STREAM, 30.0),
    b"events": says(STREAM + b"data: 0\n\n", 0.2, b"data: 1\n\n", 0.2, b"data: 2\n\n", None),
    b"half": says(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", None),
    b"big": says(ok(b"x" * 2000)),
    b"head": says(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"),
}


async def script(asked: Asked, wire: asyncio.StreamWriter) -> None:
    if asked.target == b"/cut":
        await says(CUT + b"9\r\ndata: 1\n\n\r\n")(asked, wire)
        linger_zero(wire)
        wire.transport.abort()
    else:
        await ANSWERS.get(asked.target[1:], says(ok()))(asked, wire)


def request(target: bytes, method: bytes = b"GET", headers: bytes = b"", body: bytes = b"") -> bytes:
    return b"%s %s HTTP/1.1\r\nHost: shop.example\r\n%sConnection: close\r\n\r\n%s" % (method, target, headers, body)


#: Targets that a careless recorder would decode or normalise.
ODD = [b"/a%2Fb/../c", b"//double//slash", b"/q?a=%20+&b=%C3%A9&&c", b"/%7Eplain~"]
POSTED = request(b"/same", b"POST", b"content-Length: 3\r\nCookie: a=1; b=2\r\n", b"\x00\xff!")
PUT = b"y" * 1500
#: What is sent, each on a connection of its own; the rest of ANSWERS is asked for by plain GETs.
REQUESTS = {
    b"/twice": request(b"/twice", headers=b"X-B: 2\r\nx-a: 1\r\nX-B: 3\r\n"),
    b"/same": POSTED,
    b"/head": request(b"/head", b"HEAD"),
    b"/big": request(b"/big", b"PUT", b"content-length: 1500\r\n", PUT),
}
#: Their clients leave after the first bytes.
LEFT = (b"/stream", b"/pending")


def send(recorder: Recorder, raw: bytes, *, patient: bool = True) -> list[tuple[float, bytes]]:
    """One request; the pieces that came back and when. An impatient client leaves after the first."""
    with socket.create_connection((recorder.host, recorder.port), timeout=20) as client:
        client.sendall(raw)
        got = []
        while piece := client.recv(65536):
            got.append((time.monotonic(), piece))
            if not patient:
                break
    return got


class Passed:
    """All requests of this file: what each client got, what the origin was asked, and what was recorded."""

    def __init__(
        self, got: dict[bytes, list[tuple[float, bytes]]], asked: list[Asked], recorded: list[Exchange]
    ) -> None:
        self.pieces = got
        self._asked = asked
        self._recorded = recorded

    def got(self, target: bytes) -> bytes:
        return b"".join(piece for _, piece in self.pieces[target])

    def asked(self, target: bytes) -> Asked:
        (asked,) = [asked for asked in self._asked if asked.target == target]
        return asked

    def recorded(self, target: bytes) -> Exchange:
        """The one exchange of this target: none is missing or told twice."""
        (exchange,) = [e for e in self._recorded if e.request.target == target]
        return exchange


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> Passed:
    trace = tmp_path_factory.mktemp("messages") / "t.trace"
    plain = [b"/" + name for name in ANSWERS if b"/" + name not in REQUESTS]
    requests = {**REQUESTS, **{target: request(target) for target in (*plain, *ODD, b"/host", b"/cut")}}
    with Origin(script) as origin, recording(origin.url, trace, "--max-body", "1000B") as recorder:
        got = {target: send(recorder, raw, patient=target not in LEFT) for target, raw in requests.items()}
        # The recorder learns that a client left a moment after that client does.
        assert until(lambda: len(read(trace)) == len(requests))
    return Passed(got, origin.asked, read(trace))


def test_headers_keep_order_case_and_duplicates_on_both_sides(passed: Passed) -> None:
    exchange = passed.recorded(b"/twice")
    assert exchange.response is not None
    assert (
        exchange.request.headers[1:4],
        exchange.response.headers[:3],
        b"Set-Cookie: a=1\r\nset-cookie" in passed.got(b"/twice"),
    ) == (
        ((b"X-B", b"2"), (b"x-a", b"1"), (b"X-B", b"3")),
        ((b"Set-Cookie", b"a=1"), (b"set-cookie", b"b=2"), (b"X-Odd", b"spaced")),
        True,
    )


@pytest.mark.parametrize("target", ODD)
def test_a_target_is_neither_decoded_nor_normalised(passed: Passed, target: bytes) -> None:
    assert (passed.recorded(target).request.target, passed.asked(target).target) == (target, target)


def test_a_request_reaches_the_origin_as_the_client_sent_it(passed: Passed) -> None:
    asked = passed.asked(b"/same")
    assert asked.head + asked.body == POSTED


def test_the_hosts_name_is_recorded_as_the_client_said_it(passed: Passed) -> None:
    assert passed.recorded(b"/host").request.authority == b"shop.example"


def test_an_answer_to_head_has_its_length_and_no_body(passed: Passed) -> None:
    got = passed.got(b"/head")
    response = passed.recorded(b"/head").response
    assert response is not None
    assert (got[-4:], response.body, response.headers) == (b"\r\n\r\n", b"", ((b"content-length", b"2"),))


def test_a_204_is_recorded_without_body_or_error(passed: Passed) -> None:
    exchange = passed.recorded(b"/empty")
    assert exchange.response is not None
    assert (exchange.response.status, exchange.response.body, exchange.error) == (204, b"", None)


def test_a_gzipped_body_is_kept_as_it_came(passed: Passed) -> None:
    response = passed.recorded(b"/gzip").response
    assert response is not None
    assert (response.body, passed.got(b"/gzip").endswith(GZIPPED)) == (GZIPPED, True)


def test_a_body_over_the_limit_is_told_by_length_and_hash_and_still_delivered(passed: Passed) -> None:
    exchange = passed.recorded(b"/big")
    assert exchange.response is not None
    assert (
        exchange.request.body,
        exchange.response.body,
        dict(exchange.extra),
        passed.got(b"/big").endswith(b"x" * 2000),
    ) == (
        None,
        None,
        {
            "request_body": {"length": 1500, "sha256": hashlib.sha256(PUT).hexdigest()},
            "response_body": {"length": 2000, "sha256": hashlib.sha256(b"x" * 2000).hexdigest()},
        },
        True,
    )


def test_an_event_stream_reaches_the_client_at_once_with_an_instant_for_each_piece(passed: Passed) -> None:
    arrived = [at for at, piece in passed.pieces[b"/events"] if b"data:" in piece]
    events = passed.recorded(b"/events").events
    at = [round((event.at - events[0].at) / 1e9, 1) for event in events]
    assert ([e.data for e in events], at, arrived[-1] - arrived[0] > 0.3) == (
        [b"data: 0\n\n", b"data: 1\n\n", b"data: 2\n\n"],
        [0.0, 0.2, 0.4],
        True,
    )


@pytest.mark.parametrize("name", ["stream", "pending"])
def test_a_client_that_leaves_an_open_stream_is_no_error(passed: Passed, name: str) -> None:
    exchange = passed.recorded(f"/{name}".encode())
    assert (exchange.error, exchange.extra.get("left_by"), exchange.clock.last_byte) == (None, "client", None)


def test_a_stream_that_the_origin_breaks_is_an_error_and_nobody_left(passed: Passed) -> None:
    exchange = passed.recorded(b"/cut")
    assert (exchange.error is not None, [e.data for e in exchange.events], dict(exchange.extra)) == (
        True,
        [b"data: 1\n\n"],
        {},
    )


@pytest.mark.parametrize("name", ["reset", "silent", "garbage"])
def test_an_origin_that_gives_no_answer_is_an_exchange_with_an_error(passed: Passed, name: str) -> None:
    got = passed.got(f"/{name}".encode())
    exchange = passed.recorded(f"/{name}".encode())
    sent = exchange.clock.sent is not None and exchange.clock.sent >= exchange.clock.received
    assert (got[:12], exchange.response, bool(exchange.error), sent, exchange.clock.first_byte) == (
        b"HTTP/1.1 502",
        None,
        True,
        True,
        None,
    )


def test_a_body_that_is_cut_off_is_an_error(passed: Passed) -> None:
    exchange = passed.recorded(b"/half")
    assert (bool(exchange.error), exchange.clock.last_byte) == (True, None)


def test_a_refused_upstream_is_an_exchange_with_an_error_and_never_sent(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with recording(f"http://127.0.0.1:{port}", tmp_path / "t.trace") as recorder:
        status, _ = recorder.get()
        (exchange,) = recorder.exchanges()
    clock = exchange.clock
    assert (status, exchange.response, bool(exchange.error), clock.sent, clock.connected) == (
        502,
        None,
        True,
        None,
        None,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("option", "host"), [("--keep-host", b"shop.example"), ("--own-host", None)])
def test_the_host_sent_upstream_is_the_clients_or_the_upstreams_own(
    tmp_path: Path, option: str, host: bytes | None
) -> None:
    with Origin(says(ok())) as origin, recording(origin.url, tmp_path / "t.trace", option) as recorder:
        send(recorder, request(b"/x"))
        expected = host or f"127.0.0.1:{origin.port}".encode()
        assert b"Host: %s\r\n" % expected in origin.asked[0].head
