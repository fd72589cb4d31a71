"""Synthetic checkouts: a recording and a run of it, with the noise a real service has and one knob a test."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from traces.model import Clock, Exchange, Origin, Request, Response

ENDPOINTS = ("POST /checkouts", "GET /checkouts/{id}", "PUT /checkouts/{id}/address", "POST /checkouts/{id}/confirm")
_MEDIAN_MS = (20.0, 8.0, 15.0, 60.0)
_REQUEST = Request(method=b"GET", scheme=b"http", authority=b"shop.test", target=b"/")
_ANSWER = Response(status=200)


def exchange(
    number: int, ms: float | None, *, at: int = 0, of: int | None = None, clone: int = 0, **more: object
) -> Exchange:
    """Exchange `number`, which waited `ms` or failed when None; a run's when `of` is given."""
    sent = at + 1_000
    answered = ms is not None
    last = sent + round((ms or 0) * 1e6) if answered else None
    values: dict[str, object] = {
        "session": "s",
        "endpoint": "GET /",
        "origin": None if of is None else Origin(of=of, clone=clone, due=at),
        "error": None if answered else "reset",
        **more,
    }
    clock = Clock(received=at, sent=sent, first_byte=last, last_byte=last)
    return Exchange(id=number, clock=clock, request=_REQUEST, response=_ANSWER if answered else None, **values)  # type: ignore[arg-type]  # the test says which field


def checkouts(
    sessions: int,
    *,
    seed: int = 0,
    slower: Mapping[int, float] | None = None,
    failing: float = 0.0,
    clones: int = 1,
    run: bool = True,
    steps: tuple[int, ...] = (0, 1, 2, 1, 3, 1, 1),
    again: int = 0,
) -> list[Exchange]:
    """`sessions` sessions one a second, seven requests each: log-normal around each endpoint's median.

    seed:    of what both sides share (the payloads); `again` of what they do not.
    slower:  endpoint number -> factor. failing: share of sessions that fail at their confirm.
    """
    shared = np.random.default_rng(seed)
    own = np.random.default_rng((seed, again, 77, run))
    payload = shared.normal(0, 0.25, (sessions, 1)) + shared.normal(0, 0.15, (sessions, len(steps)))
    result = []
    for clone in range(clones):
        noise = own.normal(0, 0.15, (sessions, 1)) + own.normal(0, 0.35, (sessions, len(steps)))
        fails = own.random(sessions) < failing
        for session in range(sessions):
            for number, step in enumerate(steps):
                ms = _MEDIAN_MS[step] * float(np.exp(payload[session, number] + noise[session, number]))
                ms *= (slower or {}).get(step, 1.0)
                of = session * len(steps) + number
                result.append(
                    exchange(
                        of + clone * sessions * len(steps),
                        None if step == 3 and fails[session] else ms,
                        at=session * 10**9 + number * 10**8 + clone,
                        of=of if run else None,
                        clone=clone,
                        session=f"s{session}",
                        endpoint=ENDPOINTS[step],
                    )
                )
    return result


@pytest.fixture(scope="session")
def make() -> Callable[..., list[Exchange]]:
    """`checkouts`, for tests: helper modules are not importable from test folders."""
    return checkouts


@pytest.fixture(scope="session")
def one() -> Callable[..., Exchange]:
    """`exchange`, for tests."""
    return exchange
