"""What the recorder says about time is what happened: against an origin that takes 15 ms."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.capture.origins import Asked, Origin, ok
from tests.capture.recorders import median, read, recording
from traces.model import Clock, Exchange

#: ms; scheduling of two processes on a busy two-core machine, taken at the median so that single hiccups do not count.
TOLERANCE = 5.0


class Timed:
    """Takes 15 ms and notes how long it took by its own clock, ns: from the request read to the answer written."""

    def __init__(self) -> None:
        self.took: list[int] = []

    async def __call__(self, asked: Asked, wire: asyncio.StreamWriter) -> None:
        began = time.monotonic_ns()
        await asyncio.sleep(0.015)
        self.took.append(time.monotonic_ns() - began)
        closing = (b"connection: close",) if asked.target.startswith(b"/closing") else ()
        wire.write(ok(b"ok", *closing))
        if closing:
            wire.close()


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Exchange], list[int]]:
    """What was recorded of 30 warm requests, 12 cold ones and 12 to an origin that closes after each; the own times."""
    script, trace = Timed(), tmp_path_factory.mktemp("clock") / "t.trace"
    with Origin(script) as origin, recording(origin.url, trace) as recorder:
        client = recorder.connect()
        for number in range(30):
            client.request("GET", f"/warm/{number}")
            client.getresponse().read()
        for number in range(12):
            recorder.get(f"/cold/{number}")
        for number in range(12):
            recorder.get(f"/closing/{number}")
    return read(trace), script.took


def errors(timed: tuple[list[Exchange], list[int]], kind: bytes) -> list[float]:
    """How much longer than the origin's own time each recorded wait is, ms."""
    return [
        ((e.clock.wait or 0) - own) / 1e6
        for e, own in zip(*timed, strict=True)
        if e.request.target.startswith(kind) and not e.request.target.endswith(b"warm/0")
    ]


@pytest.mark.parametrize("kind", [b"/warm", b"/cold", b"/closing"])
def test_first_byte_minus_sent_is_the_origins_own_time(timed: tuple[list[Exchange], list[int]], kind: bytes) -> None:
    assert -1 < median(errors(timed, kind)) < TOLERANCE


def test_no_wait_is_shorter_than_what_the_origin_took(timed: tuple[list[Exchange], list[int]]) -> None:
    # By as much as an origin can have read before the recorder noted that it wrote.
    assert min(errors(timed, b"/")) > -1


def test_clock_points_stand_in_their_order(timed: tuple[list[Exchange], list[int]]) -> None:
    def ordered(clock: Clock) -> bool:
        points = [clock.received, clock.connect_start, clock.connected, clock.sent, clock.first_byte, clock.last_byte]
        known = [point for point in points if point is not None]
        return known == sorted(known) and None not in {clock.sent, clock.first_byte, clock.last_byte}

    assert [e.clock for e in timed[0] if not ordered(e.clock)] == []


def test_only_the_first_request_of_an_upstream_connection_has_its_connect(
    timed: tuple[list[Exchange], list[int]],
) -> None:
    fresh = [e.request.target for e in timed[0] if e.clock.connect_start is not None and e.clock.connected is not None]
    cold = [b"/%s/%d" % (kind, n) for kind in (b"cold", b"closing") for n in range(12)]
    assert fresh == [b"/warm/0", *cold]


def test_exchanges_are_not_flagged_on_a_known_mitmproxy(timed: tuple[list[Exchange], list[int]]) -> None:
    assert {flag for e in timed[0] for flag in e.flags} == set()
