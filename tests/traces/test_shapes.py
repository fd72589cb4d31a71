"""What a value's text alone says of it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces.shapes import EMAIL, is_code, is_id_key, is_id_segment, is_instant, is_issued, names_one, url_path

IDS = """
    7 100234 3f2504e0-4f89-11d3-9a0c-0305e82c3301 01ARZ3NDEKTSV4RRFFQ69G5FAV 507f1f77bcf86cd799439011
    polar_c_q8WbR4mXz2KpLs7TnVdY9fGh cs_test_a1b2C3d4E5f6G7h8I9j0 pi_3NxYzAbCdEfGhIjK0aBcDeFg ch_1J2k3L4m5N6o
    jane@example.com jane%40example.com 17.json 100014-2025 lAP2kFCOzOKSa
    cart_01H8X3K9V5W2Q7Z4M6N1P0R8ST ORD-100234 V1StGXR8_Z5jdHi6B-myT qWxErTyUiOpAsDfGhJkLzXcV ckx7f8a0g0000q1l5z3b2n9d4
""".split()
WORDS = """
    v1 v2.1 oauth2 web3 base64 utf8mb4 products add-product shipping-methods checkout_sessions client_secret sale2024
    createCheckoutSession addItemToShoppingCart getCustomerPaymentMethodsList iphone-15-pro-max openid-configuration
    XMLHttpRequestFactory 2024-11-22 1.0 v1beta1 @jane
""".split()


@pytest.mark.parametrize("segment", IDS)
def test_an_id_is_told_from_a_word(segment: str) -> None:
    assert is_id_segment(segment)


@pytest.mark.parametrize("segment", WORDS)
def test_a_word_is_told_from_an_id(segment: str) -> None:
    assert not is_id_segment(segment)


@pytest.mark.parametrize("text", ["K7F3A2", "R12345", "1B5A02", "7XKQZ", "ab1cd2"])
def test_a_short_code_is_told_from_a_word(text: str) -> None:
    assert is_code(text)


@pytest.mark.parametrize(
    "text", ["HS256", "size10", "utf8", "v2", "EUR", "123456", "standard", "K7F3A2B9", "A4", "mp4"]
)
def test_a_word_with_a_number_is_no_code(text: str) -> None:
    assert not is_code(text)


@pytest.mark.parametrize("key", ["17", "8f3a21bc90", "2026-11-22", "jane@example.com", "p_LVIx7ZQnolEMdI"])
def test_a_key_may_name_one_item_among_many(key: str) -> None:
    assert is_id_key(key)


@pytest.mark.parametrize("key", ["line_1", "address2", "oauth2", "Jane", "isAddressLine2Required", "", "e-mail@"])
def test_a_field_is_no_item(key: str) -> None:
    assert not is_id_key(key)


@given(st.uuids())
def test_every_uuid_is_an_id(uuid: object) -> None:
    assert is_id_segment(str(uuid))


@given(st.datetimes())
def test_no_instant_counts_as_issued(when: object) -> None:
    text = str(when)
    assert (is_instant(text), is_issued(text), is_issued(text.replace(" ", "T") + "Z")) == (True, False, False)


@given(st.text())
def test_any_text_has_a_shape(text: str) -> None:
    shapes = [is_issued(text), is_id_segment(text), is_instant(text), names_one(text)]
    assert all(isinstance(shape, bool) for shape in shapes)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("https://shop/orders/7?a=b", "/orders/7?a=b"),
        ("https://shop", "/"),
        ("https://shop?a=1", "/?a=1"),
        ("http://shop:80/a#part", "/a"),
        ("/orders/7", "/orders/7"),
        ("//cdn.shop/a.js", "/a.js"),
        ("orders/7", None),
        ("/two words", None),
        ("", None),
    ],
)
def test_a_url_gives_its_path_and_query(text: str, path: str | None) -> None:
    assert url_path(text) == path


@pytest.mark.parametrize(
    ("path", "one"),
    [("/orders/7", True), ("/catalogue/a-book_209/", True), ("/thanks?order=9", True), ("/v1/oauth2/token", False)],
)
def test_a_path_names_one_thing_when_a_segment_does(path: str, one: bool) -> None:
    assert names_one(path) == one


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jane.doe+x@mail.example.co.uk.", ["jane.doe+x@mail.example.co.uk"]),
        ("jürgen@exämple.de", ["jürgen@exämple.de"]),
        ("https://shop/x?email=jane@x.com&a=1", ["jane@x.com"]),
        ("'o'brien@x.com'", ["o'brien@x.com"]),
        ("lodash@4.17.21", []),
        ("@home a@b", []),
    ],
)
def test_an_address_is_found_whole_and_nothing_around_it(text: str, found: list[str]) -> None:
    assert EMAIL.findall(text) == found


@pytest.mark.parametrize("text", ["aB3" * 500_000, "a." * 500_000, "a@" * 500_000, "a@" + "b." * 500_000])
def test_looking_for_addresses_in_a_long_token_takes_one_pass(text: str) -> None:
    begun = time.process_time()
    EMAIL.findall(text)
    assert time.process_time() - begun < 2
