"""A person's own signers, made with the run's keyring; whatever goes wrong in them becomes one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from replay.sign.errors import SignError
from replay.sign.head import Head
from replay.sign.keyring import Keyring
from replay.sign.loading import attribute
from replay.sign.signer import Signer
from traces.model import Request


def load_signers(specs: Sequence[str], keyring: Keyring) -> list[Signer]:
    """The signers that these `FILE.py:NAME` or `MODULE:NAME` name.

    A class or a function is called with the keyring; what has the methods already is taken as it is. Raises SignError.
    """
    return [_signer(spec, keyring) for spec in specs]


def _signer(spec: str, keyring: Keyring) -> Signer:
    found = attribute(spec)
    if isinstance(found, type) or not hasattr(found, "values"):
        try:
            found = found(keyring)
        except SignError:
            raise
        except Exception as error:
            # Without its text, which could hold a secret: it had the keyring.
            raise SignError(
                f"{spec} cannot be made ({type(error).__name__}); it is called with the keyring."
            ) from error
    if not all(callable(getattr(found, name, None)) for name in ("wants", "values")):
        raise SignError(f"{spec} is no signer: it needs the methods wants(request) and values(head, body, *, at).")
    return _Own(spec, found)


class _Own:
    __slots__ = ("_inner", "_spec")

    def __init__(self, spec: str, inner: Signer) -> None:
        self._spec = spec
        self._inner = inner

    def wants(self, request: Request) -> bool:
        try:
            return bool(self._inner.wants(request))
        except Exception as error:
            raise SignError(f"{self._spec} fails at a request ({type(error).__name__}); mend its wants.") from error

    def values(self, head: Head, body: bytes, *, at: int) -> Mapping[str, str]:
        try:
            return {str(name): str(value) for name, value in self._inner.values(head, body, at=at).items()}
        except Exception as error:
            raise SignError(f"{self._spec} signs nothing ({type(error).__name__}); mend its values.") from error
