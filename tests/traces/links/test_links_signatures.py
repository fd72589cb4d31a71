"""Digests and signatures are known by their headers, and each is made as its specification says."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tests.replay.sign.receivers import (
    content_digest_holds,
    github_holds,
    shopify_holds,
    standard_holds,
    stripe_holds,
)
from traces.links.signatures import Scheme, compute, schemes, unrecognized
from traces.model import HeaderPairs

#: Of the specification's and Svix's own tests. Put together here, for in one piece it looks like somebody's secret.
STANDARD_SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STANDARD_KEY = "whsk_" + "VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk="
STANDARD_BODY = b'{"test": 2432232314}'

STALE = "5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd"
STRIPE = f"t=1492774577,v1={STALE},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"


def pairs(**headers: str) -> HeaderPairs:
    return tuple((name.replace("_", "-").encode(), value.encode()) for name, value in headers.items())


def standard(family: str = "Webhook", signature: str = "v1,c3RhbGU=") -> HeaderPairs:
    values = {"Id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "Timestamp": "1614265000", "Signature": signature}
    return tuple((f"{family}-{name}".encode(), value.encode()) for name, value in values.items())


def made(headers: HeaderPairs, body: bytes, *, key: str = "", at: int = 0, recorded: bytes = b"") -> dict[str, str]:
    """The headers that the one scheme of a recorded request has for another body."""
    (scheme,) = schemes(headers, recorded)
    return compute(scheme, headers, body, key=key.encode(), at=at)


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        (pairs(Stripe_Signature=STRIPE), "stripe"),
        (pairs(stripe_signature=f"t=1492774577,v1={STALE}"), "stripe"),
        (pairs(Stripe_Signature=f"t=1492774577,v1={STALE},v1={STALE}"), "stripe"),
        (pairs(Calendly_Webhook_Signature=f"t=1492774577,v1={STALE}"), "stripe"),
        (standard(), "standard"),
        (standard("svix"), "standard"),
        (standard(signature="v1,c3RhbGU= v1a,c3RhbGU="), "standard"),
        (pairs(X_Hub_Signature_256=f"sha256={STALE}"), "hmac"),
        (pairs(X_Hub_Signature="sha1=01dc10d0c83e72ed246219cdd91669667fe2ca59"), "hmac"),
        (pairs(X_Signature=STALE.upper()), "hmac"),
        (pairs(X_Shopify_Hmac_Sha256=base64.b64encode(bytes(32)).decode()), "hmac"),
        (pairs(Typeform_Signature="sha256=" + base64.b64encode(bytes(32)).decode()), "hmac"),
    ],
)
def test_a_signature_is_known_by_its_headers_alone(headers: HeaderPairs, kind: str) -> None:
    assert [scheme.kind for scheme in schemes(headers, None)] == [kind]


@pytest.mark.parametrize(
    "headers",
    [
        pairs(Authorization=f"Bearer {STALE}"),
        pairs(X_Request_Id=STALE),
        pairs(ETag=STALE),
        pairs(X_Signature="none"),
        pairs(X_Signature_Version="v1"),
        pairs(X_Signature="d41d8cd98f00b204e9800998ecf8427e"),  # 16 bytes: an id
        pairs(Webhook_Signature="v1,c3RhbGU="),  # without the id that it covers
        pairs(Stripe_Signature="t=1492774577,v1=short"),
        pairs(Stripe_Signature="t=1492774577"),
        pairs(Digest="SHA-256=" + base64.b64encode(bytes(32)).decode()),  # of something else than the body
    ],
)
def test_what_only_looks_like_one_is_none(headers: HeaderPairs) -> None:
    assert schemes(headers, b"body") == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Slack-Signature", f"v0={STALE}"),
        ("Signature", f'keyId="k",headers="(request-target) date",signature="{base64.b64encode(bytes(64)).decode()}"'),
        ("X-Signature-Ed25519", bytes(64).hex()),
        ("Authorization", f"AWS4-HMAC-SHA256 Credential=k/20261122/eu/s3/aws4_request, Signature={STALE}"),
        ("Paddle-Signature", f"ts=1671552777;h1={STALE}"),
        ("X-Twilio-Email-Event-Webhook-Signature", base64.b64encode(bytes(70)).decode()),
    ],
)
def test_a_signature_made_in_another_way_is_named_and_not_guessed_at(name: str, value: str) -> None:
    headers = ((name.encode(), value.encode()), (b"Signature-Input", b"sig1=()"), *pairs(Stripe_Signature=STRIPE))
    assert unrecognized(headers, b"") == (name.lower(),)


def test_digests_come_before_the_signatures_that_may_cover_them() -> None:
    digest = base64.b64encode(hashlib.sha256(b"body").digest()).decode()
    headers = (
        *pairs(X_Hub_Signature_256=f"sha256={STALE}"),
        *pairs(Digest=f"SHA-256={digest}", Stripe_Signature=STRIPE),
    )
    assert [scheme.kind for scheme in schemes(headers, b"body")] == ["digest", "hmac", "stripe"]


def test_standard_webhooks_own_example_comes_out() -> None:
    assert made(standard(), STANDARD_BODY, key=STANDARD_SECRET, at=1614265330) == {
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_standard_webhooks_own_example_with_a_key_pair_comes_out() -> None:
    signature = "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="
    assert made(standard(), STANDARD_BODY, key=STANDARD_KEY, at=1614265330)["webhook-signature"] == signature


def test_githubs_own_example_comes_out() -> None:
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    headers = pairs(X_Hub_Signature_256=f"sha256={STALE}")
    assert made(headers, b"Hello, World!", key="It's a Secret to Everybody") == {"x-hub-signature-256": signature}


@pytest.mark.parametrize(
    ("name", "template", "of"),
    [
        # RFC 9530, 2 and B.1; RFC 3230 and the drafts between them; RFC 1864.
        ("Content-Digest", "sha-256=:{}:", ["sha256"]),
        ("Content-Digest", "sha-256=:{}:, sha-512=:{}:", ["sha256", "sha512"]),
        ("Repr-Digest", "sha-512=:{}:", ["sha512"]),
        ("Digest", "SHA-256={}", ["sha256"]),
        ("Digest", "SHA-256={},MD5={}", ["sha256", "md5"]),
        ("Content-MD5", "{}", ["md5"]),
        ("X-Checksum-Sha1", "{}", ["sha1"]),
    ],
)
def test_a_digest_is_made_for_the_new_body_as_it_was_for_the_recorded_one(
    name: str, template: str, of: list[str]
) -> None:
    def value(body: bytes) -> str:
        return template.format(*(base64.b64encode(hashlib.new(name, body).digest()).decode() for name in of))

    headers = ((name.encode(), value(b"recorded").encode()),)
    assert made(headers, b"new", recorded=b"recorded") == {name.lower(): value(b"new")}


def test_rfc_9530s_own_digests_come_out() -> None:
    body = b'{"hello": "world"}\n'
    headers = pairs(Content_Digest="sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:")
    expected = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    assert made(headers, body, recorded=body.rstrip()) == {"content-digest": expected}


def test_a_digest_beside_a_value_that_cannot_be_made_is_left_alone() -> None:
    # RFC 3230's unixsum: half a new header would contradict itself.
    assert schemes(pairs(Digest="SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=,unixsum=30637"), b"") == ()


def test_a_hash_of_the_body_under_a_signatures_name_needs_no_key() -> None:
    (scheme,) = schemes(pairs(X_Signature=hashlib.sha256(b"body").hexdigest()), b"body")
    assert scheme.kind == "digest"


FORMS: list[Callable[[bytes], str]] = [
    bytes.hex,
    lambda data: data.hex().upper(),
    lambda data: base64.b64encode(data).decode(),
    lambda data: base64.b64encode(data).decode().rstrip("="),
    lambda data: base64.urlsafe_b64encode(data).decode(),
    lambda data: base64.urlsafe_b64encode(data).decode().rstrip("="),
]


@given(
    key=st.binary(min_size=1, max_size=80),
    body=st.binary(max_size=60),
    algorithm=st.sampled_from(["sha1", "sha256", "sha384", "sha512"]),
    form=st.sampled_from(FORMS),
    labelled=st.booleans(),
)
def test_an_hmac_is_made_as_the_recorded_one_was_written(
    key: bytes, body: bytes, algorithm: str, form: Callable[[bytes], str], labelled: bool
) -> None:
    value = f"{algorithm}=" * labelled + form(hmac.digest(key, body, algorithm))
    headers = pairs(X_Shop_Signature=value)
    (scheme,) = schemes(headers, body + b"!")
    remade = compute(scheme, headers, body, key=key, at=0)
    # Base64 that has neither of its alphabets' own characters is in both; a new value may then be written in either.
    assert remade["x-shop-signature"].translate(str.maketrans("-_", "+/")) == value.translate(str.maketrans("-_", "+/"))


bodies = st.binary(max_size=200)
times = st.integers(10**9, 4 * 10**9)


@given(body=bodies, at=times, secret=st.text("abcdefXYZ0189", min_size=1, max_size=40))
def test_stripe_takes_what_was_signed_anew(body: bytes, at: int, secret: str) -> None:
    headers = made(pairs(Stripe_Signature=STRIPE), body, key=f"whsec_{secret}", at=at)
    assert stripe_holds(headers, body, f"whsec_{secret}", now=at + 10)


@given(body=bodies, at=times, secret=st.binary(min_size=24, max_size=64), family=st.sampled_from(["webhook", "svix"]))
def test_a_standard_receiver_takes_what_was_signed_anew(body: bytes, at: int, secret: bytes, family: str) -> None:
    key = f"whsec_{base64.b64encode(secret).decode()}"
    recorded = standard(family)
    headers = {name.decode().lower(): value.decode() for name, value in recorded} | made(recorded, body, key=key, at=at)
    assert standard_holds(headers, body, key, now=at, family=family)


@given(body=bodies, at=times, seed=st.binary(min_size=32, max_size=32), with_public=st.booleans())
def test_a_standard_receiver_with_a_public_key_takes_what_was_signed_anew(
    body: bytes, at: int, seed: bytes, with_public: bool
) -> None:
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    key = f"whsk_{base64.b64encode(seed + public.public_bytes_raw() * with_public).decode()}"
    headers = {name.decode().lower(): value.decode() for name, value in standard()} | made(
        standard(), body, key=key, at=at
    )
    assert standard_holds(headers, body, public, now=at)


@given(body=bodies, key=st.text(min_size=1, max_size=20))
def test_github_and_shopify_take_what_was_signed_anew(body: bytes, key: str) -> None:
    github = made(pairs(X_Hub_Signature_256=f"sha256={STALE}"), body, key=key, recorded=b"x")
    shopify = made(pairs(X_Shopify_Hmac_Sha256=base64.b64encode(bytes(32)).decode()), body, key=key, recorded=b"x")
    assert github_holds(github, body, key)
    assert shopify_holds(shopify, body, key)


@given(body=st.binary(min_size=1, max_size=60), data=st.data())
def test_changing_any_byte_of_the_body_breaks_every_signature_and_digest(body: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(body) - 1))
    other = body[:at] + bytes([body[at] ^ data.draw(st.integers(1, 255))]) + body[at + 1 :]
    digest = base64.b64encode(hashlib.sha256(b"recorded").digest()).decode()
    recorded = standard() + pairs(
        Stripe_Signature=STRIPE, X_Hub_Signature_256=f"sha256={STALE}", Content_Digest=f"sha-256=:{digest}:"
    )
    headers = {name.decode().lower(): value.decode() for name, value in recorded}
    for scheme in schemes(recorded, b"recorded"):
        headers |= compute(scheme, recorded, body, key=STANDARD_SECRET.encode(), at=2 * 10**9)
    held = [
        (
            stripe_holds(headers, sent, STANDARD_SECRET, now=2 * 10**9),
            standard_holds(headers, sent, STANDARD_SECRET, now=2 * 10**9),
            github_holds(headers, sent, STANDARD_SECRET),
            content_digest_holds(headers, sent),
        )
        for sent in (body, other)
    ]
    assert held == [(True,) * 4, (False,) * 4]


@pytest.mark.parametrize(
    ("key", "why"),
    [("whsec_no base64!", "base64 behind whsec_"), ("whsk_c2hvcnQ=", "32 or 64 bytes")],
)
def test_a_secret_that_does_not_fit_is_refused_without_being_told(key: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        made(standard(), b"", key=key)
    assert key.partition("_")[2] not in str(refused.value)


def test_a_standard_signature_whose_message_has_no_id_any_more_is_refused() -> None:
    with pytest.raises(ValueError, match="no svix-id header"):
        compute(Scheme(kind="standard", header="svix-signature"), (), b"", key=STANDARD_SECRET.encode(), at=0)


@pytest.mark.parametrize("headers", [standard(), standard("svix"), pairs(Stripe_Signature=STRIPE)])
def test_a_scheme_says_which_headers_it_makes(headers: HeaderPairs) -> None:
    (scheme,) = schemes(headers, None)
    assert tuple(compute(scheme, headers, b"", key=STANDARD_SECRET.encode(), at=0)) == scheme.makes


@given(headers=st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=80)), max_size=5).map(tuple))
def test_any_headers_at_all_are_looked_through_without_complaint(headers: HeaderPairs) -> None:
    named = tuple((b"x-signature-" + name, value) for name, value in headers)
    for scheme in schemes(named, b""):
        assert list(compute(scheme, named, b"", key=b"k", at=0)) == [scheme.header]
    assert len(schemes(named, b"")) + len(unrecognized(named, b"")) <= len(named)
