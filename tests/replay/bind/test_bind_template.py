"""A compiled request is the recorded one, except for its holes and for what must follow the target."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, quote, urlencode

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

JSON = ((b"content-type", b"application/json"),)
FORM = ((b"content-type", b"application/x-www-form-urlencoded"),)
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


SERVERS = frozenset({b"sid", b"cart"})


def cookie_lines(request: Request, jar: Mapping[bytes, bytes], *paths: str, keeps: bool = True) -> list[bytes]:
    """The lines of the head behind the first, with these leaves' holes filled with `new`."""
    leaves = [leaf for leaf in request_leaves(request) if leaf.path in paths]
    template = compile_request(
        request, leaves, authority=WHERE.authority, move=WHERE.move, set_by_server=SERVERS if keeps else None
    )
    return template.render(["new"] * len(leaves), lambda _: jar).split(b"\r\n\r\n")[0].split(b"\r\n")[1:]


def with_cookie(value: bytes) -> Request:
    return a_request(headers=((b"Host", b"shop.example"), (b"X-A", b"1"), (b"Cookie", value), (b"X-B", b"2")))


@pytest.mark.parametrize(
    ("recorded", "jar", "sent"),
    [
        (b"sid=old; a=1; cart=3", {b"sid": b"live", b"cart": b"9"}, b"sid=live; a=1; cart=9"),
        (b"sid=old; a=1; cart=3", {b"cart": b"9"}, b"a=1; cart=9"),
        (b"sid=old; a=1", {b"sid": b"live", b"extra": b"x"}, b"sid=live; a=1; extra=x"),
        (b"a=1", {b"sid": b"live"}, b"a=1; sid=live"),
        (b"a=1;b= 2 ;; c", {}, b"a=1; b=2; c"),
        (b'a="1; sid=x"', {b"sid": b"live"}, b'a="1; sid=live'),
        (b"a=1=2; sid=", {b"sid": b""}, b"a=1=2; sid="),
    ],
)
def test_what_a_server_sets_is_the_jars_and_what_the_client_made_is_as_recorded(
    recorded: bytes, jar: Mapping[bytes, bytes], sent: bytes
) -> None:
    assert cookie_lines(with_cookie(recorded), jar) == [
        b"Host: 127.0.0.1:8001",
        b"X-A: 1",
        b"Cookie: " + sent,
        b"X-B: 2",
    ]


def test_without_any_cookie_to_send_there_is_no_line_for_them() -> None:
    assert cookie_lines(with_cookie(b"sid=old; cart=3"), {}) == [b"Host: 127.0.0.1:8001", b"X-A: 1", b"X-B: 2"]


def test_a_request_that_had_no_cookies_sends_what_the_jar_has_by_then() -> None:
    request = a_request(headers=((b"Host", b"shop.example"), (b"X-A", b"1")))
    assert cookie_lines(request, {b"sid": b"live"}) == [b"Host: 127.0.0.1:8001", b"X-A: 1", b"cookie: sid=live"]


@pytest.mark.parametrize("recorded", [b"sid=old; a=1;b=2", b"sid=old", b"a"])
def test_a_client_that_keeps_no_cookies_sends_its_header_with_the_recorded_values(recorded: bytes) -> None:
    lines = cookie_lines(with_cookie(recorded), {}, keeps=False)
    assert lines[2].replace(b" ", b"") == b"Cookie:" + recorded.replace(b" ", b"")


def test_a_client_that_keeps_no_cookies_is_sent_none_where_it_had_no_header() -> None:
    request = a_request(headers=((b"X-A", b"1"),))
    assert cookie_lines(request, {}, keeps=False) == [b"host: 127.0.0.1:8001", b"X-A: 1"]


def test_a_hole_in_a_servers_cookie_counts_more_than_the_jar() -> None:
    assert cookie_lines(with_cookie(b"sid=old; a=1"), {b"sid": b"live"}, "cookie.sid")[2] == b"Cookie: sid=new; a=1"


@given(
    st.lists(st.tuples(st.sampled_from([b"sid", b"cart", b"a", b"b"]), st.sampled_from([b"1", b"2"])), max_size=5),
    st.dictionaries(st.sampled_from([b"sid", b"cart", b"new"]), st.sampled_from([b"8", b"9"])),
)
def test_every_cookie_sent_is_the_jars_or_the_clients_own_and_all_of_the_jars_are(
    recorded: list[tuple[bytes, bytes]], jar: dict[bytes, bytes]
) -> None:
    header = b"; ".join(name + b"=" + value for name, value in recorded)
    lines = cookie_lines(a_request(headers=((b"cookie", header),) if recorded else ()), jar)
    pairs = [pair for line in lines[1:] for pair in line.removeprefix(b"cookie: ").split(b"; ")]
    own = [name + b"=" + value for name, value in recorded if name not in SERVERS]
    servers = [name + b"=" + jar[name] for name, _ in recorded if name in SERVERS and name in jar]
    rest = [name + b"=" + value for name, value in jar.items() if name not in {name for name, _ in recorded}]
    assert sorted(pairs) == sorted(own + servers + rest)


