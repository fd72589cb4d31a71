"""A live answer is read at the place where the recorded value stood, wherever that is."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.traces.lens.messages import jwt, packed, responses
from tests.traces.links.scene import recording
from traces.lens import Address, Leaf, Reading, address_of, response_leaves, steps_of
from traces.model import HeaderPairs, Response

JSON = ((b"Content-Type", b"application/json"),)
HTML = ((b"Content-Type", b"text/html"),)
SSE = ((b"Content-Type", b"text/event-stream"),)
NDJSON = ((b"Content-Type", b"application/x-ndjson"),)


@dataclass(frozen=True)
class Named:
    """A list's item by what its sibling reads."""

    depth: int
    key: str
    text: str


def place(path: str, headers: HeaderPairs, body: bytes) -> Address:
    """The address of the first leaf at a path of a recorded answer."""
    leaves = response_leaves(Response(status=200, headers=headers, body=body), nested=True)
    return address_of(next(leaf for leaf in leaves if leaf.path == path))


def read(recorded: Any, path: str, live: Any, *selectors: Named) -> str | None:
    """What stands in a live document at the path of a recorded one."""
    address = place(path, JSON, json.dumps(recorded).encode())
    return Reading(JSON, json.dumps(live).encode()).text(address, selectors)


def misread(response: Response) -> list[str]:
    """The paths of leaves that are not read back at their addresses; those left out that share a place with another."""
    leaves = response_leaves(response, nested=True)
    paths = Counter(leaf.path for leaf in leaves)

    def is_alone(leaf: Leaf | None) -> bool:
        return leaf is None or (paths[leaf.path] == 1 and is_alone(leaf.outer))

    def expected(leaf: Leaf) -> str | None:
        is_nothing = (leaf.number and leaf.text == "null") or (leaf.path == "cookie.sid" and not leaf.text)
        return None if is_nothing else leaf.text

    reading = Reading(response.headers, response.body)
    return [x.path for x in leaves if is_alone(x) and reading.text(address_of(x)) != expected(x)]


@given(responses())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_leaf_is_read_back_at_its_address(response: Response) -> None:
    assert misread(response) == []


@pytest.mark.parametrize("name", ["polar-locust.mitm", "oscarapi.mitm"])
def test_every_leaf_of_a_real_recording_is_read_back_at_its_address(name: str) -> None:
    answers = [exchange.response for exchange in recording(name)]
    assert [path for answer in answers[::3] if answer is not None for path in misread(answer)] == []


@pytest.mark.parametrize(
    ("live", "text"),
    [
        ({"a": [{"id": "x"}, {"id": "y"}]}, "y"),
        ({"a": [{"id": "x"}]}, None),
        ({"a": {"id": "x"}}, None),
        ({"a": [0, {"id": None}]}, None),
        ({"a": [0, {"id": ["x"]}]}, None),
        ({"a": [0, {"id": 12}]}, "12"),
        ({"a": [0, {"id": True}]}, "true"),
        ([], None),
        ("text", None),
    ],
)
def test_a_documents_value_is_read_by_its_keys(live: Any, text: str | None) -> None:
    assert read({"a": [{"id": "1"}, {"id": "2"}]}, "body.$.a[1].id", live) == text


@pytest.mark.parametrize("number", ["1.10", "0.5e3", "-0", "0", "-0.0", "123456789012345678901234567890", "7"])
def test_a_number_is_read_as_it_was_written(number: str) -> None:
    body = f'{{"a":0,"n":{number},"b":-0}}'.encode()
    reading = Reading(JSON, body)
    assert [reading.text(Address("json", "", ("n",))) for _ in range(2)] == [number] * 2


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"id":', b"\xff\xfe", b"[" * 100_000, None])
def test_an_answer_that_is_no_document_holds_no_value_of_one(body: bytes | None) -> None:
    reading = Reading(JSON, body)
    assert (reading.text(Address("json", "", ("id",))), reading.exists(("id",))) == (None, False)


