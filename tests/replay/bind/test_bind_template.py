"""A compiled request is the recorded one, except for its holes and for what must follow the target."""

from __future__ import annotations

import gzip

import brotli
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.bind import place
from replay.bind.template import Template, compile_request
from replay.wire import parse
from traces.lens import Leaf, request_leaves
from traces.model import HeaderPairs, Request

WHERE = place("http://127.0.0.1:8001", [b"shop.example", b"shop.example:8443"])


def a_request(
    target: bytes = b"/", headers: HeaderPairs = (), body: bytes | None = b"", method: bytes = b"POST"
) -> Request:
    return Request(method=method, scheme=b"http", authority=b"shop.example", target=target, headers=headers, body=body)


def compiled(request: Request, *leaves: Leaf) -> Template:
    """The request with a hole for each of these leaves."""
    return compile_request(request, leaves, authority=WHERE.authority, move=WHERE.move)


def filled(request: Request, path: str, value: str) -> bytes:
    """The request on the wire with `value` in the leaf at `path`."""
    (leaf,) = [leaf for leaf in request_leaves(request) if leaf.path == path]
    return compiled(request, leaf).render([value])


def test_a_request_without_holes_goes_out_as_recorded() -> None:
    headers = ((b"Host", b"shop.example"), (b"X-B", b"2"), (b"x-a", b""), (b"X-B", b"3"), (b"Content-Length", b"5"))
    wire = compiled(a_request(b"/a%2Fb/../c?x=%20&&y", headers, b"a=b&c")).render([])
    assert wire == (
        b"POST /a%2Fb/../c?x=%20&&y HTTP/1.1\r\nHost: 127.0.0.1:8001\r\nX-B: 2\r\nx-a: \r\nX-B: 3\r\n"
        b"content-length: 5\r\n\r\na=b&c"
    )


