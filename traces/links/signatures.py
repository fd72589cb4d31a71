"""Which digests and signatures a recorded request carries, and how each is made: recipes, never values.

Rule 1: neither a key nor a time is kept or read here: a scheme says how, `compute` is told with what and when.
Rule 2: body, then digests, then signatures, then Content-Length: `schemes` lists them in that order, for a signature
        may cover a digest.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from traces.model import HeaderPairs, header_value

#: digest    a hash of the body: Digest (RFC 3230), Content-Digest, Repr-Digest (RFC 9530), Content-MD5 (RFC 1864), and
#:           whatever else equals one
#: hmac      HMAC (RFC 2104) of the body, as GitHub's X-Hub-Signature-256 and Shopify's X-Shopify-Hmac-Sha256
#: stripe    `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>">`, Stripe's and whoever took it over
#: standard  Standard Webhooks 1.0, under its own names and the older svix- ones
Kind = Literal["digest", "hmac", "stripe", "standard"]
Form = Literal["hex", "HEX", "base64", "base64url", "base64 bare", "base64url bare"]

#: What a hash of so many bytes is.
_ALGORITHMS: Final[Mapping[int, str]] = {16: "md5", 20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}
#: 16 bytes under a signature's name are a request's id more often than an HMAC-MD5.
_SIGNED: Final = frozenset({20, 32, 48, 64})

_NAMES: Final = re.compile(r"signature|hmac|digest|md5|sha-?(?:1|256|384|512)|checksum|hash")
_SIGNATURE: Final = re.compile(r"signature|hmac")
#: No HMAC, though an Ed25519 signature is as long as one: Discord's X-Signature-Ed25519.
_KEY_PAIR: Final = re.compile(r"ed25519|(?<![a-z])(?:rsa|ecdsa)")
#: AWS Signature Version 4, the drafts before RFC 9421, and what is called so.
_SIGNED_AUTHORIZATION: Final = re.compile(rb"(?:AWS4-|Signature |HMAC|Hawk )", re.IGNORECASE)
#: Long enough for 16 bytes in base64; algorithms' names are shorter.
_TOKEN: Final = re.compile(r"[A-Za-z0-9+/_-]{22,}={0,2}")
#: What may stand around a digest: another value there would go out stale.
_AROUND: Final = re.compile(r'[\s,:"]*(?:[A-Za-z][\w-]*=[:"]?)?')
_STRIPE: Final = re.compile(r"t=\d{9,11}(?:, ?v\d=[^,\s]+)+")
_STRIPE_V1: Final = re.compile(r"v1=([^,\s]+)")


class Part(NamedTuple):
    """Where a hash stands in a header's value: of which algorithm (hashlib's name), written how."""

    algorithm: str
    form: Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """How one header's value is made.

    header: its name, in lower case.
    pieces: its value in order, literal text and hashes; for `stripe` the hash alone; for `standard` nothing, since the
            secret says what it is made with.
    """

    kind: Kind
    header: str
    pieces: tuple[str | Part, ...] = ()

    @property
    def makes(self) -> tuple[str, ...]:
        """The names of all headers that `compute` gives values for."""
        if self.kind != "standard":
            return (self.header,)
        return f"{self.header.removesuffix('-signature')}-timestamp", self.header


def schemes(headers: HeaderPairs, body: bytes | None) -> tuple[Scheme, ...]:
    """What these headers carry, in the order it is to be computed: digests, then signatures.

    body: as it was sent, content-encoded; None (not kept) finds no digest.

    A digest is one only when it equals the body's. Signatures are known by their shape, since nobody here has the key:
    an HMAC is taken to be of the body alone, which is the custom and not certain.
    """
    found = [scheme for name, value in _texts(headers) if (scheme := _scheme(name, value, headers, body)) is not None]
    return tuple(sorted(found, key=lambda scheme: scheme.kind != "digest"))


def unrecognized(headers: HeaderPairs, body: bytes | None) -> tuple[str, ...]:
    """Names of the headers that look like signatures and are of no scheme known here: a plugin's, or sent stale."""
    found = [
        name
        for name, value in _texts(headers)
        if _SIGNATURE.search(name)
        and name != "signature-input"
        and _TOKEN.search(value)
        and _scheme(name, value, headers, body) is None
    ]
    authorization = header_value(headers, b"authorization") or b""
    return (*found, "authorization") if _SIGNED_AUTHORIZATION.match(authorization) else tuple(found)


