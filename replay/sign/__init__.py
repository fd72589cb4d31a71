"""Digests, signatures and JWTs made anew when a request is sent: with the target's secrets, at the present time."""

from replay.sign.errors import SignError
from replay.sign.head import Head
from replay.sign.jwt import JwtKey
from replay.sign.keyring import Keyring, Secret, secret
from replay.sign.own import load_signers
from replay.sign.plan import SigningPlan, plan
from replay.sign.signer import Signer

__all__ = [
    "Head",
    "JwtKey",
    "Keyring",
    "Secret",
    "SignError",
    "Signer",
    "SigningPlan",
    "load_signers",
    "plan",
    "secret",
]
