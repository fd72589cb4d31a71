"""A JWT whose claims were changed, or whose time has passed, is valid again under a test key."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from replay.sign import JwtKey, Secret, SignError

RSA = rsa.generate_private_key(65537, 2048)
CURVES = {
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES384": ec.generate_private_key(ec.SECP384R1()),
    "ES512": ec.generate_private_key(ec.SECP521R1()),
}
EDWARDS = ed25519.Ed25519PrivateKey.generate()

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def pem(key: Private) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def jwt_key(value: bytes, kid: str | None = None) -> JwtKey:
    return JwtKey(Secret(value, "test"), kid=kid)


def segment(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def opened(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def token(claims: dict[str, Any], algorithm: str = "HS256", **header: str) -> str:
    parts = ({"alg": algorithm, "typ": "JWT", **header}, claims)
    return ".".join([*(segment(json.dumps(part).encode()) for part in parts), segment(b"stale")])


def parts(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _ = text.split(".")
    return json.loads(opened(header)), json.loads(opened(claims))


def hmac_holds(text: str, key: bytes) -> bool:
    """RFC 7515, 5.2 with RFC 7518, 3.2."""
    signed, _, signature = text.rpartition(".")
    name = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}[parts(text)[0]["alg"]]
    return hmac.compare_digest(opened(signature), hmac.new(key, signed.encode(), name).digest())


def key_pair_holds(text: str) -> bool:
    """RFC 7518, 3.3 to 3.5 and RFC 8037, 3.1, by the public key of the token's algorithm."""
    signed, _, last = text.rpartition(".")
    data, signature, name = signed.encode(), opened(last), parts(text)[0]["alg"]
    size = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512(), "DSA": hashes.SHA512()}[name[-3:]]
    try:
        if name == "EdDSA":
            EDWARDS.public_key().verify(signature, data)
        elif name in CURVES:
            half = len(signature) // 2
            assert half == (CURVES[name].key_size + 7) // 8
            numbers = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
            CURVES[name].public_key().verify(encode_dss_signature(*numbers), data, ec.ECDSA(size))
        else:
            pss = padding.PSS(padding.MGF1(size), size.digest_size)
            RSA.public_key().verify(signature, data, pss if name.startswith("PS") else padding.PKCS1v15(), size)
    except InvalidSignature:
        return False
    return True


def test_rfc_7515s_own_example_comes_out() -> None:
    # Appendix A.1, whose header has a line break in it.
    header = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    claims = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    key = opened("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
    signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert jwt_key(key).resign(f"{header}.{claims}.c3RhbGU", shift=0) == f"{header}.{claims}.{signature}"


def test_its_times_are_as_far_from_the_present_as_they_were_from_the_recorded_instant() -> None:
    recorded = {"sub": "u1", "iat": 1000, "nbf": 990.5, "exp": 4600, "auth_time": 900, "nested": {"exp": 1}}
    _, claims = parts(jwt_key(b"k").resign(token(recorded), shift=5000))
    assert claims == recorded | {"iat": 6000, "nbf": 5990.5, "exp": 9600}


@given(
    claims=st.dictionaries(st.text(max_size=8), st.none() | st.text(max_size=8) | st.integers() | st.booleans()),
    key=st.binary(min_size=1, max_size=80),
    algorithm=st.sampled_from(["HS256", "HS384", "HS512"]),
    shift=st.integers(-(10**9), 10**9),
)
def test_a_token_with_any_claims_holds(claims: dict[str, Any], key: bytes, algorithm: str, shift: int) -> None:
    if key.lstrip().startswith(b"-----BEGIN "):
        return
    made = jwt_key(key).resign(token(claims, algorithm), shift=shift)
    times = {name: claims[name] + shift for name in ("iat", "nbf", "exp") if type(claims.get(name)) is int}
    assert (hmac_holds(made, key), parts(made)[1]) == (True, claims | times)


@given(at=st.integers(0, 10**6), shift=st.integers(0, 100))
def test_changing_any_character_of_what_is_signed_breaks_it(at: int, shift: int) -> None:
    made = jwt_key(b"k").resign(token({"sub": "someone", "exp": 1}), shift=shift)
    claims = made.split(".")[1]
    at %= len(claims)
    other = claims[:at] + ("A" if claims[at] != "A" else "B") + claims[at + 1 :]
    signed = made.replace(claims, other)
    assert opened(made.rpartition(".")[2]) != hmac.digest(b"k", signed.rpartition(".")[0].encode(), "sha256")


@pytest.mark.parametrize(
    ("key", "algorithms"),
    [
        (pem(RSA), ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]),
        (pem(EDWARDS), ["EdDSA"]),
        *((pem(key), [name]) for name, key in CURVES.items()),
        (b"\n" + RSA.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()), ["RS256"]),
    ],
)
def test_a_key_pairs_tokens_hold_and_keep_their_algorithm(key: bytes, algorithms: list[str]) -> None:
    signer = jwt_key(key)
    made = [signer.resign(token({"exp": 1}, name), shift=7) for name in algorithms]
    assert [(parts(text)[0]["alg"], key_pair_holds(text)) for text in made] == [(name, True) for name in algorithms]