def test_a_packed_answer_is_read_through_its_encoding() -> None:
    reading = Reading(((b"Content-Encoding", b"gzip"),), gzip.compress(b'{"id":"a"}'))
    assert reading.text(Address("json", "", ("id",))) == "a"


ITEMS = [{"kind": kind, "id": f"id-{kind}"} for kind in ("free", "paid", "gift", "trial")]


@given(st.permutations(ITEMS))
def test_an_item_is_found_by_its_sibling_however_the_list_is_ordered(items: list[dict[str, str]]) -> None:
    assert read({"items": ITEMS}, "body.$.items[0].id", {"items": items}, Named(1, "kind", "paid")) == "id-paid"


@pytest.mark.parametrize(
    "items",
    [
        [{"kind": "a", "id": "first"}, {"kind": "b", "id": "second"}],
        [{"kind": "paid", "id": "first"}, {"kind": "paid", "id": "second"}],
        ["no object", {"kind": 1, "id": "second"}],
    ],
)
def test_without_exactly_one_such_sibling_the_index_decides(items: list[Any]) -> None:
    assert read({"items": ITEMS}, "body.$.items[1].id", {"items": items}, Named(1, "kind", "paid")) == "second"


NAMED = {"entities": {"8f3a21bc90": {"node": {"name": "mug"}, "n": 1}, "8f3a21bc91": {"node": {"name": "rug"}, "n": 2}}}


@given(st.permutations(["7c01", "7c02", "7c03"]))
def test_what_an_object_calls_an_item_by_is_read_of_the_item_that_a_sibling_names(keys: list[str]) -> None:
    live = {"entities": {key: {"node": {"name": name}} for key, name in zip(keys, ("rug", "mug", "jug"), strict=True)}}
    assert read(NAMED, "body.$.entities[1]{name}", live, Named(1, "node.name", "rug")) == keys[0]


@pytest.mark.parametrize(
    ("path", "live", "value"),
    [
        ("body.$.entities[1]{name}", {"entities": {"a": 1, "b": 2}}, "b"),
        ("body.$.entities[1]{name}", {"entities": {"a": 1}}, None),
        ("body.$.entities[1]{name}", {"entities": [1, 2]}, None),
        ("body.$.entities[1].n", {"entities": {"a": {"n": 7}, "b": {"n": 8}}}, "8"),
        ("body.$.entities[1].n", {"entities": [{"n": 7}, {"n": 8}]}, "8"),
    ],
)
def test_items_with_names_are_items(path: str, live: Any, value: str | None) -> None:
    assert read(NAMED, path, live) == value


@given(st.lists(st.integers(0, 99), max_size=5), st.integers(-6, 6))
def test_a_list_is_read_from_its_end_where_the_index_is_negative(items: list[int], index: int) -> None:
    text = Reading(JSON, json.dumps({"a": items}).encode()).text(Address("json", "", ("a", index)))
    assert text == (str(items[index]) if -len(items) <= index < len(items) else None)


def test_a_field_with_a_dot_in_its_name_counts_before_what_stands_below() -> None:
    live = [{"id": "a", "n.m": "x", "n": {"m": "y"}}, {"id": "b", "n": {"m": "x"}}]
    assert [read([{"id": "x"}], "body.$[0].id", live[first:], Named(0, "n.m", "x")) for first in (0, 1)] == ["a", "b"]


def test_a_selectors_number_is_compared_as_it_is_written() -> None:
    live = [{"price": 1.5, "id": "a"}, {"price": 1.25, "id": "b"}]
    assert read([{"id": "x"}], "body.$[0].id", live, Named(0, "price", "1.25")) == "b"


