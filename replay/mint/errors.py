"""What can go wrong while a value is minted: one sentence for people, which says what to do next."""

from __future__ import annotations


class MintError(Exception):
    """No value could be minted, or none could be later on: a minter, its key or its provider is to blame."""