@pytest.mark.parametrize(
    ("recorded", "key", "algorithm", "holds"),
    [
        ("HS512", pem(RSA), "RS256", key_pair_holds),
        ("RS256", pem(CURVES["ES256"]), "ES256", key_pair_holds),
        ("ES384", pem(CURVES["ES256"]), "ES256", key_pair_holds),
        ("RS512", b"secret", "HS256", lambda text: hmac_holds(text, b"secret")),
    ],
)
def test_the_key_decides_the_family_of_algorithms(
    recorded: str, key: bytes, algorithm: str, holds: Callable[[str], bool]
) -> None:
    made = jwt_key(key).resign(token({}, recorded), shift=0)
    assert (parts(made)[0]["alg"], holds(made)) == (algorithm, True)


@pytest.mark.parametrize("recorded", [{}, {"kid": 'old"'}])
def test_the_target_finds_the_key_by_its_id(recorded: dict[str, str]) -> None:
    made = jwt_key(b"k", kid='te"st').resign(token({}, **recorded), shift=0)
    assert (parts(made)[0], hmac_holds(made, b"k")) == ({"alg": "HS256", "typ": "JWT", "kid": 'te"st'}, True)


def test_what_is_not_replaced_stays_byte_for_byte() -> None:
    header, claims = (
        b'{ "alg":"HS256" , "x":1.10}',
        b'{"n": 1.10, "big": 12345678901234567890123, "exp" : 5, "e":"\\u00e9"}',
    )
    made = jwt_key(b"k").resign(f"{segment(header)}.{segment(claims)}.x", shift=3)
    assert [opened(part) for part in made.split(".")[:2]] == [header, claims.replace(b": 5", b": 8")]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (token({}, "none"), "says alg none"),
        (token({}, "NONE"), "says alg none"),
        (f"{segment(b'{}')}.{segment(b'{}')}.", "says alg none"),
        ("a.b.c.d.e", "an encrypted token"),
        ("opaque", "no JWT"),
        ("a*.b.c", "not base64url"),
        (f"{segment(b'[')}.{segment(b'{}')}.x", "not JSON"),
        (f"{token({}).split('.')[0]}.{segment(b'no')}.x", "not JSON"),
    ],
)
def test_what_no_key_signs_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(SignError, match=sentence):
        jwt_key(b"k").resign(text, shift=0)


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        (RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "no private key"),
        (RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")), "without a password"),
        (b"-----BEGIN " + b"PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no private key"),
        (pem(ec.generate_private_key(ec.SECP256K1())), "a key that no JWT is signed with"),
    ],
)
def test_a_key_that_signs_no_token_is_refused_before_the_run(key: bytes, sentence: str) -> None:
    with pytest.raises(SignError, match=f"^test holds .*{sentence}"):
        jwt_key(key)


def test_a_key_is_not_printed() -> None:
    assert repr(jwt_key(b"made-up")) == "JwtKey(test)"
