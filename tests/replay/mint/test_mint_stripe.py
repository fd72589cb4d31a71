"""Stripe's test API is asked as its documentation has it, never with a live key, and never told of in an error."""

from __future__ import annotations

import asyncio
import json
from asyncio import StreamWriter
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import parse_qsl

import pytest

from replay.mint import STRIPE, MintError, Outcome, StripeMinter, wanted
from replay.sign import Secret
from tests.capture.origins import Asked, Origin
from tests.replay.mint.exchanges import confirmed

# Put together, for in one piece they look like somebody's.
KEY: Final = "sk_test_" + "0" * 24
LIVE: Final = ["sk_" + "live_" + "0" * 24, "rk_" + "live_" + "0" * 24]

#: https://docs.stripe.com/api/confirmation_tokens/test_create, /payment_methods/create, /tokens/create_card
CONFIRMATION_TOKEN: Final = {"id": "ctoken_1Ow71C", "object": "confirmation_token", "livemode": False}
PAYMENT_METHOD: Final = {"id": "pm_1Q0PsI", "object": "payment_method", "livemode": False, "type": "card"}
TOKEN: Final = {"id": "tok_1N3T00", "object": "token", "livemode": False, "type": "card", "used": False}
ANSWERS: Final = {
    b"/v1/test_helpers/confirmation_tokens": CONFIRMATION_TOKEN,
    b"/v1/payment_methods": PAYMENT_METHOD,
    b"/v1/tokens": TOKEN,
}


@dataclass
class Stripe:
    """Answers as Stripe does; `busy` are the answers that come first."""

    busy: list[tuple[int, Any, bytes]] = field(default_factory=list)

    async def __call__(self, asked: Asked, wire: StreamWriter) -> None:
        status, document, extra = self.busy.pop(0) if self.busy else (200, ANSWERS[asked.target], b"")
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        wire.write(b"HTTP/1.1 %d X\r\n%bcontent-length: %d\r\n\r\n%b" % (status, extra, len(body), body))
        await wire.drain()


def error(message: str, kind: str = "invalid_request_error") -> dict[str, Any]:
    return {"error": {"type": kind, "message": message}}


def minter(base: str, key: str = KEY, fields: dict[str, str] | None = None) -> StripeMinter:
    return StripeMinter(Secret(key.encode(), "env:KEY"), base=base, fields=fields)


def mint(
    origin: Origin,
    text: str = "ctoken_1",
    card: Outcome | None = None,
    *,
    fields: dict[str, str] | None = None,
    pauses: list[float] | None = None,
) -> str:
    """A value like `text`; `pauses` gets the seconds that were to be waited, which are not."""

    async def pause(seconds: float) -> None:
        if pauses is not None:
            pauses.append(seconds)

    async def one() -> str:
        own = StripeMinter(Secret(KEY.encode(), "env:KEY"), base=origin.url, fields=fields, pause=pause)
        try:
            return await own.mint(confirmed(), wanted("body.$.token", text, card))
        finally:
            await own.aclose()

    return asyncio.run(one())


def header(asked: Asked, name: bytes) -> bytes:
    (line,) = [line for line in asked.head.split(b"\r\n") if line.lower().startswith(name + b":")]
    return line.partition(b":")[2].strip()


def form(asked: Asked) -> dict[str, str]:
    return dict(parse_qsl(asked.body.decode(), strict_parsing=True))


@pytest.mark.parametrize("outcome", [None, *Outcome])
def test_a_confirmation_token_is_made_of_the_published_payment_method_of_its_outcome(outcome: Outcome | None) -> None:
    with Origin(Stripe()) as origin:
        made = mint(origin, card=outcome)
    (asked,) = origin.asked
    card = STRIPE[outcome or Outcome.SUCCEEDED]
    assert (made, asked.method, asked.target) == ("ctoken_1Ow71C", b"POST", b"/v1/test_helpers/confirmation_tokens")
    assert (form(asked), header(asked, b"authorization")) == (
        {"payment_method": card.payment_method},
        f"Bearer {KEY}".encode(),
    )


def test_a_payment_method_is_made_of_a_published_token() -> None:
    with Origin(Stripe()) as origin:
        made = mint(origin, "pm_1Recorded", Outcome.EXPIRED)
    (asked,) = origin.asked
    assert (made, asked.target) == ("pm_1Q0PsI", b"/v1/payment_methods")
    assert form(asked) == {"type": "card", "card[token]": "tok_chargeDeclinedExpiredCard"}


def test_a_card_token_is_made_of_a_published_number() -> None:
    with Origin(Stripe()) as origin:
        made = mint(origin, "tok_1Recorded", Outcome.DECLINED)
    (asked,) = origin.asked
    assert (made, asked.target) == ("tok_1N3T00", b"/v1/tokens")
    assert form(asked)["card[number]"] == "4000000000000002"


def test_an_account_that_may_not_send_numbers_gets_the_published_token() -> None:
    refused = error("Sending credit card numbers directly to the Stripe API is generally unsafe.")
    with Origin(Stripe([(402, refused, b"")])) as origin:
        assert mint(origin, "tok_1Recorded", Outcome.LOST) == "tok_visa_chargeDeclinedLostCard"


def test_more_of_a_confirmation_token_is_said_as_stripe_names_it() -> None:
    with Origin(Stripe()) as origin:
        mint(origin, fields={"setup_future_usage": "off_session", "return_url": "https://shop.example/done"})
        mint(origin, fields={"payment_method_data[type]": "link"})
    assert [form(asked) for asked in origin.asked] == [
        {
            "payment_method": "pm_card_visa",
            "setup_future_usage": "off_session",
            "return_url": "https://shop.example/done",
        },
        {"payment_method_data[type]": "link"},
    ]


