"""What receivers of signed requests do, written from the services' documentation and not from our code."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_TOLERANCE = 300


def stripe_holds(headers: Mapping[str, str], body: bytes, secret: str, *, now: int) -> bool:
    """https://docs.stripe.com/webhooks: split by `,` and `=`, ignore all but t and v1, compare, look at the age."""
    pairs = [element.split("=", 1) for element in headers["stripe-signature"].split(",")]
    (time,) = [value for name, value in pairs if name == "t"]
    expected = hmac.new(secret.encode(), time.encode() + b"." + body, hashlib.sha256).hexdigest()
    found = any(hmac.compare_digest(value, expected) for name, value in pairs if name == "v1")
    return found and abs(now - int(time)) <= _TOLERANCE


def standard_holds(
    headers: Mapping[str, str], body: bytes, secret: str | Ed25519PublicKey, *, now: int, family: str = "webhook"
) -> bool:
    """Standard Webhooks 1.0, "Verifying signatures": each of the list is tried; the timestamp must be recent."""
    time = headers[f"{family}-timestamp"]
    signed = f"{headers[f'{family}-id']}.{time}.".encode() + body
    if abs(now - int(time)) > _TOLERANCE:
        return False
    for one in headers[f"{family}-signature"].split(" "):
        version, _, signature = one.partition(",")
        made = base64.b64decode(signature)
        if version == "v1" and isinstance(secret, str):
            key = base64.b64decode(secret.split("_", 1)[1])
            if hmac.compare_digest(made, hmac.new(key, signed, hashlib.sha256).digest()):
                return True
        if version == "v1a" and isinstance(secret, Ed25519PublicKey):
            try:
                secret.verify(made, signed)
            except InvalidSignature:
                continue
            return True
    return False


def github_holds(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries"""
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(headers["x-hub-signature-256"], expected)


def shopify_holds(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Shopify, "Verify webhook deliveries": the base64 of the body's HMAC."""
    return headers["x-shopify-hmac-sha256"] == base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def content_digest_holds(headers: Mapping[str, str], body: bytes) -> bool:
    """RFC 9530, 2: every digest in the dictionary is of the content."""
    for member in headers["content-digest"].split(","):
        name, _, value = member.strip().partition("=")
        assert value.startswith(":")
        assert value.endswith(":")
        if base64.b64decode(value[1:-1]) != hashlib.new(name.replace("-", ""), body).digest():
            return False
    return True
