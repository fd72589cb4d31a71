"""What is a person's is found; what only looks like it is left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces.anonymize import personal
from traces.anonymize.detect import is_card
from traces.lens import Leaf, body_leaves

FORM = ((b"content-type", b"application/x-www-form-urlencoded"),)


def found(body: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()) -> list[tuple[str, str]]:
    return [(p.kind, p.text) for leaf in body_leaves(headers, body) for p in personal(leaf)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"customer_email": "jane@x.com"}', [("email", "jane@x.com")]),
        (b'{"note": "for jane@x.com and bob@y.org."}', [("email", "jane@x.com"), ("email", "bob@y.org")]),
        (b'{"n": "4111 1111 1111 1111"}', [("card", "4111 1111 1111 1111")]),
        (b'{"n": "my card is 4111-1111-1111-1111."}', [("card", "4111-1111-1111-1111")]),
        (b'{"n": 378282246310005}', [("card", "378282246310005")]),
        (b'{"phone": "+49 (0)30 901820"}', [("phone", "+49 (0)30 901820")]),
        (b'{"phoneNumber": 493090182000}', [("phone", "493090182000")]),
        (b'{"billing": {"telephone": "030/901820 ext. 12"}}', [("phone", "030/901820 ext. 12")]),
        (b'{"first_name": "Jane", "lastName": "Roe"}', [("name", "Jane"), ("name", "Roe")]),
        (b'{"customer": {"name": "Jane Roe"}}', [("name", "Jane Roe")]),
        (b'{"shipping_address": {"name": "J. Roe"}}', [("name", "J. Roe")]),
    ],
)
def test_what_is_a_persons_is_found_whole(body: bytes, expected: list[tuple[str, str]]) -> None:
    assert found(body) == expected


def test_a_forms_nested_fields_are_fields() -> None:
    body = b"order%5Bshipping%5D%5Bname%5D=Jane+Roe&user.phone_number=%2B49+30+901820"
    assert found(body, FORM) == [("name", "Jane Roe"), ("phone", "+49 30 901820")]


@pytest.mark.parametrize(
    "body",
    [
        b'{"amount": 4242424242, "total": "1299.00", "tax": 4111111111111.11}',
        b'{"id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "key": "41111111-1111-4111-8111-111111111111"}',
        b'{"at": "2024-11-22T10:51:00Z", "on": "20241122105100", "ms": 1732272660000, "ns": 1732272660000000000}',
        b'{"phone_verified_at": "2024-11-22", "phone_id": 12345678, "phone_hash": "a1b2c3d4e5f6a7b8"}',
        b'{"order_number": "ORD-4111111111111111", "invoice": "INV/2024/000123", "sku": "x4111111111111111y"}',
        b'{"name": "Blue mug", "product": {"name": "Cap"}, "username": "jane", "hostname": "h", "file_name": "f"}',
        b'{"package": "lodash@4.17.21", "handle": "@jane"}',
    ],
)
def test_what_only_looks_like_a_persons_is_left(body: bytes) -> None:
    assert found(body) == []


@pytest.mark.parametrize(
    "number", ["20241122105100", "99999999999999999", "4111111111111112", "2024112210510012", "4" * 14]
)
def test_a_number_that_no_network_issues_is_no_card(number: str) -> None:
    assert not is_card(number)


@given(st.text(max_size=60), st.sampled_from(["email", "phone", "first_name", "note", "card"]))
def test_what_is_found_lies_in_the_text_in_order_and_apart(text: str, field: str) -> None:
    leaf = Leaf(part="body", path=f"body.$.{field}", start=0, end=len(text), text=text, coding="json", keys=(field,))
    people = list(personal(leaf))
    edges = [edge for p in people for edge in (p.start, p.end)]
    assert (edges, [p.text for p in people]) == (sorted(edges), [text[p.start : p.end] for p in people])


@pytest.mark.parametrize("text", ["aB3/" * 300_000, "4 " * 500_000, "4-" * 500_000, "+1 " * 300_000, "a.b@" * 200_000])
def test_a_long_text_is_searched_in_one_pass(text: str) -> None:
    leaves = [Leaf("body", f"body.$.{f}", 0, len(text), text, "json", -1, (f,)) for f in ("upload", "phone")]
    begun = time.process_time()
    assert (sum(1 for leaf in leaves for _ in personal(leaf)), time.process_time() - begun < 2) == (0, True)
