"""What a user says of the target: what its catalogue calls things, and the key its tokens are signed with."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.capture.origins import Asked, Origin, ok
from tests.replay.cli.commands import MS, call
from traces.file import TraceReader, TraceWriter
from traces.model import Clock, Exchange, Header, Request, Response

OLD, NEW = "prod_8f3a21bc", "prod_51d0c77e"
KIND = ((b"content-type", b"application/json"),)
THEN = 1_700_000_000
KEY = "the target's test key"


def segment(part: Any) -> str:
    return base64.urlsafe_b64encode(part if isinstance(part, bytes) else json.dumps(part).encode()).decode().rstrip("=")


def signed(claims: dict[str, Any], key: str) -> str:
    text = f"{segment({'alg': 'HS256'})}.{segment(claims)}"
    return f"{text}.{segment(hmac.digest(key.encode(), text.encode(), 'sha256'))}"


def digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


@pytest.fixture(scope="module")
def bought(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four sessions that buy a product which no answer of theirs shows, with a token of the merchant's own."""
    path = tmp_path_factory.mktemp("bought") / "bought.trace"
    header = Header(kind="recording", id="7" * 32, epoch_ns=THEN * 10**9, upstream="http://shop.example")
    with TraceWriter(path, header) as writer:
        for n in range(4):
            begin = n * 20 * MS
            token = signed({"iat": THEN, "exp": THEN + 60, "jti": f"{n}f8b3a7c21d94e65", "of": OLD}, "the merchant's")
            body = json.dumps({"product": {"id": OLD}, "quantity": 1, "auth": token}).encode()
            writer.append(
                Exchange(
                    id=n,
                    clock=Clock(received=begin, sent=begin, first_byte=begin + MS, last_byte=begin + MS),
                    request=Request(
                        method=b"POST",
                        scheme=b"http",
                        authority=b"shop.example",
                        target=f"/buy/{OLD}".encode(),
                        headers=(*KIND, (b"content-digest", digest(body).encode())),
                        body=body,
                    ),
                    response=Response(status=201, headers=KIND, body=b'{"paid":true}'),
                    connection=f"c{n}",
                )
            )
    return path


@pytest.fixture
def shop() -> Iterator[Origin]:
    """It sells one product only."""

    async def script(asked: Asked, wire: asyncio.StreamWriter) -> None:
        sold = asked.target == f"/buy/{NEW}".encode() and json.loads(asked.body)["product"] == {"id": NEW}
        answer = ok(b'{"paid":true}', KIND[0][0] + b": " + KIND[0][1])
        wire.write(answer.replace(b"200 OK", b"201 Created" if sold else b"422 No", 1))
        await wire.drain()

    with Origin(script) as running:
        yield running


def outcomes(path: Path) -> list[str | None]:
    with TraceReader(path) as reader:
        return [exchange.outcome for exchange in reader]


def test_a_map_makes_orders_of_what_would_be_refused(
    bought: Path, shop: Origin, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids, out = tmp_path / "ids.csv", tmp_path / "run.trace"
    ids.write_text(f"recorded,target\n{OLD},{NEW}\nprod_00000000,prod_11111111\n")
    without = call(capsys, "run", bought, "--target", shop.url, "--out", out)
    refused = outcomes(out)
    end = call(capsys, "run", bought, "--target", shop.url, "--map", ids, "--out", out)
    assert (without.code, set(refused), end.code, outcomes(out)) == (
        0,
        {"differs: status 422, recorded 201"},
        0,
        ["same"] * 4,
    )
    assert f"replay: {ids}: 1 of its 2 rows stand in the recording's requests\n" in end.err
    with TraceReader(out) as reader:
        assert reader.header.config["mapping"] is True


def test_a_key_for_tokens_makes_them_hold_at_the_present(
    bought: Path, shop: Origin, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = tmp_path / "ids.json"
    ids.write_text(json.dumps({OLD: NEW}))
    monkeypatch.setenv("SHOP_KEY", KEY)
    options = ("--map", ids, "--secret", "jwt=env:SHOP_KEY", "--multiply", "2")
    end = call(capsys, "run", bought, "--target", shop.url, *options)
    tokens = [json.loads(asked.body)["auth"] for asked in shop.asked]
    parts = [token.split(".") for token in tokens]
    claims = [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for _, part, _ in parts]
    assert (end.code, [signed(own, KEY) == token for own, token in zip(claims, tokens, strict=True)]) == (0, [True] * 8)
    assert ({own["of"] for own in claims}, len({own["jti"] for own in claims})) == ({NEW}, 8)
    assert {own["exp"] - own["iat"] for own in claims} == {60}
    assert all(own["iat"] > THEN + 86_400 for own in claims)
    assert KEY not in end.out + end.err
    # The digest is of the body with the new token in it.
    assert all(f"content-digest: {digest(asked.body)}\r\n".encode() in asked.head for asked in shop.asked)


@pytest.mark.parametrize(
    "text", ["17,42\n", "only\n", "", f"{OLD},a\n{OLD},b\n", "a,b,c,d\n", f'{OLD},"a\nb"\n', "\0", "\0,\0\n"]
)
def test_a_bad_map_is_one_sentence_and_exit_2(
    bought: Path, shop: Origin, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    end = call(capsys, "run", bought, "--target", shop.url, "--map", path)
    assert (end.code, end.is_one_sentence, shop.asked) == (2, True, []), end


@pytest.mark.parametrize("options", [("--map", "nowhere.csv"), ("--map", "."), ("--secret", "jwt=literal:")])
def test_a_map_or_a_key_that_is_not_there_is_one_sentence_and_exit_2(
    bought: Path, shop: Origin, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    end = call(capsys, "run", bought, "--target", shop.url, *options)
    assert (end.code, end.is_one_sentence, shop.asked) == (2, True, []), end


def test_a_public_key_is_refused_before_anything_is_sent(
    bought: Path, shop: Origin, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "key.pem"
    path.write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    end = call(capsys, "run", bought, "--target", shop.url, "--secret", f"jwt=file:{path}")
    assert (end.code, end.is_one_sentence, shop.asked) == (2, True, []), end
