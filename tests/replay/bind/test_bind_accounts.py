"""Who logs in without having registered must exist on the target."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from replay.bind.accounts import BadAccounts, Login, login_of, read_accounts
from traces.lens import Leaf, request_leaves
from traces.model import Request


def post(target: str, body: object) -> tuple[Request, list[Leaf]]:
    request = Request(
        method=b"POST",
        scheme=b"http",
        authority=b"shop",
        target=target.encode(),
        headers=((b"content-type", b"application/json"),),
        body=json.dumps(body).encode(),
    )
    return request, request_leaves(request, nested=True)


LOGIN = post("/api/login/", {"username": "ann@example.com", "password": "s3cret99"})


def test_a_login_without_a_registration_needs_the_account() -> None:
    assert login_of([post("/cart", {"n": 1}), LOGIN]) == Login("ann@example.com", "s3cret99")


@pytest.mark.parametrize(
    "registration",
    [
        post("/api/register/", {"email": "ann@example.com", "password": "s3cret99"}),
        post("/join", {"email": "ann@example.com", "password1": "s3cret99", "password2": "s3cret99"}),
        post("/v1/customers", {"email": "ann@example.com", "password": "s3cret99"}),
    ],
)
def test_who_registers_first_needs_none(registration: tuple[Request, list[Leaf]]) -> None:
    assert login_of([registration, LOGIN]) is None


def test_a_login_in_a_variable_of_a_query_is_one_too() -> None:
    query = {
        "query": "mutation L($i: I!) { login(i: $i) { id } }",
        "variables": {"email": "a@b.example", "password": "x"},
    }
    assert login_of([post("/graphql", query)]) == Login("a@b.example", "x")


def test_nobody_who_logs_in_is_shown() -> None:
    assert "s3cret" not in repr(Login("ann@example.com", "s3cret99"))


def test_accounts_are_read_from_a_file_whatever_its_columns_order(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('note,Password,EMAIL\nx,p1,a@b.example\n\ny,"p,2",c@d.example\n')
    assert read_accounts(path) == [Login("a@b.example", "p1"), Login("c@d.example", "p,2")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "name the columns"),
        ("a,b\n1,2\n", "name the columns"),
        ("user,password\n", "no accounts"),
        ("user,password\nann\n", "line 2"),
    ],
)
def test_a_file_that_is_no_list_of_accounts_is_refused_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(BadAccounts, match=why):
        read_accounts(path)
