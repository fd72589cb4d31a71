"""A message's leaves: targets, forms, cookies, authorization, bodies; whatever the bytes, nothing is raised."""

from __future__ import annotations

import time
from urllib.parse import unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traces.links.scene import recording
from tests.traces.strategies import requests, responses
from traces.lens import Leaf, body_leaves, decoded_body, encode, request_leaves, response_leaves
from traces.model import Exchange, HeaderPairs, Request, Response

names = st.sampled_from(
    [b"content-type", b"content-encoding", b"cookie", b"set-cookie", b"authorization", b"x-a", b"location"]
)
values = st.sampled_from(
    [b"application/json", b"application/x-www-form-urlencoded", b"gzip", b"br", b"Basic a", b"=;=", b"a=b; c"]
) | st.binary(max_size=30)
headers: st.SearchStrategy[HeaderPairs] = st.lists(st.tuples(names, values), max_size=4).map(tuple)
junk = st.binary(max_size=60) | st.text('{}[]":,1 &=%+;é', max_size=30).map(str.encode)


def a_request(target: bytes = b"/", pairs: HeaderPairs = (), body: bytes | None = b"") -> Request:
    return Request(method=b"POST", scheme=b"http", authority=b"shop", target=target, headers=pairs, body=body)


def found(leaves: list[Leaf]) -> dict[str, str]:
    return {leaf.path: leaf.text for leaf in leaves}


def part_of(request: Request | Response, leaf: Leaf) -> bytes:
    """The bytes that a leaf's span counts in."""
    if leaf.part == "header":
        return request.headers[leaf.header][1]
    if leaf.part == "target" and isinstance(request, Request):
        return request.target
    return decoded_body(request.headers, request.body)


def decoded(raw: bytes, leaf: Leaf) -> str:
    """What the raw bytes of a span read as, for the codings other than JSON's."""
    text = raw.decode("utf-8", "surrogateescape")
    if leaf.coding == "percent":
        return unquote_plus(text.replace("+", "%2B"), errors="surrogateescape")
    return unquote_plus(text, errors="surrogateescape") if leaf.coding == "plus" else text


@given(junk, headers, junk)
def test_malformed_requests_have_leaves_and_raise_nothing(target: bytes, pairs: HeaderPairs, body: bytes) -> None:
    assert isinstance(request_leaves(a_request(target, pairs, body)), list)


@given(headers, junk)
def test_malformed_responses_have_leaves_and_raise_nothing(pairs: HeaderPairs, body: bytes) -> None:
    assert isinstance(response_leaves(Response(status=200, headers=pairs, body=body)), list)


@given(requests, responses)
def test_spans_lie_within_their_part(request: Request, response: Response) -> None:
    sides: list[tuple[Request | Response, list[Leaf]]] = [
        (request, request_leaves(request)),
        (response, response_leaves(response)),
    ]
    assert all(0 <= x.start <= x.end <= len(part_of(side, x)) for side, leaves in sides for x in leaves)


@given(junk.filter(lambda t: b"\n" not in t), junk)
def test_a_leaf_written_back_reads_the_same(path: bytes, body: bytes) -> None:
    request = a_request(b"/" + path, ((b"content-type", b"application/x-www-form-urlencoded"),), body)
    leaves = [leaf for leaf in request_leaves(request) if leaf.coding != "json"]
    assert [decoded(encode(leaf.text, leaf.coding), leaf) for leaf in leaves] == [leaf.text for leaf in leaves]


def test_a_targets_segments_and_query_are_leaves() -> None:
    leaves = request_leaves(a_request(b"/v1/a%2Fb/?q=x+y%21&empty=&flag&q=2"))
    assert [(x.path, x.text) for x in leaves] == [
        ("path[1]", "v1"),
        ("path[2]", "a/b"),
        ("query.q", "x y!"),
        ("query.q", "2"),
    ]


def test_an_absolute_targets_path_counts_as_if_it_were_relative() -> None:
    leaves = request_leaves(a_request(b"http://shop:80/v1/7?next=http://x/y"))
    assert found(leaves) == {"path[1]": "v1", "path[2]": "7", "query.next": "http://x/y"}


