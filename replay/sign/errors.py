"""What can go wrong before or while a request is signed: one sentence for people, which says what to do next."""

from __future__ import annotations


class SignError(Exception):
    """A secret, a signer or a token that cannot be used. No secret stands in its text."""
