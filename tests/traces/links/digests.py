"""Digests made by the standard library alone, to test ours against."""

from __future__ import annotations

import base64
import hashlib
from typing import get_args

from traces.links.model import Recipe

DIGESTS: tuple[Recipe, ...] = tuple(recipe for recipe in get_args(Recipe) if " " in recipe)


def hashed(text: str, recipe: str) -> str:
    """The digest, made here and not by what is tested."""
    algorithm, _, form = recipe.partition(" ")
    raw = hashlib.new(algorithm, text.encode(), usedforsecurity=False).digest()
    if form in {"hex", "HEX"}:
        return raw.hex() if form == "hex" else raw.hex().upper()
    written = (base64.b64encode if form == "base64" else base64.urlsafe_b64encode)(raw).decode()
    return written.rstrip("=") if form == "base64url" else written
