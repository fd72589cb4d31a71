"""Every tool's HAR is read as what really went over the wire."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.traces.convert.hars import CHARLES, CHROME, EPOCH, FIREFOX, MS, PLAYWRIGHT, WEBSOCKET, changed, file, one
from traces.convert.har import read
from traces.lens.content import decode
from traces.model import Clock, Event, Request


def test_an_entry_of_chrome_is_one_exchange_with_its_connect_before_sent(tmp_path: Path) -> None:
    epoch, (exchange,) = read(file(tmp_path, CHROME, bom=b"\xef\xbb\xbf"))
    assert epoch == EPOCH
    assert exchange.clock == Clock(
        received=0,
        connect_start=3_750_000,
        connected=15_750_000,
        tls_done=35_750_000,
        sent=36 * MS,
        first_byte=73_500_000,
        last_byte=74_750_000,
    )
    assert (exchange.connection, exchange.flags, exchange.error) == ("8612", ("approximate",), None)
    assert exchange.extra == {"server_ip": "192.0.2.7"}


def test_pseudo_headers_name_the_authority_and_are_no_headers(tmp_path: Path) -> None:
    assert one(tmp_path, CHROME).request == Request(
        method=b"POST",
        scheme=b"https",
        authority=b"shop.test",
        target=b"/v1/checkouts?x=a%2Fb",
        version=b"HTTP/2.0",
        headers=((b"content-type", b"application/json"), (b"content-length", b"11")),
        body=b'{"qty":"3"}',
    )


def test_a_decoded_body_is_encoded_again_as_its_headers_say(tmp_path: Path) -> None:
    response = one(tmp_path, CHROME).response
    assert response is not None
    assert response.headers[0] == (b"content-encoding", b"br")
    assert decode(response.body or b"", "br") == b'{"id":"co_1"}'


def test_a_body_that_is_still_encoded_stays_as_it_is(tmp_path: Path) -> None:
    packed = gzip.compress(b"hello", mtime=0)
    content = {"size": 5, "text": base64.b64encode(packed).decode(), "encoding": "base64"}
    response = one(tmp_path, changed(CHARLES, response__content=content)).response
    assert response is not None
    assert response.body == packed


def test_a_body_in_an_unknown_encoding_stays_decoded_and_says_so(tmp_path: Path) -> None:
    headers = [{"name": "Content-Encoding", "value": "snappy"}, {"name": "X", "value": "1"}]
    exchange = one(tmp_path, changed(CHROME, response__headers=headers))
    assert exchange.response is not None
    assert exchange.response.headers == ((b"X", b"1"),)
    assert exchange.response.body == b'{"id":"co_1"}'
    assert exchange.extra["decoded"] == {"response": "snappy"}


def test_cookies_that_chrome_joined_are_headers_of_their_own(tmp_path: Path) -> None:
    response = one(tmp_path, CHROME).response
    assert response is not None
    assert response.headers[2:] == ((b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=2; Secure"))


def test_firefox_form_fields_are_encoded_and_a_body_left_out_is_not_kept(tmp_path: Path) -> None:
    exchange = one(tmp_path, FIREFOX, creator="Firefox")
    assert exchange.request.body == b"user=Ann+%C3%96&t=a%26b"
    assert exchange.response is not None
    assert exchange.response.body is None


def test_the_port_that_firefox_calls_connection_is_none(tmp_path: Path) -> None:
    assert one(tmp_path, FIREFOX, creator="Firefox").connection == ""


def test_a_zone_is_counted_in(tmp_path: Path) -> None:
    assert read(file(tmp_path, FIREFOX))[0] == read(file(tmp_path, CHROME))[0] == EPOCH


def test_a_request_that_failed_has_no_response_and_says_why(tmp_path: Path) -> None:
    exchange = one(tmp_path, PLAYWRIGHT)
    assert (exchange.response, exchange.error) == (None, "net::ERR_CONNECTION_RESET")
    assert exchange.clock == Clock(received=0, sent=0)


@pytest.mark.parametrize(("error", "text"), [("net::ERR_ABORTED", "net::ERR_ABORTED"), (None, "no response")])
def test_status_0_is_no_response(error: str | None, text: str, tmp_path: Path) -> None:
    response = {"status": 0, "statusText": "", "headers": [], "content": {}, "_error": error}
    assert one(tmp_path, {**CHROME, "response": response}).error == text


def test_ssl_that_was_counted_beside_connect_comes_after_it(tmp_path: Path) -> None:
    clock = one(tmp_path, CHARLES).clock
    assert (clock.connect_start, clock.connected, clock.tls_done, clock.sent, clock.last_byte) == (
        10 * MS,
        50 * MS,
        100 * MS,
        105 * MS,
        300 * MS,
    )


@pytest.mark.parametrize(("ssl", "connected", "tls_done"), [(6, 6 * MS, 12 * MS), (14.5, 12 * MS, None)])
def test_playwrights_ssl_is_a_part_of_connect_though_its_time_counts_it_twice(
    ssl: float, connected: int, tls_done: int | None, tmp_path: Path
) -> None:
    timings = {"dns": 2, "connect": 10, "ssl": ssl, "send": 0, "wait": 30, "receive": 1}
    clock = one(tmp_path, changed(CHROME, timings=timings, time=43 + ssl), creator="Playwright").clock
    assert (clock.connect_start, clock.connected, clock.tls_done, clock.sent) == (2 * MS, connected, tls_done, 12 * MS)


def test_a_text_goes_back_into_the_charset_it_came_from(tmp_path: Path) -> None:
    response = one(tmp_path, CHARLES).response
    assert response is not None
    assert decode(response.body or b"", "gzip") == b"Caf\xe9"


def test_websocket_messages_are_events_at_their_instants(tmp_path: Path) -> None:
    exchange = one(tmp_path, WEBSOCKET)
    assert exchange.request.scheme == b"https"
    assert exchange.events == (
        Event(at=228 * MS, data="héllo".encode(), kind="text", from_client=True),
        Event(at=478 * MS, data=b"\x00\x01\xff", kind="binary"),
    )


def test_mitmproxys_connect_has_no_place_among_the_instants(tmp_path: Path) -> None:
    timings = {"connect": 30, "ssl": 20, "send": 4, "wait": 327, "receive": 1}
    exchange = one(tmp_path, changed(CHROME, timings=timings), creator="mitmproxy")
    assert exchange.clock == Clock(received=4 * MS, sent=4 * MS, first_byte=331 * MS, last_byte=332 * MS)
    assert exchange.flags == ("approximate", "connect_in_wait")


def test_bytes_that_mitmproxy_smuggled_through_as_surrogates_are_bytes_again(tmp_path: Path) -> None:
    headers = [{"name": "X-Name", "value": "Andr\udce9"}]
    path = file(tmp_path, changed(CHROME, request__headers=headers))
    (exchange,) = read(path)[1]
    assert exchange.request.headers == ((b"X-Name", b"Andr\xe9"),)


@pytest.mark.parametrize(
    ("posted", "body"),
    [
        ({"text": "/wD+", "encoding": "base64"}, b"\xff\x00\xfe"),
        ({"text": "/wD+", "_encoding": "base64"}, b"\xff\x00\xfe"),
        # The body was longer than the text that the browser made of it.
        ({"text": "\ufffd\ufffd"}, None),
        # Playwright, of a body that is no text.
        ({"mimeType": "application/octet-stream", "text": "", "params": []}, None),
        ({"mimeType": "multipart/form-data; boundary=x", "params": [{"name": "f", "fileName": "a.png"}]}, None),
        ({}, None),
    ],
)
def test_a_posted_body_is_kept_whole_or_not_at_all(posted: Any, body: bytes | None, tmp_path: Path) -> None:
    assert one(tmp_path, changed(CHROME, request__postData=posted)).request.body == body


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://a", b"/"),
        ("http://a?q", b"/?q"),
        ("HTTP://u:p@a/x#frag", b"/x"),
        ("http://a/ö b", b"/%C3%B6%20b"),
        ("http://a//x/../y%2f", b"//x/../y%2f"),
    ],
)
def test_a_target_is_as_it_went_over_the_wire(url: str, target: bytes, tmp_path: Path) -> None:
    request = one(tmp_path, changed(PLAYWRIGHT, request__url=url)).request
    assert (request.authority, request.target) == (b"a", target)


@pytest.mark.parametrize(
    "entry",
    [
        {**CHROME, "_fromCache": "disk"},
        changed(CHROME, request__url="data:text/plain,hello"),
        changed(CHROME, request__url="blob:https://shop.test/1"),
        changed(CHROME, request__method="CONNECT"),
        # A Playwright test answered it, or stopped it.
        {**PLAYWRIGHT, "_wasFulfilled": True},
        {**PLAYWRIGHT, "_wasAborted": True},
    ],
)
def test_what_never_reached_the_service_is_passed_over(entry: Any, tmp_path: Path) -> None:
    assert [e.id for e in read(file(tmp_path, entry, CHROME))[1]] == [1]


def test_the_epoch_is_the_earliest_start_wherever_it_stands(tmp_path: Path) -> None:
    later = changed(CHROME, startedDateTime="2026-11-22T09:48:27.2720001Z")
    epoch, both = read(file(tmp_path, later, CHROME))
    assert (epoch, [e.clock.received for e in both]) == (EPOCH, [1_000_000_100, 0])