names = st.from_regex(rb"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True).map(lambda name: b"X-" + name)
values = st.from_regex(rb"[!-~]([ -~]{0,12}[!-~])?", fullmatch=True).filter(lambda value: b"shop.example" not in value)


@given(st.lists(st.tuples(names, values), max_size=6).map(tuple), st.binary(max_size=80))
def test_headers_and_body_without_holes_survive_byte_for_byte(headers: HeaderPairs, body: bytes) -> None:
    _, _, sent, sent_body = parse(compiled(a_request(headers=headers, body=body)).render([]))
    extra = [(b"content-length", b"%d" % len(body))] if body else []
    assert (sent, sent_body) == ([(b"host", b"127.0.0.1:8001"), *headers, *extra], body)


@pytest.mark.parametrize(
    "name",
    [b"Connection", b"Keep-Alive", b"TE", b"Trailer", b"Transfer-Encoding", b"Upgrade", b"Expect", b"X-Hop", b":path"],
)
def test_headers_of_one_hop_are_dropped(name: bytes) -> None:
    value = b"keep-alive, x-hop" if name == b"Connection" else b"1"
    request = a_request(headers=((b"Connection", b"x-hop"), (name, value), (b"X-Kept", b"1")))
    _, _, headers, _ = parse(compiled(request).render([]))
    assert [key for key, _ in headers] == [b"host", b"X-Kept"]


def test_a_post_that_said_its_length_is_zero_says_it_again() -> None:
    wire = compiled(a_request(headers=((b"content-length", b"0"),))).render([])
    assert wire == b"POST / HTTP/1.1\r\nhost: 127.0.0.1:8001\r\ncontent-length: 0\r\n\r\n"


def test_a_chunked_body_is_sent_with_its_length() -> None:
    wire = compiled(a_request(headers=((b"transfer-encoding", b"chunked"),), body=b"abc")).render([])
    assert wire.endswith(b"content-length: 3\r\n\r\nabc")


@pytest.mark.parametrize(
    ("recorded", "sent"),
    [
        (b"http://shop.example", b"http://127.0.0.1:8001"),
        (b"https://shop.example/cart?x=1", b"http://127.0.0.1:8001/cart?x=1"),
        (b"https://shop.example:8443/", b"http://127.0.0.1:8001/"),
        (b"https://shop.example.org/", b"https://shop.example.org/"),
        (b"https://shop.example:9000/", b"https://shop.example:9000/"),
        (b"https://myshop.example/", b"https://myshop.example/"),
    ],
)
def test_own_absolute_urls_follow_the_target_and_no_others(recorded: bytes, sent: bytes) -> None:
    request = a_request(headers=((b"Origin", recorded),), body=b'{"return":"%s"}' % recorded)
    _, _, headers, body = parse(compiled(request).render([]))
    assert (dict(headers)[b"Origin"], body) == (sent, b'{"return":"%s"}' % sent)


def test_cookies_that_came_in_pieces_go_out_on_one_line() -> None:
    request = a_request(headers=((b"cookie", b"a=1"), (b"x-a", b"1"), (b"cookie", b"sid=t"), (b"cookie", b"b=2")))
    assert b"\r\ncookie: a=1; sid=new; b=2\r\nx-a: 1\r\n" in filled(request, "cookie.sid", "new")


def test_a_body_that_was_not_kept_cannot_be_compiled() -> None:
    with pytest.raises(ValueError, match="not kept"):
        compiled(a_request(body=None))


JSON = ((b"content-type", b"application/json"),)
FORM = ((b"content-type", b"application/x-www-form-urlencoded"),)
VALUE = 'a/b "ü" &=+%;'


@pytest.mark.parametrize(
    ("request_", "path", "value", "expected"),
    [
        (a_request(b"/c/tok1/confirm"), "path[2]", VALUE, b"/c/a%2Fb%20%22%C3%BC%22%20&=+%25;/confirm HTTP/1.1\r\n"),
        (a_request(b"/c?a=1&tok=2"), "query.tok", VALUE, b"/c?a=1&tok=a%2Fb+%22%C3%BC%22+%26%3D%2B%25%3B HTTP"),
        (a_request(headers=((b"X-CSRF", b"t"),)), "header.x-csrf", "new", b"X-CSRF: new\r\n"),
        (a_request(headers=((b"Authorization", b"Bearer t"),)), "auth.bearer", "new", b"Authorization: Bearer new\r\n"),
        (a_request(headers=((b"Cookie", b"a=1; sid=t; b=2"),)), "cookie.sid", "new", b"Cookie: a=1; sid=new; b=2\r\n"),
        (
            a_request(headers=JSON, body=b'{"a": "t", "b":1}'),
            "body.$.a",
            VALUE,
            b'{"a": "a/b \\"\xc3\xbc\\" &=+%;", "b":1}',
        ),
        (a_request(headers=JSON, body=b'{"n": 12}'), "body.$.n", "7", b'{"n": 7}'),
        (
            a_request(headers=FORM, body=b"a=1&tok=t&b="),
            "form.tok",
            VALUE,
            b"a=1&tok=a%2Fb+%22%C3%BC%22+%26%3D%2B%25%3B&b=",
        ),
    ],
)
def test_a_value_is_coded_as_its_place_wants_it(request_: Request, path: str, value: str, expected: bytes) -> None:
    assert expected in filled(request_, path, value)


@given(st.text(max_size=40))
def test_any_text_comes_back_out_of_the_json_it_was_put_in(value: str) -> None:
    request = a_request(headers=JSON, body=b'{"before":[1,2],"token":"recorded-1","after":{}}')
    _, _, headers, body = parse(filled(request, "body.$.token", value))
    document = orjson.loads(body) if value.isprintable() else None
    lengths = (int(dict(headers)[b"content-length"]), len(body))
    assert (lengths[0], document) == (
        lengths[1],
        {"before": [1, 2], "token": value, "after": {}} if value.isprintable() else None,
    )


@given(st.text(min_size=1, max_size=40).filter(lambda value: value not in {".", ".."}))
def test_any_text_comes_back_out_of_the_path_segment_it_was_put_in(value: str) -> None:
    _, target, _, _ = parse(filled(a_request(b"/c/tok1/confirm"), "path[2]", value))
    leaves = {leaf.path: leaf.text for leaf in request_leaves(a_request(target))}
    assert leaves == {"path[1]": "c", "path[2]": value, "path[3]": "confirm"}


@pytest.mark.parametrize(
    ("encoding", "pack", "unpack"),
    [(b"gzip", gzip.compress, gzip.decompress), (b"br", brotli.compress, brotli.decompress)],
)
def test_a_compressed_body_is_compressed_again_around_its_new_value(encoding, pack, unpack) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - two libraries' functions
    request = a_request(headers=(*JSON, (b"content-encoding", encoding)), body=pack(b'{"token":"t"}'))
    _, _, headers, body = parse(filled(request, "body.$.token", "new"))
    assert (unpack(body), int(dict(headers)[b"content-length"])) == (b'{"token":"new"}', len(body))


def test_a_compressed_body_without_holes_is_sent_as_it_was() -> None:
    packed = gzip.compress(b'{"a":1}', compresslevel=1, mtime=5)
    request = a_request(headers=(*JSON, (b"content-encoding", b"gzip")), body=packed)
    assert parse(compiled(request).render([]))[3] == packed


def test_a_body_of_an_unknown_encoding_is_sent_as_it_was_around_its_holes() -> None:
    request = a_request(headers=((b"content-encoding", b"aws-chunked"),), body=b"0123456789")
    hole = Leaf(part="body", path="body", start=2, end=4, text="23")
    assert parse(compiled(request, hole).render(["xx"]))[3] == b"01xx456789"


@pytest.mark.parametrize(
    ("target", "sent"),
    [
        (b"http://shop.example/c/tok1", b"/c/new"),
        (b"/c/tok1", b"/c/new"),
    ],
)
def test_a_hole_in_an_absolute_target_stands_where_it_should(target: bytes, sent: bytes) -> None:
    (leaf,) = [leaf for leaf in request_leaves(a_request(target)) if leaf.text == "tok1"]
    assert parse(compiled(a_request(target), leaf).render(["new"]))[1] == sent


@pytest.mark.parametrize(
    ("target", "sent"), [(b"http://shop.example", b"/"), (b"http://shop.example?a=1", b"/?a=1"), (b"*", b"*")]
)
def test_a_target_without_path_is_the_root(target: bytes, sent: bytes) -> None:
    assert parse(compiled(a_request(target)).render([]))[1] == sent


def test_of_two_nested_holes_the_outer_one_is_cut() -> None:
    leaves = [Leaf("target", "path", 3, 5, "cd"), Leaf("target", "path", 1, 7, "abcdef")]
    assert parse(compiled(a_request(b"/abcdefg"), *leaves).render(["inner", "outer"]))[1] == b"/outerg"


@given(st.data())
def test_a_hole_filled_with_its_recorded_text_changes_nothing(data: st.DataObject) -> None:
    request = a_request(
        b"/c/tok%201?q=a+b&r=%26",
        ((b"Cookie", b"sid=1; b=2"), (b"Authorization", b"Bearer t"), *JSON),
        orjson.dumps({"a": {"b": ["x", 'y"\\'], "n": 1.5, "none": None}}),
    )
    leaves = request_leaves(request)
    chosen = data.draw(st.lists(st.sampled_from(leaves), unique_by=lambda leaf: (leaf.part, leaf.header, leaf.start)))
    assert compiled(request, *chosen).render([leaf.text for leaf in chosen]) == compiled(request).render([])
