"""The minters of a run, named on the command line: built in, installed by others, or of one's own file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import entry_points
from typing import Any, Final

from replay.mint.embedded import EmbeddedMinter
from replay.mint.errors import MintError
from replay.mint.minter import Minter, Wanted, wanted
from replay.mint.stripe import API, StripeMinter
from replay.sign.errors import SignError
from replay.sign.keyring import secret
from replay.sign.loading import attribute
from traces.model import Exchange

#: Where packages of others announce theirs: a name, and what is called with what stands behind `NAME=`.
GROUP: Final = "reprise.minters"
_STRIPE_KEY: Final = "env:STRIPE_SECRET_KEY"


def load_minters(given: Iterable[str], *, environ: Mapping[str, str]) -> list[Minter]:
    """The minters that these name, in the order in which they are asked.

    `embedded=URL`; `stripe=env:NAME[,proxy=URL][,FIELD=VALUE...]` (`stripe` alone takes env:STRIPE_SECRET_KEY); the
    name of an entry point of `reprise.minters`, `FILE.py:NAME` or `MODULE:NAME`, each perhaps with `=ARGUMENT`, with
    which it is called. Raises MintError.
    """
    return [_load(text, environ) for text in given]


def find(minters: Sequence[Minter], slot: str, text: str) -> Minter | None:
    """The first that makes what stands at this slot; None when none does, of which `needed` then tells."""
    return next((minter for minter in minters if minter.wants(slot, text)), None)


def needed(slot: str, text: str) -> str:
    """What a slot needs that nobody mints, and what to say: the rest of a sentence."""
    kind = wanted(slot, text).kind
    known = kind and not kind.endswith("_")
    what = f"a {kind}" if known else "a value of another service"
    own = "--minter FILE.py:NAME with one of your own"
    say = f"--minter embedded=URL, --minter stripe or {own}" if known else own
    return f"{what} ({slot}), and no minter makes one; say {say}."


def _load(text: str, environ: Mapping[str, str]) -> Minter:
    name, _, argument = text.partition("=")
    if name == "embedded":
        return EmbeddedMinter(argument)
    if name == "stripe":
        return _stripe(argument, environ)
    try:
        return _own(name, attribute(name) if ":" in name else _installed(name), argument)
    except SignError as error:
        raise MintError(str(error)) from error


def _stripe(argument: str, environ: Mapping[str, str]) -> StripeMinter:
    reference, *rest = argument.split(",")
    fields = dict(field.partition("=")[::2] for field in rest)
    try:
        key = secret(reference or _STRIPE_KEY, of="Stripe", environ=environ)
    except SignError as error:
        raise MintError(str(error)) from error
    base, proxy = fields.pop("base", API), fields.pop("proxy", None)
    return StripeMinter(key, base=base, proxy=proxy, fields=fields)


def _installed(name: str) -> Any:
    found = entry_points(group=GROUP, name=name)
    if not found:
        others = sorted(entry_points(group=GROUP).names)
        known = ", ".join(["embedded=URL", "stripe", *others])
        raise MintError(f"There is no minter {name}; choose of {known}, or say FILE.py:NAME.")
    try:
        return next(iter(found)).load()
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise MintError(f"The minter {name} cannot be loaded ({why}); mend or reinstall its package.") from error


def _own(name: str, found: Any, argument: str) -> Minter:
    if isinstance(found, type) or not hasattr(found, "mint"):
        make: Callable[..., Any] = found
        try:
            found = make(argument) if argument else make()
        except MintError:
            raise
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            raise MintError(f"{name} cannot be made ({why}); it is called with what stands behind NAME=.") from error
    if not all(callable(getattr(found, method, None)) for method in ("wants", "mint")):
        raise MintError(f"{name} is no minter: it needs the methods wants(slot, text) and mint(recorded, wanted).")
    return _Own(name, found)


class _Own:
    """A minter of others, with what it may leave out; its failures become one sentence."""

    def __init__(self, name: str, inner: Any) -> None:
        self.name: str = name
        self.alike: bool = bool(getattr(inner, "alike", False))
        self._inner = inner

    def wants(self, slot: str, text: str) -> bool:
        try:
            return bool(self._inner.wants(slot, text))
        except Exception as error:
            raise MintError(f"{self.name} fails at {slot} ({type(error).__name__}); mend its wants.") from error

    async def mint(self, recorded: Exchange, wanted: Wanted) -> str:
        try:
            value = await self._inner.mint(recorded, wanted)
        except MintError:
            raise
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            raise MintError(f"{self.name} made nothing for {wanted.slot} ({why}); mend its mint.") from error
        if not isinstance(value, str) or not value:
            raise MintError(f"{self.name} made {type(value).__name__} for {wanted.slot}; its mint must return a text.")
        return value

    async def aclose(self) -> None:
        close = getattr(self._inner, "aclose", None)
        if close is not None:
            await close()
