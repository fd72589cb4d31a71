"""Who logs in without having registered must exist on the target."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from replay.bind.accounts import BadAccounts, Login, Who, read_accounts, who
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
    assert who([post("/cart", {"n": 1}), LOGIN]) == Who(Login("ann@example.com", "s3cret99"))


@pytest.mark.parametrize(
    "registration",
    [
        post("/api/register/", {"email": "ann@example.com", "password": "s3cret99"}),
        post("/join", {"email": "ann@example.com", "password1": "s3cret99", "password2": "s3cret99"}),
        post("/v1/customers", {"email": "ann@example.com", "password": "s3cret99"}),
    ],
)
def test_who_registers_first_needs_none(registration: tuple[Request, list[Leaf]]) -> None:
    assert who([registration, LOGIN]) == Who(None, frozenset({"ann@example.com"}))


def test_a_login_in_a_variable_of_a_query_is_one_too() -> None:
    query = {
        "query": "mutation L($i: I!) { login(i: $i) { id } }",
        "variables": {"email": "a@b.example", "password": "x"},
    }
    assert who([post("/graphql", query)]) == Who(Login("a@b.example", "x"))


@pytest.mark.parametrize("name", ["emailAddress", "e_mail_address", "customer", "u"])
def test_the_address_beside_a_password_is_whose_it_is(name: str) -> None:
    given = {name: "a@b.example", "remember": True, "password": "x"}
    assert who([post("/sign-in", given)]) == Who(Login("a@b.example", "x"))


def graphql(query: str, **variables: str) -> tuple[Request, list[Leaf]]:
    return post("/shop-api?languageCode=en", {"query": query, "variables": {"input": variables}})


@pytest.mark.parametrize(
    "query",
    [
        "mutation R($input: RegisterCustomerInput!) { registerCustomerAccount(input: $input) { __typename } }",
        "mutation customerCreate($input: CustomerCreateInput!) { customerCreate(input: $input) { customer { id } } }",
        "mutation { made: createCustomer(input: $input) { customer { email } } }",
    ],
)
def test_a_mutation_that_registers_somebody_is_a_registration(query: str) -> None:
    registration = graphql(query, emailAddress="ann@example.com", password="s3cret99")
    assert who([registration, LOGIN]) == Who(None, frozenset({"ann@example.com"}))


@pytest.mark.parametrize(
    "query",
    [
        "mutation M($input: I!) { login(input: $input) { registeredAt } }",
        "mutation customerAccessTokenCreate($input: I!) { customerAccessTokenCreate(input: $input) { token } }",
        "mutation { createCustomerToken(input: $input) { token } }",
    ],
)
def test_a_mutation_that_logs_in_is_none_whatever_it_asks_for(query: str) -> None:
    asked = graphql(query, email="ann@example.com", password="s3cret99")
    assert who([asked]) == Who(Login("ann@example.com", "s3cret99"))


def test_a_password_of_several_words_is_one_password() -> None:
    asked = post("/login", {"username": "jane77", "password": "winter-2024-9f3c01ab-7741"})
    assert who([asked]) == Who(Login("jane77", "winter-2024-9f3c01ab-7741"))


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"username": "Jane77", "password": "s3cret99"}, {"jane77"}),
        ({"userName": "jane77", "email": "ann@example.com", "password": "x"}, {"jane77", "ann@example.com"}),
        ({"user": {"name": "Jane", "login": "jane77"}, "password": "x", "password2": "x"}, {"jane77"}),
        ({"account": "business", "login": "Register", "username": "", "user": "7", "password": "s3cret99"}, set()),
    ],
)
def test_an_account_is_known_by_the_names_that_a_person_chose_for_it(body: object, named: set[str]) -> None:
    assert who([post("/register", body)]).registers == named


def test_who_registered_in_an_earlier_session_needs_no_account_and_has_the_same_name() -> None:
    assert who([LOGIN], {"ann@example.com"}) == Who(None, frozenset({"ann@example.com"}))


def test_who_registers_one_account_and_logs_in_to_another_needs_the_other() -> None:
    other = post("/register", {"email": "bob@example.com", "password": "another1"})
    assert who([other, LOGIN]) == Who(Login("ann@example.com", "s3cret99"), frozenset({"bob@example.com"}))


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
