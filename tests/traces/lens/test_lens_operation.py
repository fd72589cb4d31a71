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
    ],
)
def test_an_operation_is_called_as_its_client_calls_it_or_by_what_it_asks_for(document: object, called: str) -> None:
    assert name(post(document)) == called


@pytest.mark.parametrize(
    "document",
    [{"query": "red shoes"}, {"query": "{ not closed"}, {"operationName": None}, {"operationName": "no name"}, {}],
)
def test_what_asks_no_graphql_api_has_no_operation(document: object) -> None:
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


@given(st.text(alphabet='{}()[]:$@!.,"aon ', max_size=60))
def test_whatever_stands_there_is_read_or_is_none(text: str) -> None:
    read = read_operation("query Q " + text)
    assert read is None or read.name
