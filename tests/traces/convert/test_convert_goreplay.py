"""GoReplay's files come over byte for byte with the packets' instants, and go back."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from traces.convert import goreplay
from traces.convert.goreplay import SEPARATOR, GoReplayError, read
from traces.model import Clock, Exchange, Request, Response

MS = 1_000_000
T = 1_439_818_823_587_396_305
A, B, C = "932079936fa4306fc308d675", "932079936fa4306fc308d676", "a000000000000000c308d677"

GET = b"GET /orders?x=%2F HTTP/1.1\r\nHost: shop.test\r\nX:  two  \r\nx: again\r\n\r\n"
POST = b"POST /pay HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 7\r\n\r\nqty=\n\xf0\x9f"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nWiki\r\n5\r\npedia\r\n0\r\nT: x\r\n\r\n"


def record(kind: int, identity: str, at: int, took: int | None, message: bytes) -> bytes:
    return f"{kind} {identity} {at}{'' if took is None else f' {took}'}\n".encode() + message + SEPARATOR


def file(path: Path, *records: bytes, name: str = "some.gor") -> Path:
    out = path / name
    out.write_bytes(b"".join(records))
    return out


def test_a_request_and_its_response_are_one_exchange(tmp_path: Path) -> None:
    epoch, (exchange,) = read(file(tmp_path, record(1, A, T, 5, GET), record(2, A, T + 7 * MS, MS, OK)))
    assert epoch == T
    assert exchange == Exchange(
        id=0,
        clock=Clock(received=0, sent=5, first_byte=7 * MS, last_byte=8 * MS),
        request=Request(
            method=b"GET",
            scheme=b"http",
            authority=b"shop.test",
            target=b"/orders?x=%2F",
            headers=((b"Host", b"shop.test"), (b"X", b"two"), (b"x", b"again")),
        ),
        response=Response(status=200, reason=b"OK", headers=((b"Content-Length", b"2"),), body=b"hi"),
        connection=A[:16],
    )


def test_pairs_are_found_across_others_and_kept_in_the_order_of_requests(tmp_path: Path) -> None:
    records = [
        record(2, C, T + 9, 1, OK),
        record(1, A, T, 1, GET),
        record(1, B, T + 1, 1, POST),
        record(2, B, T + 3, 1, OK),
        record(1, C, T + 4, 1, GET),
        record(2, A, T + 5, 1, CHUNKED),
        record(2, "b" * 24, T + 6, 1, OK),
        record(1, A, T + 7, 1, POST),
    ]
    found = [
        (e.request.method, e.response and e.response.body, e.connection) for e in read(file(tmp_path, *records))[1]
    ]
    assert found == [
        (b"GET", b"Wikipedia", A[:16]),
        (b"POST", b"hi", A[:16]),
        (b"GET", b"hi", C[:16]),
        (b"POST", None, A[:16]),
    ]


def test_a_missing_response_says_so(tmp_path: Path) -> None:
    (exchange,) = read(file(tmp_path, record(1, A, T, 1, GET)))[1]
    assert (exchange.response, exchange.error) == (None, "no response recorded")


def test_a_replayed_response_stands_in_only_where_the_original_is_missing(tmp_path: Path) -> None:
    again = OK.replace(b"hi", b"ho")
    records = [
        record(1, A, T, 0, GET),
        record(3, A, T + 10**15, 4 * MS, again),
        record(2, A, T + MS, 0, OK),
        record(1, B, T, 0, GET),
        record(3, B, T + 10**15, 4 * MS, again),
    ]
    first, second = read(file(tmp_path, *records))[1]
    assert first.response is not None
    assert first.response.body == b"hi"
    assert second.clock == Clock(received=0, sent=0, last_byte=4 * MS)
    assert second.flags == ("approximate",)


def test_an_older_file_counts_the_response_from_its_request_and_is_approximate(tmp_path: Path) -> None:
    long_id = "8e091765ae902fef8a2b7d9dd960e9d52222bd8c"
    records = [record(1, long_id, T, None, GET), record(2, long_id, T + 2 * MS, 3 * MS, OK)]
    (exchange,) = read(file(tmp_path, *records))[1]
    assert exchange.clock == Clock(received=0, sent=0, first_byte=2 * MS, last_byte=3 * MS)
    assert (exchange.flags, exchange.connection) == (("approximate",), "")


def test_an_interim_response_is_not_the_answer(tmp_path: Path) -> None:
    records = [record(1, A, T, 1, GET), record(2, A, T + 1, 1, b"HTTP/1.1 100 Continue\r\n\r\n" + OK)]
    (exchange,) = read(file(tmp_path, *records))[1]
    assert exchange.response is not None
    assert exchange.response.status == 200


@pytest.mark.parametrize(
    "message", [OK[:-1], CHUNKED[:-20], b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense"]
)
def test_a_body_that_was_cut_off_is_not_kept(message: bytes, tmp_path: Path) -> None:
    (exchange,) = read(file(tmp_path, record(1, A, T, 1, GET), record(2, A, T + 1, 1, message)))[1]
    assert exchange.response is not None
    assert exchange.response.body is None


def test_the_answer_to_head_has_a_length_and_no_body(tmp_path: Path) -> None:
    head = GET.replace(b"GET", b"HEAD")
    (exchange,) = read(file(tmp_path, record(1, A, T, 1, head), record(2, A, T + 1, 1, OK[:-2])))[1]
    assert exchange.response is not None
    assert exchange.response.body == b""


@pytest.mark.parametrize("cut", [0, 1, 5, len(SEPARATOR)])
@pytest.mark.parametrize("last", [record(1, B, T, 1, GET), record(1, B, T, 1, POST), record(2, A, T + 1, 1, OK)])
def test_a_whole_record_at_the_end_is_kept_without_its_separator(last: bytes, cut: int, tmp_path: Path) -> None:
    path = file(tmp_path, record(1, A, T, 1, GET), last)
    whole = list(read(path)[1])
    file(tmp_path, record(1, A, T, 1, GET), last[: len(last) - cut])
    assert list(read(path)[1]) == whole


@pytest.mark.parametrize("length", [5, 30, 60, 112])
def test_a_torn_record_at_the_end_is_dropped(length: int, tmp_path: Path) -> None:
    path = file(tmp_path, record(1, A, T, 1, GET), record(1, B, T, 1, POST)[:length])
    assert len(list(read(path)[1])) == 1


def test_a_gzip_stream_that_breaks_off_gives_what_is_whole(tmp_path: Path) -> None:
    # Bodies that do not pack, so that records end all over the file.
    noise = random.Random(1)
    body = [
        f"POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\n{noise.randbytes(50).hex()[:99]}".encode() for _ in range(99)
    ]
    packed = gzip.compress(b"".join(record(1, f"{n:024x}", T + n, 1, message) for n, message in enumerate(body)))
    path = file(tmp_path, packed[: len(packed) // 2], name="some.gor.gz")
    assert 40 < len(list(read(path)[1])) < 60


def test_records_are_found_wherever_the_file_is_read_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file(tmp_path, record(1, A, T, 1, GET), record(2, A, T + 1, 1, CHUNKED), record(1, B, T, 1, POST))
    whole = list(read(path)[1])
    for size in (1, 2, 3, 7, 64):
        monkeypatch.setattr(goreplay, "_CHUNK", size)
        assert list(read(path)[1]) == whole


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "holds no requests of GoReplay's"),
        (record(2, A, T, 1, OK), "holds no requests of GoReplay's"),
        (b"{}", "is not GoReplay's: record 1 does not begin with a type, an id and a time in ns"),
        (b"\x1f\x8b" + b"\xff" * 40, r"is damaged: its gzip stream cannot be unpacked \(.+\)"),
        (record(1, A, T, 1, GET) + record(4, A, T, 1, GET), "is not GoReplay's: record 2 does not begin with .*"),
        (record(1, A, 10**19 - 1, 1, GET), "is not GoReplay's: record 1 does not begin with .*"),
        (b"1 a b\n" + GET + SEPARATOR, "is not GoReplay's: record 1 does not begin with .*"),
        (b"1 " + A.encode() + SEPARATOR, "is not GoReplay's: record 1 does not begin with .*"),
    ],
)
def test_a_foreign_file_is_refused_in_a_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(GoReplayError, match=rf"^.*some\.gor {sentence}\.$"):
        read(file(tmp_path, content))


def test_a_file_without_separators_does_not_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(goreplay, "MAX_RECORD", 1024)
    with pytest.raises(GoReplayError, match="a record in it is longer than"):
        read(file(tmp_path, record(1, A, T, 1, GET), b"x" * 2048))


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"\x00\x01thrift", "its headers do not end"),
        (b"hello\r\n\r\n", "it does not begin with a request line"),
        (b"GET / HTTP/1.1\r\nHost\r\n\r\n", "one of its headers has no name"),
    ],
)
def test_a_record_that_is_no_http_is_named(message: bytes, reason: str, tmp_path: Path) -> None:
    path = file(tmp_path, record(1, A, T, 1, GET), record(1, B, T, 1, message))
    whole: list[Exchange] = []
    with pytest.raises(GoReplayError, match=rf"^Record 2 of .*some\.gor is not an HTTP/1.x message: {reason}\.$"):
        whole.extend(read(path)[1])
    assert [e.request.method for e in whole] == [b"GET"]


def test_a_response_that_is_no_http_is_named(tmp_path: Path) -> None:
    path = file(tmp_path, record(1, A, T, 1, GET), record(2, A, T, 1, b"ICY 200 OK\r\n\r\n"))
    with pytest.raises(
        GoReplayError, match=r"^Record 2 of .* HTTP/1.x message: it does not begin with a status line\.$"
    ):
        list(read(path)[1])