def nested(request: Request, *paths: str) -> Template:
    """The request with a hole for each of these leaves, nested ones too, in this order."""
    leaves = {leaf.path: leaf for leaf in request_leaves(request, nested=True)}
    return compiled(request, *(leaves[path] for path in paths))


@given(st.text(st.characters(exclude_categories=["C"]), max_size=30))
def test_a_value_of_json_in_a_string_in_a_form_is_encoded_three_times(value: str) -> None:
    document = orjson.dumps({"id": "t", "n": 1}).decode()
    body = urlencode({"a": "1", "state": document, "b": "2"}).encode()
    wire = nested(a_request(headers=FORM, body=body), "form.state|json.$.id").render([value])
    form = dict(parse_qsl(parse(wire)[3].decode(), keep_blank_values=True))
    assert (form["a"], form["b"], orjson.loads(form["state"])) == ("1", "2", {"id": value, "n": 1})


@given(st.text(st.characters(exclude_categories=["C"]), max_size=30))
def test_a_value_of_json_in_base64_in_a_query_in_json_is_encoded_four_times(value: str) -> None:
    inside = base64.b64encode(orjson.dumps({"id": "token-123456", "n": 1})).decode()
    body = orjson.dumps({"next": f"https://me.example/back?state={quote(inside, safe='')}&x=1"})
    path = "body.$.next|url.query.state|base64.$.id"
    sent = orjson.loads(parse(nested(a_request(headers=JSON, body=body), path).render([value]))[3])["next"]
    query = dict(parse_qsl(sent.partition("?")[2]))
    assert (query["x"], orjson.loads(base64.b64decode(query["state"]))) == ("1", {"id": value, "n": 1})


def test_two_values_inside_one_text_are_each_replaced_and_the_rest_stays_byte_for_byte() -> None:
    body = rb'{"said": "{\"a\" : \"one\",\"b\":[\"two\", 3.10]}" }'
    template = nested(a_request(headers=JSON, body=body), "body.$.said|json.$.b[0]", "body.$.said|json.$.a")
    expected = rb'{"said": "{\"a\" : \"A\",\"b\":[\"B\\\"\", 3.10]}" }'
    assert parse(template.render(['B"', "A"]))[3] == expected


def test_the_signature_of_a_token_stays_and_its_claim_is_new() -> None:
    header, claims = (
        base64.urlsafe_b64encode(orjson.dumps(part)).decode().rstrip("=") for part in ({"alg": "HS256"}, {"sub": "t"})
    )
    request = a_request(headers=((b"Authorization", f"Bearer {header}.{claims}.c2ln".encode()),))
    sent = dict(parse(nested(request, "auth.bearer|jwt.payload.$.sub").render(["new"]))[2])[b"Authorization"]
    first, second, third = sent.split(b".")
    assert (first, orjson.loads(base64.urlsafe_b64decode(second + b"==")), third) == (
        f"Bearer {header}".encode(),
        {"sub": "new"},
        b"c2ln",
    )


@pytest.mark.parametrize(
    ("request_", "path", "sent"),
    [
        (
            lambda: a_request(headers=((b"Referer", b"https://shop.example/orders/tok12345?x=1"),)),
            "header.referer|url.path[2]",
            b"Referer: http://127.0.0.1:8001/orders/new?x=1\r\n",
        ),
        (
            lambda: a_request(
                headers=JSON, body=b'{"next": "http://shop.example/o/tok12345", "to": "https://shop.example/"}'
            ),
            "body.$.next|url.path[2]",
            b'{"next": "http://127.0.0.1:8001/o/new", "to": "http://127.0.0.1:8001/"}',
        ),
    ],
)
def test_an_own_url_with_a_hole_in_it_follows_the_target_too(
    request_: Callable[[], Request], path: str, sent: bytes
) -> None:
    assert sent in nested(request_(), path).render(["new"])


def test_a_body_that_was_not_kept_cannot_be_compiled() -> None:
    with pytest.raises(ValueError, match="not kept"):
        compiled(a_request(body=None))


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
