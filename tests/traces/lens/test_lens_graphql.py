"""The literals of a GraphQL query are found, and only a whole query has any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces.lens.graphql import graphql_leaves, looks_graphql


def found(query: str) -> dict[str, str] | None:
    leaves = graphql_leaves(query.encode()) if looks_graphql(query) else None
    return None if leaves is None else {leaf.path.removeprefix("|graphql."): leaf.text for leaf in leaves}


@pytest.mark.parametrize(
    ("query", "literals"),
    [
        ("{ me { id } }", {}),
        ('{ order(id: "8f3a") { id } }', {"order.id": "8f3a"}),
        (
            'mutation { pay(input: {card: {n: "4"}, sum: 12.50, ok: true, s: NEW}) { id } }',
            {"pay.input.card.n": "4", "pay.input.sum": "12.50"},
        ),
        ('query Q($a: [ID!]! = ["x"], $b: Int = -3) @d(if: $c) { a(x: $a) }', {"Q.a[0]": "x", "Q.b": "-3"}),
        (
            '{ a(ids: ["x", $v, {k: "y"}, [1, 2]]) { b } }',
            {"a.ids[0]": "x", "a.ids[2].k": "y", "a.ids[3][0]": "1", "a.ids[3][1]": "2"},
        ),
        ('{ # "no" (comment: 1)\n a(q: "\\"\\u00e9\\n") { b } }', {"a.q": '"\u00e9\n'}),
        ('{ a(q: """say \\""" "hi" """) { b } }', {"a.q": 'say """ "hi" '}),
        ('{ a(q: "") { ...F @include(if: true) } } fragment F on T { b(n: 1) }', {"a.q": "", "b.n": "1"}),
        ("{ alias: cart(id: 5) { x } }", {"cart.id": "5"}),
    ],
)
def test_the_literals_of_a_query_are_found_by_field_and_argument(query: str, literals: dict[str, str]) -> None:
    assert found(query) == literals


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1}',
        "{",
        "{ a }}",
        "{ a(b: 1] }",
        '{ a(b: "x) }',
        '{ a(b: "\\x") }',
        "{ a(b: 01) }",
        "{ a: 1 }",
        "{ a(1.) }",
        "query of the day",
        "mutation",
        "query { a; b }",
        "queryable { a }",
    ],
)
def test_what_is_no_whole_query_has_none(text: str) -> None:
    assert found(text) is None


@given(st.text('{}()[]:,"\\ $@!ab1.#\n', max_size=40))
def test_any_text_is_a_query_or_none(text: str) -> None:
    leaves = graphql_leaves(text.encode())
    assert leaves is None or all(0 <= x.start <= x.end <= len(text) for x in leaves)
