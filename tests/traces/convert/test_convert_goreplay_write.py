"""What HTTP/1.1 can say comes back from a GoReplay file exactly; what it cannot is named or made true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.traces.links.scene import recording
from traces.convert.goreplay import SEPARATOR, GoReplayError, read, write
from traces.model import Clock, Event, Exchange, HeaderPairs, Request, Response

EPOCH = 1_795_340_906_272_000_001

# What HTTP/1.1 can say and mean the same by: no blanks around values, a body with its length, Host first named.
words = st.text("abcXYZ-_.09", min_size=1, max_size=8).map(str.encode)
values = st.binary(max_size=12).map(lambda b: bytes(c for c in b if c not in b"\x00\r\n").strip(b" \t"))
targets = st.text("/a%2F?=&~", max_size=12).map(lambda text: f"/{text}".encode())


@st.composite
def messages(draw: st.DrawFn) -> tuple[HeaderPairs, bytes]:
    headers = draw(st.lists(st.tuples(words.map(lambda name: b"x" + name), values), max_size=3))
    body = draw(st.binary(max_size=40))
    sized = draw(st.sampled_from([(b"content-length", b"%d" % len(body)), (b"Transfer-Encoding", b"chunked")]))
    headers.insert(draw(st.integers(0, len(headers))), sized)
    return tuple(headers), body


@st.composite
def http_exchanges(draw: st.DrawFn) -> Exchange:
    (asked, sent), (answered, got) = draw(messages()), draw(messages())
    received, up, wait, down = (draw(st.integers(0, 10**12)) for _ in range(4))
    has_answer = draw(st.booleans())
    first = received + up + wait if has_answer else None
    return Exchange(
        id=draw(st.integers(0, 10**6)),
        clock=Clock(
            received=received,
            sent=received + up,
            first_byte=first,
            last_byte=draw(st.sampled_from([None, first + down])) if first is not None else None,
        ),
        request=Request(
            method=draw(st.sampled_from([b"GET", b"POST", b"PATCH"])),
            scheme=b"http",
            authority=b"shop.test",
            target=draw(targets),
            headers=((b"Host", b"shop.test"), *asked),
            body=sent,
        ),
        response=Response(
            status=draw(st.sampled_from([200, 201, 404, 599])), reason=draw(values), headers=answered, body=got
        )
        if has_answer
        else None,
        connection=draw(st.sampled_from(["", "00000000000000ff", "932079936fa4306f"])),
        error=None if has_answer else "no response recorded",
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(http_exchanges(), min_size=1, max_size=3), st.sampled_from(["a.gor", "a.gor.gz"]))
def test_what_http_can_say_comes_back_exactly(tmp_path: Path, trace: list[Exchange], name: str) -> None:
    path = tmp_path / name
    assert write(trace, path, epoch_ns=EPOCH) == len(trace)
    epoch, back = read(path)
    begin = min(e.clock.received for e in trace)
    found = list(back)
    assert epoch == EPOCH + begin
    assert [e.clock.wait for e in found] == [e.clock.wait for e in trace]
    assert [walls(e.clock, epoch) for e in found] == [walls(e.clock, EPOCH) for e in trace]
    assert found == [replace(e, id=n, clock=f.clock) for n, (e, f) in enumerate(zip(trace, found, strict=True))]


def walls(clock: Clock, epoch: int) -> list[int | None]:
    return [None if at is None else epoch + at for at in (clock.received, clock.first_byte, clock.last_byte)]


@pytest.mark.parametrize("name", ["polar-locust.mitm", "oscarapi.mitm"])
def test_a_real_recording_comes_back_without_loss(name: str, tmp_path: Path) -> None:
    trace = recording(name)
    write(trace, tmp_path / "a.gor.gz", epoch_ns=EPOCH)
    epoch, found = read(tmp_path / "a.gor.gz")
    back = list(found)
    assert [(e.request, e.response, e.flags) for e in back] == [(e.request, e.response, e.flags) for e in trace]
    assert [walls(e.clock, epoch) for e in back] == [walls(e.clock, EPOCH) for e in trace]
    assert len({(e.connection, f.connection) for e, f in zip(trace, back, strict=True)}) == len(
        {e.connection for e in trace}
    )


PLAIN = Exchange(
    id=5,
    clock=Clock(received=0, sent=1, first_byte=2),
    request=Request(method=b"GET", scheme=b"http", authority=b"shop.test", target=b"/", headers=((b"Host", b"a"),)),
    response=Response(status=200, reason=b"OK"),
)


def written(path: Path, exchange: Exchange) -> Exchange:
    write([exchange], path / "a.gor", epoch_ns=EPOCH)
    (back,) = read(path / "a.gor")[1]
    return back


def test_a_request_of_http2_gets_what_http1_needs(tmp_path: Path) -> None:
    request = Request(
        method=b"POST",
        scheme=b"https",
        authority=b"shop.test",
        target=b"/",
        version=b"HTTP/2.0",
        headers=((b"content-type", b"x"),),
        body=b"hi",
    )
    assert written(tmp_path, replace(PLAIN, request=request)).request == replace(
        request,
        scheme=b"http",
        version=b"HTTP/1.1",
        headers=((b"Host", b"shop.test"), (b"content-type", b"x"), (b"Content-Length", b"2")),
    )


def test_a_length_that_is_not_the_bodys_is_made_true(tmp_path: Path) -> None:
    response = Response(status=200, reason=b"OK", headers=((b"content-length", b"99"),), body=b"hello")
    assert written(tmp_path, replace(PLAIN, response=response)).response == replace(
        response, headers=((b"content-length", b"5"),)
    )


def test_a_body_that_was_not_kept_stays_so(tmp_path: Path) -> None:
    response = Response(status=200, reason=b"OK", headers=((b"content-length", b"99"),), body=None)
    assert written(tmp_path, replace(PLAIN, response=response)).response == response


def test_an_interval_that_is_not_clean_does_not_become_so(tmp_path: Path) -> None:
    assert written(tmp_path, replace(PLAIN, flags=("queued",))).flags == ("approximate",)


def test_events_are_left_out(tmp_path: Path) -> None:
    assert written(tmp_path, replace(PLAIN, events=(Event(at=1, data=b"x"),))).events == ()


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (replace(PLAIN.request, method=b"GET /x"), "its method does not fit in a request line"),
        (replace(PLAIN.request, target=b"/a b"), "its target does not fit in a request line"),
        (replace(PLAIN.request, target=b""), "its target does not fit in a request line"),
        (replace(PLAIN.request, headers=((b"a", b"b\r\nc: d"),)), "one of its headers does not fit in a line"),
        (replace(PLAIN.request, headers=((b"", b"b"),)), "one of its headers does not fit in a line"),
        (replace(PLAIN.request, body=SEPARATOR), "it holds the line that separates records"),
        (replace(PLAIN.request, body=SEPARATOR[:-1]), "it holds the line that separates records"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_left(request_: Request, reason: str, tmp_path: Path) -> None:
    with pytest.raises(GoReplayError, match=rf"^Exchange 6 does not fit in .*a\.gor: {reason}\.$"):
        write([PLAIN, replace(PLAIN, id=6, request=request_)], tmp_path / "a.gor", epoch_ns=EPOCH)
    assert list(tmp_path.iterdir()) == []


def failing() -> Iterator[Exchange]:
    yield PLAIN
    raise RuntimeError("the trace is torn")


@pytest.mark.parametrize("name", ["a.gor", "a.gor.gz"])
def test_a_failed_write_leaves_nothing(name: str, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        write(failing(), tmp_path / name, epoch_ns=EPOCH)
    assert list(tmp_path.iterdir()) == []
