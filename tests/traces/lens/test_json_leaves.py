"""JSON's leaves stand exactly where they say, and nothing but JSON has any."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from traces.lens import body_values, json_values
from traces.lens import json_leaves as json_leaves_module
from traces.lens.json_leaves import NotJson, Places, json_leaves
from traces.lens.leaf import MAX_LEAVES, NAME, encode
from traces.shapes import is_id_key

anything = st.text(st.characters(), max_size=12)  # lone surrogates too
keys = anything | st.sampled_from(["17", "8f3a21bc90", "2026-11-22", "jane@example.com", "line_1"])
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | anything
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)
HALF_A_PAIR = re.compile(r"[\ud800-\udfff]")
spaces = st.text(" \t\r\n", max_size=3)


def scalars_of(value: Any) -> list[Any]:
    """Every scalar in order, and the keys that are ids, before what they name."""
    if isinstance(value, dict):
        return [
            leaf for key, inner in value.items() for leaf in [*([key] if is_id_key(key) else []), *scalars_of(inner)]
        ]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in scalars_of(inner)]
    return [value]


def own_encoding(data: bytes) -> bytes:
    """The document with every leaf's span replaced by the leaf's own encoding."""
    out, position = [], 0
    for leaf in json_leaves(data):
        out += [data[position : leaf.start], encode(leaf.text, "raw" if leaf.number else "json")]
        position = leaf.end
    return b"".join([*out, data[position:]])


def is_json(data: bytes) -> bool:
    """The standard library's word, made strict: no NaN, no byte order mark, no UTF-16."""
    try:
        text = data.decode("utf-8", "surrogateescape")
        json.loads(text, parse_constant=int)
    except ValueError:
        return False
    return not text.startswith("\ufeff")


@given(documents.filter(lambda value: not HALF_A_PAIR.search(json.dumps(value, ensure_ascii=False))))
def test_replacing_every_leaf_by_its_own_encoding_changes_no_byte(value: Any) -> None:
    data = json.dumps(value, ensure_ascii=False).encode()
    assert own_encoding(data) == data


@given(documents, st.sampled_from([None, 1, "\t"]))
def test_replacing_every_leaf_of_an_escaped_document_changes_no_value(value: Any, indent: int | str | None) -> None:
    data = json.dumps(value, ensure_ascii=True, indent=indent).encode()
    assert json.loads(own_encoding(data)) == value


@given(documents)
def test_there_is_one_leaf_for_every_scalar_and_every_id_in_order(value: Any) -> None:
    texts = [json.loads(leaf.text) if leaf.number else leaf.text for leaf in json_leaves(json.dumps(value).encode())]
    assert texts == scalars_of(value)


@given(documents)
def test_a_leafs_keys_lead_to_it(value: Any) -> None:
    def follow(keys: tuple[str | int, ...]) -> Any:
        found = name = value
        for key in keys:
            if key == NAME and isinstance(name, str):
                return name
            if isinstance(found, dict) and isinstance(key, int):
                name, found = list(found.items())[key]
            else:
                found = found[key]
        return found

    leaves = json_leaves(json.dumps(value).encode())
    assert [follow(leaf.keys) for leaf in leaves] == scalars_of(value)


@given(documents, spaces, spaces)
def test_white_space_moves_spans_and_nothing_else(value: Any, before: str, after: str) -> None:
    bare = json.dumps(value).encode()
    spaced = json.dumps(value, separators=(f"{before},{after}", f"{after}:{before}")).encode()
    wrapped = before.encode() + spaced + after.encode()
    assert [(x.path, x.text) for x in json_leaves(wrapped)] == [(x.path, x.text) for x in json_leaves(bare)]


@given(st.text('[]{},:"\\u0019ntfalse. -e', max_size=14).map(str.encode) | st.binary(max_size=20))
@example(b"[1,]")
@example(b'{"a":1,}')
@example(b'{"a"}')
@example(b'{,"a":1}')
@example(b'{"a",1}')
@example(b"[01]")
@example(b"1 2")
@example(b'"\\ud800"')
@example(b'"\\u12g4"')
@example(b"")
def test_exactly_what_a_strict_parser_takes_has_leaves(data: bytes) -> None:
    try:
        taken = json_leaves(data) is not None
    except NotJson:
        taken = False
    assert taken == is_json(data)


def test_a_key_given_twice_gives_two_leaves_at_one_path() -> None:
    leaves = json_leaves(b'{"id": "a", "id": "b"}')
    assert [(x.path, x.text, x.start) for x in leaves] == [("body.$.id", "a", 8), ("body.$.id", "b", 19)]


def test_a_slot_leaves_list_indices_open() -> None:
    assert [x.slot for x in json_leaves(b'{"items":[{"id":1},{"id":2}]}')] == ["body.$.items[*].id"] * 2


def test_a_number_keeps_every_digit_it_was_written_with() -> None:
    numbers = "[1.10, 1e400, 123456789012345678901234567890, -0]"
    assert [x.text for x in json_leaves(numbers.encode())] == numbers.strip("[]").split(", ")


@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 65 + b"]" * 65])
def test_deep_nesting_is_refused_and_never_overflows_the_stack(deep: bytes) -> None:
    with pytest.raises(NotJson):
        json_leaves(deep)


def test_a_body_of_too_many_values_is_refused() -> None:
    with pytest.raises(NotJson):
        json_leaves(b"[" + b"1," * MAX_LEAVES + b"1]")


@pytest.mark.parametrize(
    "data", [b'"' + b"a" * 4_000_000, b'"' + b"\\n" * 2_000_000, b"9" * 4_000_000 + b"x", b" " * 4_000_000]
)
def test_long_nonsense_is_refused_in_one_pass(data: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(NotJson):
        json_leaves(data)
    assert time.process_time() - begun < 1


@given(st.text(st.characters()), st.sampled_from(["raw", "percent", "plus", "json"]))
def test_every_text_can_be_written_in_every_coding(text: str, coding: Any) -> None:
    assert isinstance(encode(text, coding), bytes)


def test_keys_that_never_repeat_do_not_fill_the_memory() -> None:
    """Places are kept for the next message, so many at most, and long keys' never."""
    for n in range(4):
        data = json.dumps({f"{n}-{i}": {"a": 1} for i in range(MAX_LEAVES // 2)}).encode()
        json_leaves(data)
        list(body_values((), data))

    def count(node: Any) -> int:
        return 1 + sum(map(count, node.kids.values()))

    for places in (json_leaves_module._places, json_values._places):
        assert sum(map(count, places.roots.values())) <= Places.LIMIT


def test_a_document_of_long_keys_is_refused_before_they_stand_in_every_path() -> None:
    with pytest.raises(NotJson):
        json_leaves(json.dumps({"k" * 1_000_000: list(range(19_000))}).encode())


def test_a_key_written_in_two_ways_is_one_key() -> None:
    assert [x.path for x in json_leaves(b'[{"\\u0061":1},{"a":2}]')] == ["body.$[0].a", "body.$[1].a"]


def test_keys_are_leaves_before_their_values_when_they_are_asked_for() -> None:
    leaves = json_leaves(b'{"a":{"b":1},"c":[{}]}', names=True)
    assert [(x.path, x.text, x.is_name, x.keys) for x in leaves] == [
        ("body.$.a{name}", "a", True, ()),
        ("body.$.a.b{name}", "b", True, ()),
        ("body.$.a.b", "1", False, ("a", "b")),
        ("body.$.c{name}", "c", True, ()),
    ]