def compute(scheme: Scheme, headers: HeaderPairs, body: bytes, *, key: bytes, at: int) -> dict[str, str]:
    """The values of the headers that this scheme makes, by their names in lower case.

    headers: of the request as it will be sent; only Standard Webhooks reads one, the message's id.
    body:    as it will be sent, content-encoded.
    key:     the secret as its service shows it; digests have none.
    at:      the time of the signature, in seconds since 1970.

    Raises ValueError, without the key in its text, when the key or the headers do not fit the scheme.
    """
    if scheme.kind == "standard":
        return _standard(scheme, headers, body, key, at)
    made: dict[str, bytes] = {}
    out = []
    for piece in scheme.pieces:
        if isinstance(piece, str):
            out.append(piece)
            continue
        if piece.algorithm not in made:
            if scheme.kind == "digest":
                made[piece.algorithm] = hashlib.new(piece.algorithm, body, usedforsecurity=False).digest()
            else:
                # https://docs.stripe.com/webhooks, "Verify webhook signatures manually": the secret is used as it is
                # shown, `whsec_` included.
                signed = b"%d.%b" % (at, body) if scheme.kind == "stripe" else body
                made[piece.algorithm] = hmac.digest(key, signed, piece.algorithm)
        out.append(_FORMS[piece.form][0](made[piece.algorithm]))
    value = "".join(out)
    return {scheme.header: f"t={at},v1={value}" if scheme.kind == "stripe" else value}


def _standard(scheme: Scheme, headers: HeaderPairs, body: bytes, key: bytes, at: int) -> dict[str, str]:
    """Standard Webhooks 1.0, "Signature scheme": `{id}.{timestamp}.{body}` under the secret that its prefix names.

    `whsec_` (or none) is HMAC-SHA256 and makes `v1`; `whsk_` is an Ed25519 key and makes `v1a`.
    """
    family = scheme.header.removesuffix("-signature")
    message = header_value(headers, f"{family}-id".encode())
    if message is None:
        raise ValueError(f"there is no {family}-id header, which a Standard Webhooks signature covers")
    signed = b"%b.%d.%b" % (message, at, body)
    try:
        secret = base64.b64decode(key.removeprefix(b"whsec_").removeprefix(b"whsk_"), validate=True)
    except ValueError:
        raise ValueError(
            "a Standard Webhooks secret is base64 behind whsec_ or whsk_, and this one is not; a service whose key is "
            "the text itself (Polar) wants it encoded first"
        ) from None
    if key.startswith(b"whsk_"):
        value = f"v1a,{base64.b64encode(_ed25519(secret, signed)).decode()}"
    else:
        value = f"v1,{base64.b64encode(hmac.digest(secret, signed, 'sha256')).decode()}"
    return {f"{family}-timestamp": str(at), scheme.header: value}


