from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces.lens import request_leaves
from traces.lens.operation import operation_of, read_operation
from traces.model import Request

ADD = "mutation Add($id: ID!, $n: Int = 1) { add(variantId: $id, input: {count: $n}) { ...Cart } }"


def post(document: object) -> Request:
    return Request(
        method=b"POST",
        scheme=b"http",
        authority=b"shop",
        target=b"/graphql",
        headers=((b"content-type", b"application/json"),),
        body=json.dumps(document).encode(),
    )


def name(request: Request) -> str | None:
    operation = operation_of(request_leaves(request, nested=True))
    return None if operation is None else operation.name


@pytest.mark.parametrize(
    ("document", "called"),
    [
        ({"operationName": "Second", "query": "query First { a } query Second { b }"}, "Second"),
        ({"query": ADD}, "Add"),
        ({"query": 'mutation { cart: add(id: "7") { id } me @include(if: true) { id } }'}, "add+me"),
        ({"query": "{ ...Me ... on Query { a } cart { lines { id } } } fragment Me on Query { me { id } }"}, "cart"),
        ({"query": "{ a b c d }"}, "a+b+c+more"),
        ({"operationName": "Known", "extensions": {"persistedQuery": {"sha256Hash": "9f"}}}, "Known"),
        ([{"query": "{ a }"}, {"query": "query B { b }"}], "a+B"),
        ({"jsonrpc": "2.0", "id": 1, "method": "holds.pay", "params": {"hold": 7}}, "holds.pay"),
        ([{"jsonrpc": "2.0", "id": n, "method": f"add{n}"} for n in (1, 2)], "add1+add2"),
    ],
)
def test_an_operation_is_called_as_its_client_calls_it_or_by_what_it_asks_for(document: object, called: str) -> None:
    assert name(post(document)) == called


@pytest.mark.parametrize(
    "document",
    [
        {"query": "red shoes"},
        {"query": "{ not closed"},
        {"operationName": None},
        {"operationName": "no name"},
        {"method": "card"},
        {"jsonrpc": "2.0", "method": "not a name"},
        {},
    ],
)
def test_what_asks_for_no_operation_has_none(document: object) -> None:
    assert name(post(document)) is None


def test_a_query_may_stand_in_the_target() -> None:
    target = b"/graphql?query=%7Bcart%7Bid%7D%7D"
    assert name(Request(method=b"GET", scheme=b"http", authority=b"shop", target=target)) == "cart"


def test_a_variable_is_the_argument_that_it_is_given_to() -> None:
    read = read_operation(ADD)
    assert read is not None
    assert read.arguments == {"id": "add.variantId", "n": "add.input.count"}


def test_variables_are_found_in_lists_in_directives_and_in_fragments() -> None:
    text = (
        "query($a: ID, $b: Boolean, $c: Int) { x(ids: [$a]) @skip(if: $b) { ...F } } fragment F on X { y(first: $c) }"
    )
    read = read_operation(text)
    assert read is not None
    assert read.arguments == {"a": "x.ids", "b": "skip.if", "c": "y.first"}


@pytest.mark.parametrize(
    ("text", "aliases"),
    [
        ("{ cart { id } }", {}),
        (
            "{ cart: activeOrder { number: code lines { id } } }",
            {"data.cart": "activeOrder", "data.cart.number": "code"},
        ),
        (
            (
                "{ cart { ...C ... on Order { n: code } } } fragment C on Order { all: lines { ...L } }"
                " fragment L on Line { no: id @include(if: $x) { a } }"
            ),
            {"data.cart.n": "code", "data.cart.all": "lines", "data.cart.all.no": "id"},
        ),
        ("query($v: In = {a: 1}) { x(by: {b: 2}) { y: z } }", {"data.x.y": "z"}),
        ("{ a { ...F } } fragment F on A { b: c ...F }", {"data.a.b": "c"}),
    ],
)
def test_an_alias_is_the_field_that_has_it_wherever_its_fragment_is_put_in(text: str, aliases: dict[str, str]) -> None:
    read = read_operation(text)
    assert read is not None
    assert dict(read.aliases) == aliases


@given(st.text(alphabet='{}()[]:$@!.,"aon ', max_size=60))
def test_whatever_stands_there_is_read_or_is_none(text: str) -> None:
    read = read_operation("query Q " + text)
    assert read is None or read.name
