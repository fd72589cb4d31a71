"""A document's shape: which of its places a live answer must have, and what may stand there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traces.outcome.answers import answer, told
from traces.outcome import Learner, differs, make
from traces.outcome.telling import told as tells

#: Names of which none tells of an outcome, and none is an id.
NAMES = [f"{a}{b}" for a in ("unit", "line", "sum", "who", "where") for b in ("", "_a", "_b", "_c")]
scalars = st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
documents = st.dictionaries(
    st.sampled_from(NAMES),
    st.recursive(
        st.none() | scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
        max_leaves=20,
    ),
    min_size=1,
    max_size=8,
)


def other_values(draw: Any, value: Any) -> Any:
    """The same shape with other values, lists of other lengths, fields in another order, and more of them."""
    if isinstance(value, dict):
        below = {key: other_values(draw, item) for key, item in reversed(value.items())}
        return {**below, **({"more": draw(scalars)} if draw(st.booleans()) else {})}
    if isinstance(value, list):
        return [other_values(draw, item) for item in value for _ in range(draw(st.integers(1, 2)))]
    if isinstance(value, bool):
        return draw(st.booleans())
    if isinstance(value, int | float):
        return draw(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
    return draw(st.text()) if isinstance(value, str) else value


def fields(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every field of every object that is in no list."""
    if not isinstance(value, dict):
        return []
    return [way for key, item in value.items() for way in [(*above, key), *fields(item, (*above, key))]]


@given(documents, st.data())
def test_an_answer_is_like_itself_whatever_its_values_are(document: Any, data: st.DataObject) -> None:
    assert told(document, other_values(data.draw, document)) is None


@given(st.lists(documents, min_size=1, max_size=5), st.data())
def test_every_recorded_answer_is_like_every_other_of_its_endpoint(many: list[Any], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(many))
    assert told((*many, chosen), chosen) is None


@given(documents, st.data())
def test_a_dropped_field_is_noticed_and_named(document: Any, data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(fields(document)))
    recorded = answer(document)
    holder = document
    for key in way[:-1]:
        holder = holder[key]
    del holder[way[-1]]
    said = differs(make(recorded), answer(document))
    # An object that has lost all of its fields is empty first of all.
    assert said is not None
    assert said.startswith((f"$.{'.'.join(way)} is missing", f"$.{'.'.join(way[:-1])} is empty", "$ is empty"))


@given(documents, documents)
def test_equal_shapes_are_made_alike_and_kept_once(one: Any, other: Any) -> None:
    learner = Learner()
    first, _, again = (learner.make("GET /", answer(document)) for document in (one, other, one))
    assert first is again


@pytest.mark.parametrize(
    ("recorded", "live", "why"),
    [
        ({"total": 5, "currency": "usd"}, {"total": "5", "currency": "usd"}, "$.total is text, recorded a number"),
        ({"total": 5}, {"total": 5.5}, None),
        ({"total": "5.00"}, {"total": 5}, "$.total is a number, recorded text"),
        ({"paid": {"by": "card"}}, {"paid": [1]}, "$.paid is a list, recorded an object"),
        ({"a": 1, "client_secret": "x"}, {"a": 1}, "$.client_secret is missing"),
        ({"a": 1}, {"a": 1, "b": 2}, None),
        ({"token": "x"}, {"token": None}, "$.token is null, never so when it was recorded"),
        ({"token": None}, {"token": "x"}, None),
        ({"items": [1, 2]}, {"items": []}, "$.items is empty, never so when it was recorded"),
        ({"items": []}, {"items": [1, 2]}, None),
        ({"items": [{"id": 1}, {"id": 2, "tax": 3}]}, {"items": [{"id": 9}]}, None),
        ({"items": [{"id": 1}]}, {"items": [{"id": 1}, {"sku": 2}]}, "$.items[*].id is missing"),
        ({"items": [1, "a"]}, {"items": ["b"]}, None),
        ([{"id": 1}], [], "$ is empty, never so when it was recorded"),
        ({"a": 1}, [1], "$ is a list, recorded an object"),
        ("done", "ready", None),
    ],
)
def test_what_differs_is_named(recorded: Any, live: Any, why: str | None) -> None:
    assert told(recorded, live) == why


@pytest.mark.parametrize(
    ("recorded", "live"),
    [
        (({"token": None}, {"token": "x"}), {"token": None}),
        (({"items": []}, {"items": [1]}), {"items": []}),
        (({"a": 1, "note": "x"}, {"a": 1}), {"a": 1}),
        (({"a": 1, "note": "x"}, {"a": 1}), {"a": 1, "note": None}),
        (({"code": ""}, {"code": ""}), {"code": None}),
        (({"by": {}}, {"by": {}}), {"by": []}),
    ],
)
def test_what_once_was_otherwise_may_be_so_again(recorded: Any, live: Any) -> None:
    assert told(recorded, live) is None


def test_a_text_that_was_never_empty_is_missed_once_that_is_certain() -> None:
    full, empty = {"a": 1, "secret": "x"}, {"a": 1, "secret": ""}
    assert [told((full,) * times, empty) for times in (1, 5)] == [
        None,
        "$.secret is empty, never so when it was recorded",
    ]


@pytest.mark.parametrize(
    ("live", "why"),
    [
        ({"token": "y", "orders": [{"state": "old"}, {"state": "new", "id": 0}]}, None),
        ({"token": None, "orders": [{"id": 7}]}, "nothing at $.token, which a later request carries"),
        ({"orders": [{"id": 7}]}, "nothing at $.token, which a later request carries"),
        ({"token": "", "orders": [{"id": 7}]}, "nothing at $.token, which a later request carries"),
        ({"token": "y", "orders": []}, "nothing at $.orders[*].id, which a later request carries"),
    ],
)
def test_what_a_later_request_carries_may_not_be_missing_though_it_once_was(live: Any, why: str | None) -> None:
    learner = Learner()
    others: list[Any] = [{"token": None, "orders": []}, {"orders": [{"state": "old"}]}]
    for other in others:
        learner.make("POST /confirm", answer(other))
    recorded = answer({"token": "x", "orders": [{"id": 7}]})
    makes = [learner.make("POST /confirm", recorded, needs=needs) for needs in ((("token",), ("orders", 0, "id")), ())]
    assert [differs(make, answer(live)) for make in makes] == [why, None]


def test_ids_as_keys_name_items_and_are_not_missed() -> None:
    one = {"lines": {"3f2504e0-4f89-11d3-9a0c-0305e82c3301": {"sku": "a"}, "7": {"sku": "b"}}}
    assert [told(one, {"lines": {"100234": line}}) for line in ({"sku": "c"}, {"sku": 1})] == [
        None,
        "$.lines[*].sku is a number, recorded text",
    ]


def test_an_answer_of_another_make_is_alike_when_the_endpoint_gave_it_too() -> None:
    cart, menu = {"lines": [1], "total": 5, "tax": 1}, {"entries": ["a"], "title": "b"}
    assert [told((cart, menu), live) for live in (cart, {"entries": ["c"]}, {"lines": [1], "tax": 1})] == [
        None,
        "$.title is missing",
        "$.entries is missing",
    ]


def test_names_of_this_test_tell_nothing() -> None:
    assert tells(dict.fromkeys(NAMES, "failed")) == ()
