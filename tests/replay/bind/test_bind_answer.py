"""What is read out of a live answer, and what is not."""

from __future__ import annotations

import gzip
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.bind import Answer, holds, read
from traces.lens import Leaf, address_of
from traces.links import Condition, Selector, Source


def answer(document: Any = None, *headers: tuple[bytes, bytes], body: bytes | None = None) -> Answer:
    return Answer(status=200, headers=headers, body=orjson.dumps(document) if body is None else body)


def source(path: str, *keys: str | int, selectors: tuple[Selector, ...] = ()) -> Source:
    leaf = Leaf("header" if path.startswith(("header", "cookie")) else "body", path, 0, 0, "", keys=keys)
    return Source(step=0, path=path, address=address_of(leaf), selectors=selectors)


@pytest.mark.parametrize(
    ("document", "keys", "value"),
    [
        ({"id": "a"}, ("id",), "a"),
        ({"a": {"b": [{"c": "x"}, {"c": "y"}]}}, ("a", "b", 1, "c"), "y"),
        ([["x"]], (0, 0), "x"),
        ({"n": 12}, ("n",), "12"),
        ({"n": 0}, ("n",), "0"),
        ({"ok": True}, ("ok",), "true"),
        ({"ok": False}, ("ok",), "false"),
        ({"id": None}, ("id",), None),
        ({"id": {}}, ("id",), None),
        ({}, ("id",), None),
        ([], (0,), None),
        ({"a": "text"}, ("a", "b"), None),
        ({"a": {"8f3a21bc90": "x", "8f3a21bc91": "y"}}, ("a", 1), "y"),
        ({"a": {"8f3a21bc90": "x"}}, ("a", 0, "{name}"), "8f3a21bc90"),
        ({"a": {"8f3a21bc90": "x"}}, ("a", 1), None),
        ({"a": {}}, ("a", 0, "{name}"), None),
    ],
)
def test_a_json_value_is_read_by_its_keys(document: Any, keys: tuple[str | int, ...], value: str | None) -> None:
    assert read(answer(document), source("body.$.x", *keys)) == value


@pytest.mark.parametrize("text", ["1.10", "0.5e3", "-0", "123456789012345678901234567890"])
def test_a_number_is_read_as_it_was_written(text: str) -> None:
    assert read(answer(body=b'{"n":%s}' % text.encode()), source("body.$.n", "n")) == text


def test_a_condition_may_stand_at_a_key_with_a_dot() -> None:
    condition = Condition(keys=("order.state", "[0]"), test="equals", text="done")
    assert holds(condition, answer({"order.state": {"[0]": "done"}}))


def test_a_compressed_answer_is_read_through_its_encoding() -> None:
    packed = answer(None, (b"Content-Encoding", b"gzip"), body=gzip.compress(b'{"id":"a"}'))
    assert read(packed, source("body.$.id", "id")) == "a"


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"id":', b"\xff\xfe"])
def test_an_answer_that_is_no_json_holds_no_json_value(body: bytes) -> None:
    assert read(answer(body=body), source("body.$.id", "id")) is None


def test_an_answer_whose_body_was_not_kept_holds_nothing() -> None:
    assert read(Answer(status=200, body=None), source("body.$.id", "id")) is None


ITEMS = [{"kind": kind, "id": f"id-{kind}"} for kind in ("free", "paid", "gift", "trial")]


@given(st.permutations(ITEMS))
def test_an_item_is_found_by_its_sibling_however_the_list_is_ordered(items: list[dict[str, str]]) -> None:
    selector = Selector(depth=1, key="kind", text="paid", index=0)
    found = read(answer({"items": items}), source("body.$.items[0].id", "items", 0, "id", selectors=(selector,)))
    assert found == "id-paid"


@pytest.mark.parametrize(
    "items",
    [
        [{"kind": "a", "id": "first"}, {"kind": "b", "id": "second"}],
        [{"kind": "paid", "id": "first"}, {"kind": "paid", "id": "second"}],
    ],
)
def test_without_exactly_one_such_sibling_the_index_decides(items: list[dict[str, str]]) -> None:
    selector = Selector(depth=1, key="kind", text="paid", index=1)
    found = read(answer({"items": items}), source("body.$.items[1].id", "items", 1, "id", selectors=(selector,)))
    assert found == "second"


@pytest.mark.parametrize(
    ("header", "name", "value"),
    [
        ((b"Set-Cookie", b"sid=abc; Path=/; HttpOnly"), "sid", "abc"),
        ((b"set-cookie", b"sid=abc"), "sid", "abc"),
        ((b"Set-Cookie", b"sid=a=b; Secure"), "sid", "a=b"),
        ((b"Set-Cookie", b"sid=; Max-Age=0"), "sid", None),
        ((b"Set-Cookie", b"sid2=abc"), "sid", None),
        ((b"Cookie", b"sid=abc"), "sid", None),
    ],
)
def test_a_cookie_is_read_from_set_cookie(header: tuple[bytes, bytes], name: str, value: str | None) -> None:
    assert read(answer({}, (b"Set-Cookie", b"other=1"), header), source(f"cookie.{name}")) == value


def test_a_cookie_that_is_cleared_and_set_again_is_the_one_set() -> None:
    headers = ((b"Set-Cookie", b"sid=; Max-Age=0"), (b"Set-Cookie", b"sid=new"))
    assert read(answer({}, *headers), source("cookie.sid")) == "new"


def test_a_header_is_read_whatever_its_case() -> None:
    assert read(answer({}, (b"X-CSRF-Token", b"t")), source("header.x-csrf-token")) == "t"


def test_a_whole_body_is_read_as_text() -> None:
    assert read(answer(body=b"token-1"), source("body")) == "token-1"


@pytest.mark.parametrize(
    ("condition", "document", "met"),
    [
        (Condition(keys=("status",), test="equals", text="done"), {"status": "done"}, True),
        (Condition(keys=("status",), test="equals", text="done"), {"status": "open"}, False),
        (Condition(keys=("status",), test="equals", text="done"), {}, False),
        (Condition(keys=("ok",), test="equals", text="true"), {"ok": True}, True),
        (Condition(keys=("items", 0, "id"), test="exists"), {"items": [{"id": "a"}]}, True),
        (Condition(keys=("items", 0, "id"), test="exists"), {"items": []}, False),
        (Condition(keys=("items", 0), test="exists"), {"items": [{"id": "a"}]}, True),
        (Condition(keys=("id",), test="exists"), {"id": None}, False),
    ],
)
def test_a_polls_condition_is_judged_by_the_answer(condition: Condition, document: Any, met: bool) -> None:
    assert holds(condition, answer(document)) is met