def test_a_segment_is_written_back_without_becoming_two() -> None:
    assert (encode("a/b?c#d%", "percent"), encode("a&b=c d", "plus")) == (b"a%2Fb%3Fc%23d%25", b"a%26b%3Dc+d")


def test_a_forms_fields_are_leaves() -> None:
    leaves = body_leaves(
        ((b"Content-Type", b"application/x-www-form-urlencoded; charset=utf-8"),), b"a=1&b%5Bc%5D=x%20y"
    )
    assert found(leaves) == {"form.a": "1", "form.b[c]": "x y"}


@pytest.mark.parametrize("kind", [b"application/json; charset=utf-8", b"application/problem+json", b"text/plain", b""])
def test_json_is_read_whatever_it_calls_itself(kind: bytes) -> None:
    assert found(body_leaves(((b"content-type", kind),), b' {"id":"a=1"}')) == {"body.$.id": "a=1"}


def test_a_body_that_only_looks_like_json_is_one_leaf() -> None:
    assert found(body_leaves(((b"content-type", b"application/json"),), b'{"a":')) == {"body": '{"a":'}


def test_a_body_that_was_not_kept_has_no_leaves() -> None:
    assert body_leaves((), None) == []


def test_cookies_are_leaves_without_the_white_space_around_them() -> None:
    leaves = request_leaves(a_request(b"/", ((b"Cookie", b"sid=a=b;  theme = dark ;bare; =x"),)))
    assert found(leaves) == {"cookie.sid": "a=b", "cookie.theme": "dark"}


def test_of_a_set_cookie_only_the_value_is_a_leaf() -> None:
    pairs = ((b"Set-Cookie", b"sid=abc ; Path=/; HttpOnly"), (b"set-cookie", b"gone=; Max-Age=0"))
    assert found(response_leaves(Response(status=200, headers=pairs))) == {"cookie.sid": "abc", "cookie.gone": ""}


@pytest.mark.parametrize(
    ("value", "leaf"),
    [
        (b"Bearer abc.def", ("auth.bearer", "abc.def")),
        (b"bearer  x", ("auth.bearer", "x")),
        (b"Basic dTpw", ("auth.basic", "dTpw")),
        (b"DPoP t0k", ("auth.dpop", "t0k")),
        (b'Digest username="u", nonce="n"', ("auth.digest", 'username="u", nonce="n"')),
        (b"naked-key", ("header.authorization", "naked-key")),
    ],
)
def test_an_authorization_scheme_is_left_out_of_its_value(value: bytes, leaf: tuple[str, str]) -> None:
    (only,) = request_leaves(a_request(b"/", ((b"Authorization", value),)))
    assert ((only.path, only.text), value[only.start : only.end].decode()) == (leaf, leaf[1])


def test_what_belongs_to_one_hop_is_no_leaf() -> None:
    pairs = ((b"Host", b"shop"), (b"Content-Length", b"3"), (b"Connection", b"close"), (b"X-Id", b"7"))
    assert [x.path for x in request_leaves(a_request(b"*", pairs))] == ["path[0]", "header.x-id"]


def test_long_headers_are_read_in_one_pass() -> None:
    pairs = ((b"cookie", b"a" * 1_000_000), (b"authorization", b"!" * 1_000_000), (b"content-type", b"a+" * 500_000))
    begun = time.process_time()
    request_leaves(a_request(b"/" * 100_000, pairs, b"x"))
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("name", ["polar-locust.mitm", "oscarapi.mitm"])
def test_every_leaf_of_a_real_recording_written_back_changes_no_value(name: str) -> None:
    def wrong(side: Request | Response, leaves: list[Leaf]) -> list[str]:
        return [
            leaf.path
            for leaf in leaves
            if leaf.coding in {"raw", "json"}
            and encode(leaf.text, "raw" if leaf.number else leaf.coding) != part_of(side, leaf)[leaf.start : leaf.end]
        ]

    def of(exchange: Exchange) -> list[str]:
        answer = exchange.response
        return wrong(exchange.request, request_leaves(exchange.request)) + (
            [] if answer is None else wrong(answer, response_leaves(answer))
        )

    assert [path for exchange in recording(name) for path in of(exchange)] == []
