"""Whose names a run sends: stand-ins, or people as they were recorded, who can register once only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.capture.origins import Asked, Origin, ok
from tests.replay.cli.commands import MS, call
from traces.file import TraceWriter
from traces.model import Clock, Exchange, Header, Request, Response

KIND = ((b"content-type", b"application/json"),)
BODIES = [
    ("/register", {"username": "jane77", "email": "jane@shop.example", "password": "s3cret-Winter9"}),
    ("/login", {"username": "jane77", "password": "s3cret-Winter9"}),
    ("/orders", {"product": 1, "gift_for": "bob@shop.example"}),
]


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One session that registers, logs in and orders."""
    path = tmp_path_factory.mktemp("joined") / "joined.trace"
    header = Header(kind="recording", id="8" * 32, epoch_ns=1_700_000_000 * 10**9, upstream="http://shop.example")
    with TraceWriter(path, header) as writer:
        for n, (target, body) in enumerate(BODIES):
            begin = n * 20 * MS
            writer.append(
                Exchange(
                    id=n,
                    clock=Clock(received=begin, sent=begin, first_byte=begin + MS, last_byte=begin + MS),
                    request=Request(
                        method=b"POST",
                        scheme=b"http",
                        authority=b"shop.example",
                        target=target.encode(),
                        headers=KIND,
                        body=json.dumps(body).encode(),
                    ),
                    response=Response(status=200, headers=KIND, body=b'{"ok":true}'),
                    connection="c",
                )
            )
    return path


@pytest.fixture
def shop() -> Iterator[Origin]:
    """It takes a name once."""
    names: set[str] = set()

    async def script(asked: Asked, wire: asyncio.StreamWriter) -> None:
        body = json.loads(asked.body)
        taken = asked.target == b"/register" and not names.isdisjoint({body["username"], body["email"]})
        names.update([body["username"], body["email"]] if asked.target == b"/register" else [])
        known = asked.target != b"/login" or body["username"] in names
        answer = ok(b'{"ok":true}', KIND[0][0] + b": " + KIND[0][1])
        wire.write(answer if known and not taken else answer.replace(b"200 OK", b"409 No", 1))
        await wire.drain()

    with Origin(script) as running:
        yield running


@pytest.mark.parametrize("people", ["fresh", "recorded"])
@pytest.mark.parametrize("copies", [1, 5])
def test_every_copy_of_a_session_that_registers_gets_an_account(
    joined: Path, shop: Origin, capsys: pytest.CaptureFixture[str], people: str, copies: int
) -> None:
    end = call(capsys, "run", joined, "--target", shop.url, "--identities", people, "--multiply", copies)
    said = [(asked.target, json.loads(asked.body)) for asked in shop.asked]
    names = {body["username"] for _, body in said if "username" in body}
    gifts = {body["gift_for"] for _, body in said if "gift_for" in body}
    assert (end.code, len(said), len(names), "not as recorded" in end.err) == (0, 3 * copies, copies, False)
    assert (names == {"jane77"}, gifts == {"bob@shop.example"}) == (
        people == "recorded" and copies == 1,
        people == "recorded",
    )
