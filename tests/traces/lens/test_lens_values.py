"""A message's values, read fast, are those of its leaves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.traces.lens.messages import requests, responses
from tests.traces.links.scene import recording
from traces.lens import (
    Leaf,
    body_leaves,
    body_values,
    request_leaves,
    request_values,
    response_leaves,
    response_values,
)
from traces.lens.json_leaves import MAX_DEPTH
from traces.lens.leaf import MAX_LEAVES
from traces.model import Request, Response

slow = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
JSON = ((b"content-type", b"application/json"),)


def by_slot(leaves: Iterable[Leaf]) -> Counter[tuple[str, str]]:
    return Counter((leaf.slot, leaf.text) for leaf in leaves)


@given(requests())
@slow
def test_a_requests_values_are_its_leaves(request: Request) -> None:
    assert Counter(request_values(request)) == by_slot(request_leaves(request, nested=True))


@given(responses())
@slow
def test_a_responses_values_are_its_leaves(response: Response) -> None:
    assert Counter(response_values(response)) == by_slot(response_leaves(response, nested=True))


keys = st.text(st.sampled_from('ab[0]|.$%é\\"{'), max_size=5)
documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=10)
    | st.sampled_from(["/a/b?c=1", "order-8f3a21bc", '{"a":[1]}', "x|url.path[1]"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(documents, st.booleans(), st.sampled_from([None, 1]))
@example([0, -0.0, 1e5, 10**400], True, None)
@example({"path[1]": [["/a/b"]], "a|url.path": ["/a"]}, False, None)
@slow
def test_the_values_of_any_document_are_its_leaves(document: object, ascii_: bool, indent: int | None) -> None:
    data = json.dumps(document, ensure_ascii=ascii_, indent=indent).encode("utf-8", "surrogatepass")
    assert Counter(body_values(JSON, data)) == by_slot(body_leaves(JSON, data, nested=True))


@pytest.mark.parametrize(
    "data",
    [
        b"[-0, 0, -0.0, 1.10, 1e400, 123456789012345678901234567890]",
        b'{"a":"\\ud800","b":"\xff"}',
        b'["-0", {"-0": 0}]',
        b"[NaN]",
        b'{"a":1,}',
        b"\xef\xbb\xbf{}",
        b"[]",
        b"{",
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
        b"[" * 5000,
        b"[" + b"1," * MAX_LEAVES + b"1]",
        b'{"%s":{"a":1}}' % (b"k" * 3000),
    ],
    ids=lambda data: repr(data[:24]),
)
def test_odd_and_broken_documents_have_the_values_of_their_leaves(data: bytes) -> None:
    assert Counter(body_values(JSON, data)) == by_slot(body_leaves(JSON, data, nested=True))


def test_of_a_key_given_twice_the_last_value_counts_and_by_span_both_do() -> None:
    data = b'{"id": "first", "id": "second"}'
    assert list(body_values(JSON, data)) == [("body.$.id", "second")]
    assert [leaf.text for leaf in body_leaves(JSON, data)] == ["first", "second"]


@pytest.mark.parametrize("name", ["polar-locust.mitm", "oscarapi.mitm"])
def test_the_values_of_a_real_recording_are_its_leaves(name: str) -> None:
    def wrong() -> Iterator[int]:
        for exchange in recording(name):
            request, response = exchange.request, exchange.response
            if Counter(request_values(request)) != by_slot(request_leaves(request, nested=True)):
                yield exchange.id
            if response and Counter(response_values(response)) != by_slot(response_leaves(response, nested=True)):
                yield exchange.id

    assert list(wrong()) == []