def test_selectors_reach_into_what_is_nested() -> None:
    recorded = {"lists": [{"name": "main", "data": json.dumps({"rows": [{"n": "x", "to": "/o/1"}]})}]}
    path = "body.$.lists[0].data|json.$.rows[0].to|url.path[2]"
    address = place(path, JSON, json.dumps(recorded).encode())
    assert steps_of(address) == ("lists", 0, "data", "rows", 0, "to")
    rows = json.dumps({"rows": [{"n": "a", "to": "/o/a"}, {"n": "b", "to": "/o/b"}]})
    live = {"lists": [{"name": "side", "data": "{}"}, {"name": "main", "data": rows}]}
    assert read(recorded, path, live, Named(1, "name", "main"), Named(4, "n", "b")) == "b"


@pytest.mark.parametrize(
    ("recorded", "inner", "live", "text"),
    [
        ("/o/1?x=2", "|url.path[2]", "https://h/o/7", "7"),
        ("/o/1?x=2", "|url.query.x", "https://h/o/7", None),
        ("/o/1", "|url.target", "word", None),
        ("order-8f3a21bc", "|parts[1]", "order-7", "7"),
        ("order-8f3a21bc", "|parts[1]", "order", None),
        (jwt({"sub": "jane"}), "|jwt.payload.$.sub", jwt({"sub": "joan", "iat": 1}), "joan"),
        (jwt({"sub": "jane"}), "|jwt.payload.$.sub", "a.b.c", None),
        (jwt({"sub": "jane"}), "|jwt.payload.$.sub", "none", None),
        (packed('{"a":"b"}!!', "std", padded=True), "|base64", packed("q?>", "url", padded=False), "q?>"),
        (packed('{"a":"beta"}', "std", padded=True), "|base64.$.a", packed('{"a":"?>"}', "url", padded=False), "?>"),
        (packed('{"a":"beta"}', "std", padded=True), "|base64.$.a", "***", None),
        ("a=1&b=2", "|form.b", "b=7", "7"),
        ("ab%3Dcd", "|percent", "plain", "plain"),
        ('{"a":{"b":1}}', "|json.$.a.b", '{"a":{"b":1.50}}', "1.50"),
        ('{"a":{"b":1}}', "|json.$.a.b", "{", None),
        ('{ cart(id: "1") { id } }', "|graphql.cart.id", '{ cart(id: "7", n: 1) { id } }', "7"),
        ('{ cart(id: "1") { id } }', "|graphql.cart.id", "no query", None),
    ],
)
def test_what_is_nested_is_read_whatever_the_live_text_looks_like(
    recorded: str, inner: str, live: str, text: str | None
) -> None:
    assert read({"x": recorded}, f"body.$.x{inner}", {"x": live}) == text


