"""A request's digests and signatures are made anew where they stand, and nothing else of it changes."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.bind import place
from replay.bind.template import compile_request
from replay.sign import Head, Keyring, SignError, SigningPlan, plan
from replay.wire import parse
from tests.replay.sign.receivers import content_digest_holds, github_holds, standard_holds, stripe_holds
from traces.model import HeaderPairs, Request

NOW = 1_764_000_000
SECRET = "whsec_" + base64.b64encode(b"a test's secret, 24 bytes").decode()
KEYRING = Keyring([f"{name}=literal:{SECRET}" for name in ("stripe", "standard", "x-hub-signature-256")], environ={})
NO_KEYS = Keyring(environ={})
STALE = "0" * 64
STRIPE = (b"Stripe-Signature", f"t=1492774577,v1={STALE},v0={STALE}".encode())
GITHUB = (b"X-Hub-Signature-256", f"sha256={STALE}".encode())
STANDARD = ((b"webhook-id", b"msg_1"), (b"Webhook-Timestamp", b"1"), (b"Webhook-Signature", b"v1,c3RhbGU="))


def digest(body: bytes) -> tuple[bytes, bytes]:
    return b"Content-Digest", b"sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()) + b":"


def a_request(*headers: tuple[bytes, bytes], body: bytes | None = b"recorded", target: bytes = b"/hooks") -> Request:
    return Request(method=b"POST", scheme=b"http", authority=b"shop.example", target=target, headers=headers, body=body)


def rendered(request: Request) -> bytes:
    """The head as the engine has it when it is about to send."""
    where = place("http://127.0.0.1:8001", [b"shop.example"])
    wire = compile_request(request, (), authority=where.authority, move=where.move).render([])
    head = wire[: wire.index(b"\r\n\r\n") + 2]
    return b"".join(line + b"\r\n" for line in head.split(b"\r\n")[:-1] if not line.startswith(b"content-length"))


def values(head: bytes) -> dict[str, str]:
    _, _, headers, _ = parse(head + b"\r\n")
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


names = st.from_regex(rb"X-[A-Za-z]{1,8}", fullmatch=True)
plain = st.from_regex(rb"[!-~]([ -~]{0,12}[!-~])?", fullmatch=True)


@given(before=st.lists(st.tuples(names, plain), max_size=4), body=st.binary(max_size=100))
def test_every_receiver_takes_the_request_and_every_other_header_stays(
    before: list[tuple[bytes, bytes]], body: bytes
) -> None:
    request = a_request(*before, GITHUB, digest(b"recorded"), *STANDARD, STRIPE, *before)
    head = rendered(request)
    signed = plan(request, KEYRING).sign(head, body, at=NOW)
    made = values(signed)
    assert (
        github_holds(made, body, SECRET),
        content_digest_holds(made, body),
        standard_holds(made, body, SECRET, now=NOW),
        stripe_holds(made, body, SECRET, now=NOW),
    ) == (True,) * 4
    lines, recorded = signed.split(b"\r\n"), head.split(b"\r\n")
    assert [line.partition(b":")[0] for line in lines] == [line.partition(b":")[0] for line in recorded]
    mine = ("x-hub", "content-digest", "webhook-timestamp", "webhook-signature", "stripe")
    untouched = [n for n, line in enumerate(recorded) if not line.decode("latin-1").lower().startswith(mine)]
    assert [lines[n] for n in untouched] == [recorded[n] for n in untouched]


def test_a_request_that_nobody_signed_is_not_touched() -> None:
    request = a_request((b"Authorization", b"Bearer x"))
    assert plan(request, KEYRING) == SigningPlan()
    assert plan(request, KEYRING).sign(b"not even a head", b"", at=NOW) == b"not even a head"


def test_the_present_is_the_callers() -> None:
    request = a_request(STRIPE)
    signing = plan(request, KEYRING)
    signed = [values(signing.sign(rendered(request), b"", at=at))["stripe-signature"][:14] for at in (NOW, NOW + 1)]
    assert signed == [f"t={NOW},v", f"t={NOW + 1},v"]


def test_a_message_id_that_was_filled_in_is_the_one_that_is_signed() -> None:
    request = a_request(*STANDARD)
    head = rendered(request).replace(b"msg_1", b"msg_of_this_clone")
    made = values(plan(request, KEYRING).sign(head, b"new", at=NOW))
    assert made["webhook-id"] == "msg_of_this_clone"
    assert standard_holds(made, b"new", SECRET, now=NOW)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (STRIPE, "the Stripe signature in stripe-signature, whose secret was not given; say --secret stripe=env:NAME"),
        (GITHUB, "say --secret x-hub-signature-256=env:NAME"),
        ((b"X-Slack-Signature", b"v0=" + STALE.encode()), "made in a way not known here; say --signer FILE.py:NAME"),
    ],
)
def test_what_cannot_be_signed_is_said_before_the_run(header: tuple[bytes, bytes], says: str) -> None:
    signing = plan(a_request(header), NO_KEYS)
    (missing,) = signing.missing
    assert (signing.signers, says in missing) == ((), True)


def test_the_headers_that_are_made_anew_are_named() -> None:
    request = a_request(*STANDARD, GITHUB, (b"Calendly-Webhook-Signature", STRIPE[1]), digest(b"recorded"))
    made = {"webhook-timestamp", "webhook-signature", "x-hub-signature-256", "content-digest"}
    assert plan(request, KEYRING).headers == made


def test_a_digest_needs_no_secret() -> None:
    request = a_request(digest(b"recorded"))
    made = values(plan(request, NO_KEYS).sign(rendered(request), b"new", at=NOW))
    assert content_digest_holds(made, b"new")


def test_another_services_header_of_stripes_shape_does_not_get_stripes_secret() -> None:
    request = a_request((b"Calendly-Webhook-Signature", STRIPE[1]))
    (missing,) = plan(request, KEYRING).missing
    assert "--secret calendly-webhook-signature=env:NAME" in missing


def test_the_secret_is_that_of_the_path() -> None:
    keyring = Keyring(["stripe@/hooks/a=literal:a", "stripe@/hooks/b=literal:b"], environ={})
    request = a_request(STRIPE, target=b"/hooks/b?x=1")
    made = values(plan(request, keyring).sign(rendered(request), b"", at=NOW))
    assert stripe_holds(made, b"", "b", now=NOW)


def test_a_secret_that_does_not_fit_ends_in_a_sentence_without_it() -> None:
    keyring = Keyring(["standard=literal:nobase64!"], environ={})
    request = a_request(*STANDARD)
    with pytest.raises(SignError, match=r"webhook-signature cannot be signed \(secret of literal\)") as refused:
        plan(request, keyring).sign(rendered(request), b"", at=NOW)
    assert "nobase64" not in str(refused.value)


HEAD = b"POST /a?b HTTP/1.1\r\nhost: a\r\nX-One: 1\r\nx-one-more: 2\r\nX-ONE: 3\r\n"


def test_a_head_is_read_whatever_the_case_of_its_names() -> None:
    head = Head(HEAD)
    assert (head.method, head.target, head.get("x-one"), head.get("X-One-More"), head.get("one")) == (
        "POST",
        "/a?b",
        "1",
        "2",
        None,
    )


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"x-one": "new"}, HEAD.replace(b"One: 1", b"One: new").replace(b"ONE: 3", b"ONE: new")),
        ({"x-two": r"\1\g<1>"}, HEAD + b"x-two: \\1\\g<1>\r\n"),
        ({"x.one": "n"}, HEAD + b"x.one: n\r\n"),
        ({}, HEAD),
    ],
)
def test_a_header_is_replaced_where_it_stands_or_put_at_the_end(headers: dict[str, str], expected: bytes) -> None:
    head = Head(HEAD)
    head.set(headers)
    assert head.data == expected


@pytest.mark.parametrize("value", ["a\r\nx-admin: 1", "a\n", "\0"])
def test_no_value_begins_another_header(value: str) -> None:
    with pytest.raises(SignError, match="line break"):
        Head(HEAD).set({"x-one": value})


def pairs_of(head: bytes) -> HeaderPairs:
    return tuple((name, value) for name, value in parse(head + b"\r\n")[2])


@given(st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=40))
def test_any_other_value_is_one_header(value: str) -> None:
    head = Head(HEAD)
    head.set({"host": value})
    assert pairs_of(head.data)[0] == (b"host", value.encode("latin-1"))
