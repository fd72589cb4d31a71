"""Who a session is to the service: somebody who must exist there before, or somebody it registers itself."""

from __future__ import annotations

import csv
import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from traces.lens import Leaf
from traces.model import Request
from traces.shapes import EMAIL

_PASSWORD: Final = re.compile(r"(^|[._\-\[$])(pass(word|wd|phrase)?|pwd)\d*(\W|$|_?confirm)", re.IGNORECASE)
_USER: Final = re.compile(
    r"(^|[._\-\[$])(user(_?name)?|e?_?mail(_?address)?|login|identifier|account|customer_?email)\W*$", re.IGNORECASE
)
_REGISTERS: Final = (
    r"regist(?!r(y|ies))|sign-?_?up|(customer|account|user)_?create"
    r"|create_?(customer|account|user)(?!_?(token|session|access|address))"
)
_REGISTERING: Final = re.compile(rf"{_REGISTERS}|/(users|customers|accounts)/?$".encode(), re.IGNORECASE)
#: What a GraphQL operation is called, and the first field it asks for.
_OPERATION: Final = re.compile(r"\s*mutation\b\s*(\w*)[^{]*\{\s*(?:\w+\s*:\s*)?(\w*)")
_REGISTERING_OPERATION: Final = re.compile(_REGISTERS, re.IGNORECASE)
#: What an account is known by that a person chose: an `account: business` or a `login=Continue` is not.
_CHOSEN: Final = re.compile(
    r"(^|[._\-\[$])(user|user_?name|nick_?name|screen_?name|handle|login(_?name)?|identifier)\W*$", re.IGNORECASE
)
_NO_NAME: Final = re.compile(
    r"\s*|\d{1,3}|true|false|yes|no|on|off|login|log in|register|sign ?up|sign ?in", re.IGNORECASE
)
#: More accounts than this are a database, not a hand-written file.
_MOST: Final = 1_000_000


class BadAccounts(ValueError):
    """The file of accounts cannot be used; the text says why and what it should look like."""


@dataclass(frozen=True, slots=True)
class Login:
    """The credentials with which a recorded session logged in. (Never shown.)"""

    user: str
    password: str

    def __repr__(self) -> str:
        return "Login(...)"


@dataclass(frozen=True, slots=True)
class Who:
    """login: the account that must exist before the session; None when it makes its own, or never logs in.
    registers: what names the accounts it makes, or that were made in the recording before it and it logs in with: user
               names and e-mail addresses, folded.
    """

    login: Login | None = None
    registers: frozenset[str] = frozenset()


def is_password(path: str) -> bool:
    """Is it a password that stands at this lens path?"""
    return _PASSWORD.search(path) is not None


def who(requests: Iterable[tuple[Request, Sequence[Leaf]]], made_before: Container[str] = ()) -> Who:
    """Who a session is.

    requests: the session's that were not refused, in order, with their leaves.
    made_before: what names accounts (folded) that earlier sessions of the recording registered.
    """
    passwords: set[str] = set()
    registers: set[str] = set()
    for request, leaves in requests:
        # A piece of a password is none of its own.
        given = [leaf for leaf in leaves if leaf.text and is_password(leaf.path) and not _is_piece(leaf)]
        if not given:
            continue
        # A form that asks for it twice is one that sets it.
        if len(given) > 1 or _registers(request, leaves):
            passwords.update(leaf.text for leaf in given)
            registers.update(leaf.text.casefold() for leaf in leaves if _names_account(leaf))
        elif given[0].text not in passwords:
            named = next((leaf.text for leaf in leaves if _USER.search(leaf.path) and leaf.text), None)
            # Whatever its place is called, an address beside a password is whose it is.
            user = named or next((leaf.text for leaf in leaves if EMAIL.fullmatch(leaf.text)), None)
            if user is not None and user.casefold() not in made_before:
                return Who(Login(user, given[0].text), frozenset(registers))
            if user is not None:
                registers.add(user.casefold())
    return Who(None, frozenset(registers))


def is_users(leaf: Leaf) -> bool:
    """Does a user's name stand there, by what the place is called?"""
    return _USER.search(leaf.path) is not None or _CHOSEN.search(leaf.path) is not None


def _registers(request: Request, leaves: Sequence[Leaf]) -> bool:
    if _REGISTERING.search(request.target.partition(b"?")[0]):
        return True
    operations = (match for leaf in leaves if (match := _OPERATION.match(leaf.text)) is not None)
    return any(_REGISTERING_OPERATION.search(f"{match[1]} {match[2]}") for match in operations)


def _names_account(leaf: Leaf) -> bool:
    if EMAIL.fullmatch(leaf.text):
        return True
    return not leaf.number and _CHOSEN.search(leaf.path) is not None and _NO_NAME.fullmatch(leaf.text) is None


def _is_piece(leaf: Leaf) -> bool:
    return leaf.outer is not None and is_password(leaf.outer.path)


def read_accounts(path: Path) -> list[Login]:
    """The logins in a CSV file with the columns `user` (or `email`, `username`) and `password`.

    Raises BadAccounts, and OSError as the disk does.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        try:
            head = [name.strip().lower() for name in next(rows, [])]
            user = next((n for n, name in enumerate(head) if name in {"user", "email", "username", "login"}), None)
            if user is None or "password" not in head:
                raise BadAccounts(f"{path}: the first line must name the columns: user,password")
            password = head.index("password")
            found: list[Login] = []
            for number, row in enumerate(rows, 2):
                if not any(cell.strip() for cell in row):
                    continue
                if len(row) <= max(user, password) or not row[user].strip():
                    raise BadAccounts(f"{path}, line {number}: a user and a password are wanted")
                if len(found) >= _MOST:
                    raise BadAccounts(f"{path} holds more than {_MOST:,} accounts")
                found.append(Login(row[user].strip(), row[password]))
        except (csv.Error, UnicodeDecodeError) as error:
            raise BadAccounts(f"{path} is not a CSV file ({error})") from None
    if not found:
        raise BadAccounts(f"{path} holds no accounts")
    return found
