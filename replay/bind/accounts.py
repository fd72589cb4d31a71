"""Sessions that log in as somebody who must exist on the target, and the logins handed to them instead."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from traces.lens import Leaf
from traces.model import Request

_PASSWORD: Final = re.compile(r"(^|[._\-\[$])(pass(word|wd|phrase)?|pwd)\d*(\W|$|_?confirm)", re.IGNORECASE)
_USER: Final = re.compile(
    r"(^|[._\-\[$])(user(_?name)?|e?_?mail|login|identifier|account|customer_?email)\W*$", re.IGNORECASE
)
_REGISTERING: Final = re.compile(
    rb"regist|sign-?_?up|createcustomer|createaccount|/(users|customers|accounts)/?$", re.IGNORECASE
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


def is_password(path: str) -> bool:
    """Is it a password that stands at this lens path?"""
    return _PASSWORD.search(path) is not None


def login_of(requests: Iterable[tuple[Request, Sequence[Leaf]]]) -> Login | None:
    """The login of a session that needs one to exist beforehand; None when it registers itself, or never logs in.

    requests: the session's, in order, with their leaves.
    """
    registered: set[str] = set()
    for request, leaves in requests:
        passwords = [leaf for leaf in leaves if leaf.text and is_password(leaf.path)]
        if not passwords:
            continue
        # A form that asks for it twice is one that sets it.
        if len(passwords) > 1 or _REGISTERING.search(request.target):
            registered.update(leaf.text for leaf in passwords)
        elif passwords[0].text not in registered:
            user = next((leaf for leaf in leaves if _USER.search(leaf.path) and leaf.text), None)
            if user is not None:
                return Login(user.text, passwords[0].text)
    return None


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
