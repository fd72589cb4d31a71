"""What makes the signatures of JSON Web Algorithms (RFC 7518, RFC 8037), by algorithm, for one key."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from replay.sign.errors import SignError
from replay.sign.keyring import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

#: JWS algorithm -> what signs with it. The first is taken for a token that names one of another family.
Makers = Mapping[str, Callable[[bytes], bytes]]


def makers(key: Secret) -> Makers:
    """Every algorithm that this key can sign with: a private key in PEM, else a secret for HMAC.

    Raises SignError for a public key, or one of a kind that JWTs have no algorithm for.
    """
    value = key.reveal()
    return _of_pem(value, key.source) if value.lstrip().startswith(b"-----BEGIN ") else _of_secret(value)


def _of_secret(secret: bytes) -> Makers:
    def maker(name: str) -> Callable[[bytes], bytes]:
        return lambda signed: hmac.digest(secret, signed, name)

    return {"HS256": maker("sha256"), "HS384": maker("sha384"), "HS512": maker("sha512")}


def _of_pem(pem: bytes, source: str) -> Makers:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.lstrip(), password=None)
    except (ValueError, TypeError) as error:
        # The library's own text could quote what it was given.
        raise SignError(f"{source} holds no private key without a password; a token is signed with one.") from error
    if isinstance(key, rsa.RSAPrivateKey):
        return _of_rsa(key)
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _of_curve(key)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {"EdDSA": key.sign}
    raise SignError(f"{source} holds a key that no JWT is signed with; use RSA, P-256, P-384, P-521 or Ed25519.")


def _of_rsa(key: rsa.RSAPrivateKey) -> Makers:
    """RS256.. (RFC 7518, 3.3) and PS256.. (3.5: salt as long as the hash)."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    def maker(pad: padding.AsymmetricPadding, algorithm: hashes.HashAlgorithm) -> Callable[[bytes], bytes]:
        return lambda signed: key.sign(signed, pad, algorithm)

    found: dict[str, Callable[[bytes], bytes]] = {}
    for algorithm in (hashes.SHA256(), hashes.SHA384(), hashes.SHA512()):
        bits = algorithm.digest_size * 8
        pss = padding.PSS(padding.MGF1(algorithm), algorithm.digest_size)
        found |= {f"RS{bits}": maker(padding.PKCS1v15(), algorithm), f"PS{bits}": maker(pss, algorithm)}
    return found


#: Each curve has one algorithm (RFC 7518, 3.4): its name, its hash, the bytes of a number.
_CURVES = {
    "secp256r1": ("ES256", "SHA256", 32),
    "secp384r1": ("ES384", "SHA384", 48),
    "secp521r1": ("ES512", "SHA512", 66),
}


def _of_curve(key: ec.EllipticCurvePrivateKey) -> Makers:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    name, hashed, size = _CURVES[key.curve.name]
    algorithm: hashes.HashAlgorithm = getattr(hashes, hashed)()

    def make(signed: bytes) -> bytes:
        # JWS has the two numbers one after the other, not the ASN.1 that everything else has.
        r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(algorithm)))
        return r.to_bytes(size) + s.to_bytes(size)

    return {name: make}