@pytest.mark.parametrize(
    ("set_cookies", "value"),
    [
        ([b"sid=abc; Path=/; HttpOnly"], "abc"),
        ([b"sid=a=b; Secure"], "a=b"),
        ([b"sid=old", b"sid=new"], "new"),
        ([b"sid=; Max-Age=0"], None),
        ([b"sid=abc; Max-Age=0"], None),
        ([b"sid=abc; max-age=-1; Expires=Sun, 22 Nov 2099 09:00:00 GMT"], None),
        ([b"sid=abc; Max-Age=5; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], "abc"),
        ([b"sid=abc; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], None),
        ([b"sid=abc; expires=Thu, 01-Jan-1970 00:00:00 GMT; path=/"], None),
        ([b"sid=abc; Expires=Sun, 22 Nov 2026 09:00:00 GMT"], "abc"),
        ([b"sid=abc; Expires=nonsense; Max-Age=many"], "abc"),
        ([b"sid=abc", b"sid=; Max-Age=0"], None),
        ([b"sid=; Max-Age=0", b"sid=new"], "new"),
        ([b"sid2=abc", b"sid"], None),
        ([], None),
    ],
)
def test_a_cookie_is_read_as_a_browser_keeps_it(set_cookies: list[bytes], value: str | None) -> None:
    headers = tuple((b"Set-Cookie", cookie) for cookie in set_cookies)
    assert Reading(headers, b"").text(Address("cookie", "sid")) == value


def test_a_cookie_that_ran_out_before_the_answer_was_given_is_deleted() -> None:
    headers = (
        (b"Date", b"Sun, 22 Nov 2026 09:00:01 GMT"),
        (b"Set-Cookie", b"sid=abc; Expires=Sun, 22 Nov 2026 09:00:00 GMT"),
    )
    assert Reading(headers, b"").text(Address("cookie", "sid")) is None


def test_a_header_is_read_whatever_its_case_and_into() -> None:
    address = place("header.location|url.query.token", ((b"location", b"/x?token=1"),), b"")
    assert Reading(((b"LOCATION", b"https://h/y?a=b&token=8f3a%20"),), b"").text(address) == "8f3a "
    assert Reading(((b"X-A", b"1"),), b"").text(address) is None


def test_a_pages_token_is_read_where_its_form_is() -> None:
    page = b"<form id=a><input name=csrf value=one></form><form id=b><input name=csrf value=two></form>"
    address = place("html.form(b).input.csrf", HTML, page)
    assert Reading(HTML, b"<form id=b><p><input value=x&amp;y name=csrf>").text(address) == "x&y"


def test_of_several_values_of_one_name_the_first_is_read() -> None:
    assert Reading(((b"X-A", b"1"), (b"x-a", b"2")), b"").text(Address("header", "x-a")) == "1"


EVENTS = b'event: a\ndata: {"n":"x","id":"one"}\n\nevent: b\ndata: {"n":"y","id":"two"}\n\ndata: plain\n\n'


def test_an_event_is_read_by_its_number_or_by_what_its_data_says() -> None:
    address = place("body.sse[1].data.$.id", SSE, EVENTS)
    live = b': hi\n\ndata: {"n":"y",\ndata: "id":"first"}\n\ndata: {"n":"z","id":"second"}\n\n'
    assert Reading(SSE, live).text(address) == "first"
    assert Reading(SSE, live).text(address, [Named(0, "n", "z")]) == "second"
    assert Reading(SSE, live[:4]).text(address) is None


@pytest.mark.parametrize(("path", "text"), [("body.sse[1].event", "b"), ("body.sse[2].data", "plain")])
def test_an_events_name_and_text_are_read(path: str, text: str) -> None:
    assert Reading(SSE, EVENTS).text(place(path, SSE, EVENTS)) == text


def test_a_line_is_read_by_its_number_or_by_what_it_says() -> None:
    lines = b'{"n":"x","to":"/o/1"}\n{"n":"y","to":"/o/2"}\nplain\n'
    address = place("body.line[1].$.to|url.path[2]", NDJSON, lines)
    live = b'\n{"n":"a","to":"/o/a"}\n{"n":"b","to":"/o/b"}\nplain\n'
    assert Reading(NDJSON, live).text(address) == "b"
    assert Reading(NDJSON, live).text(address, [Named(0, "n", "a")]) == "a"
    assert Reading(NDJSON, live).text(place("body.line[2]", NDJSON, lines)) == "plain"


def test_a_whole_body_is_read_as_text() -> None:
    assert (Reading((), b"token-1").text(Address("text")), Reading((), b"").text(Address("text"))) == ("token-1", None)


def test_equal_places_of_two_answers_have_one_address() -> None:
    one, two = (place("body.$.a|url.path[1]", JSON, b'{"a":"/%s"}' % text) for text in (b"x", b"y"))
    assert len({one, two}) == 1


@pytest.mark.parametrize(
    ("keys", "there"),
    [(("a", 0), True), (("a",), True), (("a", 1), False), (("b",), False), (("c", "d"), False), ((), True)],
)
def test_a_place_exists_when_it_holds_anything_but_null(keys: tuple[str | int, ...], there: bool) -> None:
    assert Reading(JSON, b'{"a":[{}],"b":null,"c":1.5}').exists(keys) is there
