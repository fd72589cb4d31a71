"""Small made-up recordings: who asked for what, when, over which connection."""

from __future__ import annotations

import json
import random
import string
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from traces.model import Clock, Event, Exchange, HeaderPairs, Request, Response

MS = 1_000_000
SHARED = Path(__file__).resolve().parents[4] / "shared" / "traffic"


def recording(name: str) -> list[Exchange]:
    """The exchanges of one of the real recordings; skips the test where they are not at hand."""
    from traces.convert.mitmproxy_dump import read

    return list(read(shared(name))[1])


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return path


def calls(work: Callable[[], object]) -> int:
    """How many calls it takes, of functions in Python or not: what it costs, said without a clock."""
    count = 0

    def counting(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def token(seed: object, length: int = 24) -> str:
    """A token like those that services issue; the same for the same seed."""
    rng = random.Random(str(seed))
    letters = "".join(rng.choices(string.ascii_letters + string.digits, k=length - 3))
    return f"{letters}a1Z"


class Scene:
    """Collects exchanges; `ask` is one request, answered after `wait` ms."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def ask(
        self,
        at: float,
        line: str,
        answer: Any = None,
        *,
        body: Any = None,
        on: str = "",
        headers: HeaderPairs = (),
        gives: HeaderPairs = (),
        wait: float = 5,
        events: Sequence[tuple[float, bytes]] = (),
    ) -> int:
        """Add an exchange at `at` ms and return its id. `answer` and `body` become JSON."""
        method, target = line.encode().split(b" ")
        kind = ((b"content-type", b"application/json"),)
        start = int(at * MS)
        end = start + int(wait * MS)
        self.exchanges.append(
            Exchange(
                id=len(self.exchanges),
                connection=on,
                clock=Clock(received=start, sent=start, first_byte=end, last_byte=end),
                request=Request(
                    method=method,
                    scheme=b"http",
                    authority=b"shop",
                    target=target,
                    headers=headers if body is None else kind + headers,
                    body=b"" if body is None else json.dumps(body).encode(),
                ),
                response=Response(
                    status=200, headers=kind + gives, body=b"" if answer is None else json.dumps(answer).encode()
                ),
                events=tuple(Event(at=start + int(after * MS), data=data) for after, data in events),
            )
        )
        return len(self.exchanges) - 1

    def checkout(self, name: object, at: float, connections: Iterable[str] = ("",), step: float = 100) -> list[int]:
        """Create, update, read and confirm a checkout, a step every `step` ms, over these connections in turn."""
        secret, on = token(f"secret {name}"), iter(cycle(connections))
        return [
            self.ask(at, "POST /v1/checkouts/", {"client_secret": secret, "status": "open"}, body={}, on=next(on)),
            self.ask(at + step, f"PATCH /v1/checkouts/client/{secret}", {"status": "open"}, body={"a": 1}, on=next(on)),
            self.ask(at + 2 * step, f"GET /v1/checkouts/client/{secret}", {"status": "open"}, on=next(on)),
            self.ask(
                at + 3 * step, f"POST /v1/checkouts/client/{secret}/confirm", {"status": "done"}, body={}, on=next(on)
            ),
        ]