def _ed25519(secret: bytes, signed: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if len(secret) not in {32, 64}:
        raise ValueError("a whsk_ secret is an Ed25519 key of 32 or 64 bytes, and this one is not")
    # RFC 8032, 5.1.5: 32 bytes of seed; some libraries keep the public key behind it.
    return Ed25519PrivateKey.from_private_bytes(secret[:32]).sign(signed)


def _texts(headers: HeaderPairs) -> Iterator[tuple[str, str]]:
    """The headers that may be one, by name in lower case."""
    for raw, value in headers:
        name = _named(raw)
        if name:
            yield name, value.decode("latin-1").strip()


@lru_cache(maxsize=1024)
def _named(raw: bytes) -> str:
    """A header's name in lower case, or nothing when it is none of ours; every request has the same few."""
    name = raw.decode("latin-1").lower()
    return name if _NAMES.search(name) else ""


def _scheme(name: str, value: str, headers: HeaderPairs, body: bytes | None) -> Scheme | None:
    if name in {"webhook-signature", "svix-signature"}:
        family = name.removesuffix("-signature").encode()
        whole = all(header_value(headers, family + part) is not None for part in (b"-id", b"-timestamp"))
        return Scheme(kind="standard", header=name) if whole and value.startswith(("v1,", "v1a,")) else None
    return _as_stripe(name, value) if _STRIPE.fullmatch(value) else _as_hash(name, value, body)


def _as_stripe(name: str, value: str) -> Scheme | None:
    # v0 is left out: how Stripe makes it is not published, and verifiers must ignore every version but v1. While a
    # secret is rolled there are several v1; the one secret given makes one.
    match = _STRIPE_V1.search(value)
    read = _read(match[1]) if match else None
    if read is None or read[1].algorithm != "sha256":
        return None
    return Scheme(kind="stripe", header=name, pieces=(read[1],))


def _as_hash(name: str, value: str, body: bytes | None) -> Scheme | None:
    pieces, hashes = _pieces(value)
    literals = [piece for piece in pieces if isinstance(piece, str)]
    if not hashes or not all(_AROUND.fullmatch(literal) for literal in literals):
        return None
    if body is not None and all(hashlib.new(a, body, usedforsecurity=False).digest() == h for a, h in hashes):
        return Scheme(kind="digest", header=name, pieces=pieces)
    if not _SIGNATURE.search(name) or _KEY_PAIR.search(name) or len(hashes) > 1:
        return None
    # One hash at the end, bare or behind its algorithm's name. `v0=` is not one: Slack's covers a timestamp too.
    ((algorithm, made),) = hashes
    labelled = "".join(literals).lower().replace("-", "") in {"", f"{algorithm}="} and isinstance(pieces[-1], Part)
    return Scheme(kind="hmac", header=name, pieces=pieces) if labelled and len(made) in _SIGNED else None


def _pieces(value: str) -> tuple[tuple[str | Part, ...], list[tuple[str, bytes]]]:
    """A value as literal text and hashes, and (algorithm, bytes) of each of these."""
    pieces: list[str | Part] = []
    hashes: list[tuple[str, bytes]] = []
    position = 0
    for match in _TOKEN.finditer(value):
        read = _read(match[0])
        if read is None:
            continue
        if match.start() > position:
            pieces.append(value[position : match.start()])
        pieces.append(read[1])
        hashes.append((read[1].algorithm, read[0]))
        position = match.end()
    if position < len(value):
        pieces.append(value[position:])
    return tuple(pieces), hashes


def _read(text: str) -> tuple[bytes, Part] | None:
    """The bytes of a hash and how they are written; None when there are not as many as a hash has."""
    for form, (write, read) in _FORMS.items():
        try:
            data = read(text)
        except ValueError:
            continue
        if len(data) in _ALGORITHMS and write(data) == text:
            return data, Part(_ALGORITHMS[len(data)], form)
    return None


def _padded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def _urlsafe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


#: How bytes are written, and read; the first that gives the text back is it.
_FORMS: Final[Mapping[Form, tuple[Callable[[bytes], str], Callable[[str], bytes]]]] = {
    "hex": (bytes.hex, bytes.fromhex),
    "HEX": (lambda data: data.hex().upper(), bytes.fromhex),
    "base64": (_base64, lambda text: base64.b64decode(text, validate=True)),
    "base64url": (_urlsafe, _padded),
    "base64 bare": (
        lambda data: _base64(data).rstrip("="),
        lambda text: base64.b64decode(text + "=" * (-len(text) % 4), validate=True),
    ),
    "base64url bare": (lambda data: _urlsafe(data).rstrip("="), _padded),
}
