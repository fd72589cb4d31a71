"""Values that are made of an answer's, not copied, and how each is made. (Parts and encodings are the lens's.)"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from traces.links.affixes import affixed, unaffixed
from traces.links.model import Recipe
from traces.shapes import is_issued

_HEX: Final = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_BASE64: Final = re.compile(r"([A-Za-z0-9+/_-]+)={0,2}")
#: Amounts; a count of seconds since 1970 is always the sum of another and a little.
_NUMBER: Final = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?")
_CENTS: Final = re.compile(r"\d{3,9}")
_UNITS: Final = re.compile(r"(?:0|[1-9]\d{0,6})\.\d\d")
_PADDED: Final = re.compile(r"0+(?:0|[1-9]\d*)")
_ALGORITHMS: Final = {16: "md5", 20: "sha1", 32: "sha256", 64: "sha512"}
#: Recipes that write the same in another way; what they are not for they leave as it is.
_WRITTEN: Final[dict[str, Callable[[str], str]]] = {
    "upper": str.upper,
    "lower": str.lower,
    "number": lambda text: str(int(text)) if _PADDED.fullmatch(text) else text,
    "cents": lambda text: str(int(text.replace(".", ""))) if _UNITS.fullmatch(text) else text,
    "units": lambda text: f"{text[:-2]}.{text[-2:]}" if _CENTS.fullmatch(text) else text,
}
_RECIPES: Final = frozenset(Recipe.__args__)  # type: ignore[attr-defined]  # a Literal has its values there


def made(text: str, recipe: Recipe, joint: str = "") -> str | None:
    """What a recipe of one value makes of `text`; None when it makes nothing of it.

    joint: what is glued to it or cut off, `v{}`.
    """
    if recipe in {"affix", "strip"}:
        return (affixed if recipe == "affix" else unaffixed)(text, joint)
    make = _WRITTEN.get(recipe)
    if make is None:
        return digest(text, recipe)
    other = make(text)
    return None if other == text else other


def digest(text: str, recipe: Recipe) -> str | None:
    """`text` under a digest recipe; None for a recipe that is no digest."""
    algorithm, _, form = recipe.partition(" ")
    if not form:
        return None
    raw = hashlib.new(algorithm, text.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    if form in {"hex", "HEX"}:
        return raw.hex() if form == "hex" else raw.hex().upper()
    if form.startswith("base64url"):
        padded = base64.urlsafe_b64encode(raw).decode()
        return padded if form.endswith("=") else padded.rstrip("=")
    return base64.b64encode(raw).decode()


def of_several(texts: Sequence[str], recipe: Recipe, like: str) -> str | None:
    """What a recipe makes of one value, of two, or, a sum, of three. `like` as `combined` has it, or a joint."""
    if len(texts) == 1:
        return made(texts[0], recipe, like)
    rest = texts[1] if len(texts) == 2 else of_several(texts[1:], recipe, like)
    return None if rest is None else combined(texts[0], rest, recipe, like)


def combined(first: str, second: str, recipe: Recipe, like: str) -> str | None:
    """What a recipe makes of two values: their sum, or the digest of both. None when it makes nothing of them.

    like: of a sum, one with the decimals that are wanted; of a digest, what is written between the two.
    """
    return add(first, second, like) if recipe == "sum" else digest(f"{first}{like}{second}", recipe)


def add(a: str, b: str, like: str) -> str | None:
    """The sum of two numbers, written with the decimals of `like`; None when either is no number."""
    first, second = decimal(a), decimal(b)
    if first is None or second is None:
        return None
    places = len(like.partition(".")[2])
    return f"{first + second:.{places}f}"


def decimal(text: str) -> Decimal | None:
    """An amount; None for what is none, a date in seconds among it."""
    if _NUMBER.fullmatch(text) is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def digest_recipes(text: str) -> tuple[Recipe, ...]:
    """Which digests a text could be, by its length and letters: of base64 with padding and none but letters two."""
    if _HEX.fullmatch(text) and len(text) % 2 == 0:
        size, forms = len(text) // 2, ["hex" if text == text.lower() else "HEX"]
    elif match := _BASE64.fullmatch(text):
        size = len(match[1]) * 3 // 4
        if "-" in text or "_" in text or len(text) % 4:
            forms = ["base64url" if len(text) % 4 else "base64url="]
        else:
            forms = ["base64"] if "+" in text or "/" in text else ["base64", "base64url="]
    else:
        return ()
    algorithm = _ALGORITHMS.get(size)
    return tuple(recipe for form in forms if (recipe := f"{algorithm} {form}") in _RECIPES)  # type: ignore[misc]  # its names


def single_recipes(text: str) -> tuple[Recipe, ...]:
    """Every recipe of one value that could have made a text, by its look."""
    found: list[Recipe] = list(digest_recipes(text))
    if is_issued(text) and text != text.lower() and text == text.upper():
        found.append("upper")
    elif is_issued(text) and text != text.upper() and text == text.lower():
        found.append("lower")
    elif text.isdecimal() and text.isascii() and (text == "0" or text[0] != "0"):
        found += ["number", "cents"]
    elif _UNITS.fullmatch(text):
        found.append("units")
    return tuple(found)
