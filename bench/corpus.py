"""20,000 generated exchanges, fixed by their seed: checkout-like JSON bodies of 0.5 to 4 KB, as varied as real ones."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable, Iterator
from typing import Any, Final

from traces.model import Clock, Exchange, Request, Response

COUNT: Final = 20_000
_MS: Final = 1_000_000
_WORDS: Final = (
    "open confirmed succeeded expired usd eur gbp stripe card monthly yearly standard express shirt mug lamp chair "
    "returns delivery gift note blue green small large checkout product customer billing address business discount"
).split()
_ALPHABET: Final = string.ascii_letters + string.digits


def exchanges(count: int = COUNT, seed: int = 1) -> Iterator[Exchange]:
    """Yield `count` exchanges in the order they ended; the same every time."""
    rng = random.Random(seed)
    token = _token(rng, 43)
    at = 0
    for number in range(count):
        at += int(rng.expovariate(1 / (5 * _MS)))
        wait = int(rng.lognormvariate(3, 0.4) * _MS)
        kind = rng.choices(("create", "update", "get", "confirm"), (10, 5, 3, 2))[0]
        secret = f"polar_c_{_token(rng, 43)}"
        answer = _body(rng, secret, rng.randint(500, 4000))
        yield Exchange(
            id=number,
            clock=Clock(
                received=at,
                sent=at + rng.randint(200_000, 900_000),
                first_byte=at + wait,
                last_byte=at + wait + rng.randint(20_000, 200_000),
            ),
            request=_request(rng, kind, secret, token),
            response=Response(
                status=201 if kind == "create" else 200,
                reason=b"Created" if kind == "create" else b"OK",
                headers=(
                    (b"date", b"Sun, 22 Nov 2026 09:%02d:%02d GMT" % (at // 60_000_000_000 % 60, at // 10**9 % 60)),
                    (b"server", b"uvicorn"),
                    (b"content-length", b"%d" % len(answer)),
                    (b"content-type", b"application/json"),
                    (b"x-request-id", _uuid(rng).encode()),
                ),
                body=answer,
            ),
            connection=f"c{rng.randrange(40)}",
        )


def _request(rng: random.Random, kind: str, secret: str, token: str) -> Request:
    target, method, body = "/v1/checkouts/", b"POST", b""
    if kind != "create":
        target = f"/v1/checkouts/client/{secret}" + ("/confirm" if kind == "confirm" else "")
        method = {"update": b"PATCH", "get": b"GET", "confirm": b"POST"}[kind]
    if kind != "get":
        fields = {"product_id": _uuid(rng), "customer_email": f"{_token(rng, 9).lower()}@example.com"}
        if kind != "create":
            fields = {"customer_name": " ".join(rng.sample(_WORDS, 2)), "customer_email": fields["customer_email"]}
        body = json.dumps(fields).encode()
    return Request(
        method=method,
        scheme=b"http",
        authority=b"127.0.0.1:8000",
        target=target.encode(),
        headers=(
            (b"Host", b"127.0.0.1:8000"),
            (b"User-Agent", rng.choice((b"python-requests/2.32.5", b"Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0"))),
            (b"Accept-Encoding", b"gzip, deflate, br, zstd"),
            (b"Accept", b"application/json"),
            (b"Connection", b"keep-alive"),
            (b"Content-Type", b"application/json"),
            (b"Authorization", b"Bearer " + token.encode()),
            (b"Content-Length", b"%d" % len(body)),
        ),
        body=body,
    )


def _body(rng: random.Random, secret: str, size: int) -> bytes:
    """A checkout as an API writes it, about `size` bytes: always the same fields in the same order, other values."""
    document: dict[str, Any] = {
        "id": _uuid(rng),
        "created_at": _instant(rng),
        "status": rng.choice(_WORDS[:4]),
        "client_secret": secret,
        "url": f"http://127.0.0.1:3000/checkout/{secret}",
        "amount": rng.randrange(100_000),
        "currency": rng.choice(_WORDS[4:7]),
    }
    written = 400
    for name, kind in _SCHEMA:
        if written > size:
            break
        value = _value(rng, kind)
        document[name] = value
        written += len(name) + len(json.dumps(value)) + 4
    return json.dumps(document, separators=(",", ":")).encode()


def _value(rng: random.Random, kind: str) -> Any:
    return _KINDS[kind](rng)


def _list(rng: random.Random) -> list[dict[str, Any]]:
    return [
        {"id": _uuid(rng), "label": " ".join(rng.choices(_WORDS, k=3)), "price": rng.randrange(9999), "tax": None}
        for _ in range(rng.randint(0, 3))
    ]


#: An API's fields are a fixed list; how their kinds are mixed follows Polar's checkout (recorded: 5.3 KB, 12 ids, 4
#: instants, half of its 130 fields null or flags).
_SCHEMA: Final = [
    (f"{_WORDS[n % 7 + 10]}_{_WORDS[n * 5 % 31]}_{kind}", kind)
    for n, kind in enumerate(
        ("maybe flag maybe number word maybe flag id maybe text flag maybe number maybe instant flag list word".split())
        * 8
    )
]


def _token(rng: random.Random, length: int) -> str:
    return "".join(rng.choices(_ALPHABET, k=length))


def _uuid(rng: random.Random) -> str:
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def _instant(rng: random.Random) -> str:
    hour, minute, second = rng.randrange(24), rng.randrange(60), rng.randrange(60)
    return f"2026-11-22T{hour:02d}:{minute:02d}:{second:02d}.{rng.randrange(10**6):06d}Z"


_KINDS: Final[dict[str, Callable[[random.Random], Any]]] = {
    "maybe": lambda rng: rng.choice((None, None, None, rng.choice(_WORDS))),
    "flag": lambda rng: rng.random() < 0.3,
    "number": lambda rng: rng.randrange(10_000),
    "word": lambda rng: rng.choice(_WORDS),
    "instant": _instant,
    "id": _uuid,
    "text": lambda rng: " ".join(rng.choices(_WORDS, k=rng.randint(2, 12))),
    "list": _list,
}