def test_a_proxy_is_taken_when_it_is_named() -> None:
    async def one(proxy: str) -> str:
        own = StripeMinter(Secret(KEY.encode(), "env:KEY"), base="http://localhost:1", proxy=proxy)
        try:
            return await own.mint(confirmed(), wanted("body.$.token", "ctoken_1"))
        finally:
            await own.aclose()

    async def script(asked: Asked, wire: StreamWriter) -> None:
        target = asked.target.removeprefix(b"http://localhost:1")
        await Stripe()(replace(asked, head=asked.head.replace(asked.target, target)), wire)

    with Origin(script) as origin:
        assert asyncio.run(one(origin.url)) == "ctoken_1Ow71C"
    with pytest.raises(MintError, match="http://localhost:1 by here:there is no address"):
        asyncio.run(one("here:there"))


def test_a_busy_stripe_is_asked_again_for_the_same_thing() -> None:
    pauses: list[float] = []
    limit = error("Too many requests", "rate_limit_error")
    with Origin(Stripe([(429, limit, b"retry-after: 3\r\n"), (503, b"", b""), (429, limit, b"")])) as origin:
        assert mint(origin, pauses=pauses) == "ctoken_1Ow71C"
    assert pauses == [3.0, 1.0, 2.0]
    assert len({header(asked, b"idempotency-key") for asked in origin.asked}) == 1


def test_two_tokens_are_two_things() -> None:
    with Origin(Stripe()) as origin:
        mint(origin)
        mint(origin)
    assert len({header(asked, b"idempotency-key") for asked in origin.asked}) == 2


@pytest.mark.parametrize(
    ("busy", "sentence"),
    [
        ([(401, error("Invalid API Key provided: sk_test_****0000"), b"")], "does not take the key of env:KEY; copy a"),
        (
            [(403, error("The provided key does not have access"), b"")],
            "of env:KEY may not make a confirmation",
        ),
        (
            [(400, error("No such PaymentMethod\nx"), b"")],
            r"no confirmation token \(400: No such PaymentMethod\); see its",
        ),
        ([(404, b"<html>", b"")], r"\(404: without a reason\)"),
        ([(200, [], b"")], r"\(200: without a reason\)"),
        ([(200, CONFIRMATION_TOKEN | {"livemode": True}, b"")], "in live mode with the key of env:KEY; revoke it"),
        ([(500, b"", b"")] * 4, "answers 500 again and again; look at the network, or try fewer sessions at once"),
        ([(429, b"", b"retry-after: 1800\r\n")] * 4, "answers 429 again and again"),
    ],
)
def test_what_stripe_refuses_is_a_sentence_without_the_key(busy: list[tuple[int, Any, bytes]], sentence: str) -> None:
    pauses: list[float] = []
    with Origin(Stripe(busy)) as origin, pytest.raises(MintError, match=sentence) as refused:
        mint(origin, pauses=pauses)
    assert KEY not in str(refused.value)
    assert all(pause <= 8 for pause in pauses)


def test_a_stripe_that_is_not_there_is_said_at_once() -> None:
    # Without a pause, which would be a real one here.
    with pytest.raises(MintError, match=r"Stripe's test API at http://127\.0\.0\.1:1 does not answer \(ConnectError\)"):
        asyncio.run(minter("http://127.0.0.1:1").mint(confirmed(), wanted("body.$.token", "ctoken_1")))


def test_a_stripe_that_breaks_off_is_asked_again() -> None:
    calls = []

    async def breaks_off_once(asked: Asked, wire: StreamWriter) -> None:
        calls.append(asked)
        await (Stripe()(asked, wire) if len(calls) > 1 else _drop(wire))

    async def _drop(wire: StreamWriter) -> None:
        wire.close()

    with Origin(breaks_off_once) as origin:
        assert mint(origin) == "ctoken_1Ow71C"


@pytest.mark.parametrize("key", LIVE)
def test_a_live_key_is_refused_before_anything_is_sent(key: str) -> None:
    with pytest.raises(
        MintError, match="env:KEY is a live one, with which real cards are charged; give a test key"
    ) as no:
        minter("http://127.0.0.1:1", key)
    assert key not in str(no.value)


@pytest.mark.parametrize("key", ["pk_test_" + "0" * 24, "whatever", "", KEY + "\n", KEY + "é"])
def test_what_is_no_secret_test_key_is_refused(key: str) -> None:
    with pytest.raises(MintError, match="What env:KEY holds is no test key of Stripe") as refused:
        minter("http://127.0.0.1:1", key)
    assert not key or key not in str(refused.value)


@pytest.mark.parametrize(
    "base", ["http://api.example.com", "http://10.0.0.7:80", "ftp://127.0.0.1", "stripe", "https://"]
)
def test_no_other_machine_is_told_the_key_in_the_clear(base: str) -> None:
    with pytest.raises(MintError, match="would get Stripe's key in the clear; give an https address"):
        minter(base)


@pytest.mark.parametrize("base", ["https://api.stripe.com", "http://localhost:12111", "http://[::1]:12111"])
def test_this_machine_and_whoever_has_a_certificate_are_told(base: str) -> None:
    allowed = minter(base)
    asyncio.run(allowed.aclose())
    assert allowed.wants("body.$.payment_method", "pm_123")


def test_what_stripe_does_not_make_is_said() -> None:
    with pytest.raises(MintError, match=r"Stripe makes nothing for body\.\$\.token; say --minter FILE\.py:NAME"):
        asyncio.run(minter("http://127.0.0.1:1").mint(confirmed(), wanted("body.$.token", "nonce_1")))
