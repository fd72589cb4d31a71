"""The status, and of what kind a body is: JSON, a page, a stream, or none."""

from __future__ import annotations

import gzip

import brotli
import pytest
import zstandard

from tests.traces.outcome.answers import against, answer, events, page, raw
from traces.model import Response
from traces.outcome import Make, differs, make

STREAM = "text/event-stream; charset=utf-8"
OPEN, DONE = ("checkout.updated", {"status": "open"}), ("checkout.updated", {"status": "succeeded"})


@pytest.mark.parametrize(
    ("recorded", "live", "why"),
    [
        (201, 404, "status 404, recorded 201"),
        (200, 500, "status 500, recorded 200"),
        (201, 200, None),
        (204, 200, None),
        (200, 304, None),
        (304, 200, None),
        (200, 302, "status 302 to nowhere, recorded 200"),
        (302, 200, "status 200, recorded 302"),
        (302, 303, None),
        (403, 403, None),
        (403, 410, "status 410, recorded 403"),
        (406, 200, "status 200, recorded 406"),
    ],
)
def test_a_status_is_the_same_when_it_means_the_same(recorded: int, live: int, why: str | None) -> None:
    assert against(answer(status=recorded), answer(status=live)) == why


def test_a_step_that_was_never_answered_has_nothing_to_differ_from() -> None:
    assert (make(None), differs(make(None), answer({"error": "x"}, 500))) == (Make(), None)


@pytest.mark.parametrize(
    ("recorded", "live", "why"),
    [
        (answer({"a": 1}), page("<p>Sorry"), "a page of HTML, recorded JSON"),
        (answer({"a": 1}), answer(), "no body, recorded JSON"),
        (answer({"a": 1}), raw(b'{"a": ', "application/json"), "a body that is no JSON, recorded JSON"),
        (answer({"a": 1}), raw(b'{"a": NaN}', "application/json"), "a body that is no JSON, recorded JSON"),
        (answer({"a": 1}), raw(b"Bad gateway", "text/plain"), "text/plain, recorded JSON"),
        (raw(b"body{}", "text/css"), page("<p>Sorry"), "a page of HTML, recorded text/css"),
        (raw(b"x", "image/png"), raw(b"y", "image/webp"), None),
        (answer({"a": 1}), raw(b'{"a": 2}', "text/html"), None),
        (answer({"a": 1}), raw(b'\xef\xbb\xbf{"a": 2}', "application/json"), None),
        (answer({"a": "x"}), raw(b'{"a": "caf\xe9"}', "application/json"), None),
        (answer({"a": "x"}), raw(b'{"a": "\\ud83d"}', "application/json"), None),
        (answer(), answer({"a": 1}), None),
        (answer(), answer({"error": "gone"}), "error gone, recorded none"),
        (answer(), page("<p>Sorry"), "a page of HTML, recorded no body"),
        (raw(b'{"a": ', "application/json"), answer({"a": 1}), None),
        (raw(None, "application/json"), answer({"a": 1}), None),
        (answer({"a": 1}), raw(None, "application/json"), None),
    ],
)
def test_a_body_of_another_kind_is_noticed(recorded: Response, live: Response, why: str | None) -> None:
    assert against(recorded, live) == why


def test_a_kind_that_the_endpoint_gave_too_is_alike() -> None:
    assert against([answer({"a": 1}), answer(), answer({"a": 1})], answer()) is None


@pytest.mark.parametrize(
    ("coding", "encode"),
    [
        ("gzip", gzip.compress),
        ("br", brotli.compress),
        ("zstd", zstandard.ZstdCompressor().compress),
    ],
)
def test_an_encoded_body_is_read_like_a_plain_one(coding: str, encode: type[bytes]) -> None:
    live = raw(encode(b'{"b": 1}'), "application/json", content_encoding=coding)
    assert against(answer({"a": 1}), live) == "$.a is missing"


def test_what_a_stream_says_last_is_its_outcome() -> None:
    recorded = make(raw(b"", STREAM), events(OPEN, DONE), endpoint="GET /stream")
    failed = ("checkout.updated", {"status": "failed"})
    said = [
        differs(recorded, raw(b"", STREAM), events(*pieces))
        for pieces in ([DONE], [OPEN, failed], [DONE, OPEN], [], [OPEN, ("checkout.failed", {})])
    ]
    assert said == [
        None,
        "$.status is failed, recorded succeeded",
        "$.status is open, recorded succeeded",
        "a stream without an event, recorded checkout.updated",
        "the last event is checkout.failed, recorded checkout.updated",
    ]


def test_a_stream_may_come_in_any_pieces_or_as_one_body() -> None:
    recorded = make(raw(b"", STREAM), events(OPEN, DONE))
    lines = ["data: {}", "", ": ping", "", "event: checkout.updated", 'data: {"status":', 'data: "succeeded"}', "", ""]
    body = "\r\n".join(lines).encode()
    assert [differs(recorded, raw(whole, STREAM)) for whole in (body, body + b"data: {")] == [None, None]


def test_a_websocket_is_judged_by_its_status() -> None:
    recorded = make(raw(b"", "", 101), events(DONE))
    assert (differs(recorded, raw(b"", "", 101)), differs(recorded, answer(status=200))) == (
        None,
        "status 200, recorded 101",
    )
