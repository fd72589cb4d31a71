"""The secrets of the services that sign, given by reference: where they are, not what they are.

Rule 1: a secret is in no message, no repr and no pickle. Whoever needs one in another process gives it the reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NoReturn

from replay.sign.errors import SignError

_HOW: Final = "env:NAME, file:PATH or literal:TEXT"


class Secret:
    """A secret's bytes; shows only where they came from."""

    __slots__ = ("_value", "source")

    def __init__(self, value: bytes, source: str) -> None:
        self._value = value
        self.source = source

    def reveal(self) -> bytes:
        """The bytes, for the one who signs."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({self.source})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret does not leave its process; pass on its reference")


def secret(reference: str, *, of: str, environ: Mapping[str, str]) -> Secret:
    """The secret that `reference` names: `env:NAME`, `file:PATH` (without its last line break) or `literal:TEXT`.

    of: whose it is, for messages ("stripe").
    environ: where `env:` looks; the command passes its own.

    Raises SignError when there is none.
    """
    how, _, where = reference.partition(":")
    if how == "env" and where:
        value = environ.get(where, "").encode("utf-8", "surrogateescape")
        return _kept(value, f"env:{where}", of=of, missing=f"the environment has no {where}; set it")
    if how == "file" and where:
        try:
            value = Path(where).read_bytes()
        except OSError as error:
            raise SignError(f"The secret of {of} cannot be read from {where}: {error.strerror}.") from error
        value = value.removesuffix(b"\n").removesuffix(b"\r")
        return _kept(value, f"file:{where}", of=of, missing=f"{where} is empty; write it there")
    if how == "literal":
        return _kept(where.encode("utf-8", "surrogateescape"), "literal", of=of, missing="nothing stands there")
    # Without what was given: it may be the secret itself.
    raise SignError(f"The secret of {of} is given as {_HOW}, and this is none of them.")


def _kept(value: bytes, source: str, *, of: str, missing: str) -> Secret:
    if not value:
        raise SignError(f"The secret of {of} is not there: {missing}, or name another place ({_HOW}).")
    return Secret(value, source)


class Keyring:
    """Secrets by name, and by path where one service has several endpoints."""

    def __init__(self, given: Iterable[str] = (), *, environ: Mapping[str, str]) -> None:
        """given: `NAME=REFERENCE` or `NAME@/PATH=REFERENCE`, which holds for requests below that path only.

        A name is a header's (`stripe-signature`), a scheme's (`stripe`, `standard`) or one that a plugin asks for.
        Every secret is read now, so that a missing one is said before anything is sent. Raises SignError.
        """
        self._secrets: dict[tuple[str, str], Secret] = {}
        for text in given:
            name, equals, reference = text.partition("=")
            # What has no name may be a secret as a whole.
            if not equals or not name:
                raise SignError(f"A secret is given as NAME=REFERENCE, and REFERENCE as {_HOW}; here one has no name.")
            name, _, path = name.partition("@")
            self._secrets[name.lower(), path] = secret(reference, of=name, environ=environ)

    def find(self, *names: str, path: str = "") -> Secret | None:
        """The secret of the first of these names that has one; of several for a name, that of the longest path."""
        place = f"{path.partition('?')[0].rstrip('/')}/"
        for name in names:
            below = [
                own for known, own in self._secrets if known == name.lower() and place.startswith(f"{own.rstrip('/')}/")
            ]
            if below:
                return self._secrets[name.lower(), max(below, key=len)]
        return None

    def need(self, *names: str, path: str = "") -> Secret:
        """As `find`, for who cannot do without; raises SignError when none of the names has one."""
        found = self.find(*names, path=path)
        if found is None:
            raise SignError(f"The secret of {names[-1]} was not given; say --secret {names[-1]}=env:NAME.")
        return found

    def __repr__(self) -> str:
        return f"Keyring({', '.join(sorted({name for name, _ in self._secrets}))})"
