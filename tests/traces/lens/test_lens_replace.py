"""What is replaced changes, and not a byte else: in every codec, to every depth, on made-up and on real messages."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.traces.lens.messages import jwt, requests, responses
from tests.traces.links.scene import recording
from traces.lens import (
    Cut,
    Leaf,
    body_leaves,
    cuts,
    decoded_body,
    encode_content,
    replace_request,
    replace_response,
    request_leaves,
    response_leaves,
    stencil,
)
from traces.model import HeaderPairs, Request, Response

#: Another character of the same kind: a hex digit for a hex digit, so that a uuid stays one.
SHIFTED = str.maketrans(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "7890123456bcdefahijklmnopqrstuvwxyzgBCDEFAHIJKLMNOPQRSTUVWXYZG",
)
slow = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def a_request(target: bytes = b"/", headers: HeaderPairs = (), body: bytes = b"", kind: bytes = b"") -> Request:
    headers = ((b"Content-Type", kind), *headers) if kind else headers
    return Request(method=b"POST", scheme=b"http", authority=b"shop", target=target, headers=headers, body=body)


def nested(message: Request | Response, *, names: bool = False) -> list[Leaf]:
    if isinstance(message, Request):
        return request_leaves(message, nested=True, names=names)
    return response_leaves(message, nested=True, names=names)


def outward(leaf: Leaf | None) -> Iterable[str]:
    """The paths of a leaf and of all that it stands in."""
    while leaf is not None:
        yield leaf.path
        leaf = leaf.outer


def another(leaf: Leaf) -> str:
    """A text of the leaf's shape: letters stay letters, digits digits."""
    text = leaf.text.translate(SHIFTED)
    # A piece must still look issued, and what is percent-encoded still have something to encode.
    return text if leaf.codec == "parts" or "|percent" in leaf.path else f"{text}9z"


@given(requests(), st.booleans())
@slow
def test_replacing_nothing_or_every_leaf_by_itself_gives_the_same_request(request: Request, names: bool) -> None:
    leaves = nested(request, names=names)
    assert replace_request(request, {}) is request
    assert replace_request(request, {leaf: leaf.text for leaf in leaves}) is request


def outers(leaf: Leaf) -> Iterator[Leaf]:
    while leaf.outer is not None:
        leaf = leaf.outer
        yield leaf


def innermost(leaves: list[Leaf]) -> list[Leaf]:
    """The leaves with nothing below them, that overlap no other and that no other's path is made of."""
    above = {id(leaf.outer) for leaf in leaves}
    named_after = ("html.a", "header.content-type")
    return [
        leaf
        for leaf in leaves
        if id(leaf) not in above
        and not leaf.number
        and leaf.text
        and not leaf.path.startswith(named_after)
        and ".action" not in leaf.path
        and not leaf.path.endswith("|url.target")
    ]


def put(message: Request | Response, new: dict[Leaf, str]) -> Request | Response:
    return replace_request(message, new) if isinstance(message, Request) else replace_response(message, new)


@given(requests() | responses(), st.data())
@slow
def test_replacing_one_leaf_changes_that_leaf_and_no_other(message: Request | Response, data: st.DataObject) -> None:
    leaves = nested(message)
    alone = innermost(leaves)
    assume(alone)
    leaf = data.draw(st.sampled_from(alone))
    new = another(leaf)
    after = nested(put(message, {leaf: new}))
    changed = set(outward(leaf))

    def others(found: list[Leaf]) -> list[tuple[str, str]]:
        # A URL's target is its path and query once more.
        other = [x for x in found if not x.path.startswith(f"{leaf.path}|") and not x.path.endswith("|url.target")]
        return [(x.path, x.text) for x in other if x.path not in changed]

    assert others(after) == others(leaves)
    assert new in [x.text for x in after if x.path == leaf.path]


@given(requests() | responses(), st.data())
@slow
def test_a_leaf_replaced_and_put_back_leaves_every_byte_as_it_was(
    message: Request | Response, data: st.DataObject
) -> None:
    leaves = nested(message)
    alone = [leaf for leaf in innermost(leaves) if leaf.text.isascii() and leaf.text.isalnum()]
    assume(alone)
    leaf = data.draw(st.sampled_from(alone))
    place = [x.path for x in leaves].index(leaf.path)
    assume(leaves[place] == leaf)
    # What a client escaped though it need not have is written plainly when what stands in it changes.
    around = list(outers(leaf))
    assume(all(bytes_of(put(message, {outer: outer.text})) == bytes_of(message) for outer in around))
    # Of the same length: base64 that needs no padding does not say whether it would have any.
    there = put(message, {leaf: leaf.text.translate(SHIFTED)})
    found = next(x for x in nested(there) if x.path == leaf.path)
    back = put(there, {found: leaf.text})
    assert bytes_of(back) == bytes_of(message)


def bytes_of(message: Request | Response) -> object:
    target = message.target if isinstance(message, Request) else b""
    # A body that was packed is packed anew, by our own packer.
    heads = [(name, value) for name, value in message.headers if name != b"Content-Length"]
    return target, heads, decoded_body(message.headers, message.body)


kinds = st.sampled_from(
    [b"application/json", b"text/html", b"text/event-stream", b"application/x-ndjson", b"", b"text/plain"]
)
junk = st.binary(max_size=50) | st.text('{}[]":,1<a =\'">/&;%20data:\n', max_size=50).map(str.encode)


@given(kinds, junk, junk, st.text(st.characters(), max_size=8))
def test_malformed_messages_are_replaced_in_and_nothing_is_raised(
    kind: bytes, target: bytes, body: bytes, text: str
) -> None:
    request = a_request(b"/" + target, ((b"X-A", target.replace(b"\n", b"").replace(b"\r", b"")),), body, kind)
    for leaf in nested(request, names=True):
        try:
            after = replace_request(request, {leaf: text})
        except ValueError:
            assert "\n" in text or "\r" in text
        else:
            assert isinstance(nested(after), list)


def replaced(request: Request, path: str, text: str) -> Request:
    """The request with `text` at the one leaf of this path."""
    (leaf,) = [leaf for leaf in nested(request, names=True) if leaf.path == path]
    return replace_request(request, {leaf: text})


INNER = r"{ \"b\" :\t\"\/\u00e9\", \"id\": \"8f3a21bc\" }"


@pytest.mark.parametrize(
    ("body", "path", "after"),
    [
        (b'{ "a" : 1.10,\n "b":"\\u00e9", "b":"x" }', "body.$.a", b'{ "a" : 2,\n "b":"\\u00e9", "b":"x" }'),
        (b'{"b":"\\u00e9","a":"x"}', "body.$.a", b'{"b":"\\u00e9","a":"2"}'),
        (f'["{INNER}"]'.encode(), "body.$[0]|json.$.id", f'["{INNER.replace("8f3a21bc", "2")}"]'.encode()),
        (b'{"u":"http:\\/\\/h\\/a?x=%2f&y=1#f"}', "body.$.u|url.query.y", b'{"u":"http:\\/\\/h\\/a?x=%2f&y=2#f"}'),
        (b'{"a":"IiB7fQ%3d%3D"}', "body.$.a|percent", b'{"a":"2"}'),
        (b'{"Jane":"x"}', "body.$.Jane{name}", b'{"2":"x"}'),
        (b'{"a":{"jane@example.com":"x"}}', "body.$.a[0]{name}", b'{"a":{"2":"x"}}'),
        (b'{"a":{"8f3a21bc90":{"n":1},"b":2}}', "body.$.a[0].n", b'{"a":{"8f3a21bc90":{"n":2},"b":2}}'),
        (b'["t=17000,v1=abcdef12"]', "body.$[0]|parts[3]", b'["t=17000,v1=2"]'),
        (b'["{a(id: \\"x\\",   n: 5){b}}"]', "body.$[0]|graphql.a.n", b'["{a(id: \\"x\\",   n: 2){b}}"]'),
    ],
)
def test_every_byte_around_what_is_replaced_stays(body: bytes, path: str, after: bytes) -> None:
    assert replaced(a_request(body=body, kind=b"application/json"), path, "2").body == after


def test_base64_keeps_its_alphabet_and_its_padding() -> None:
    def written(*, url_safe: bool, padded: bool, text: str = "??>>~~ 1") -> bytes:
        data = json.dumps({"a": text, "b": 1}).encode()
        packed = base64.urlsafe_b64encode(data) if url_safe else base64.b64encode(data)
        return packed if padded else packed.rstrip(b"=")

    for url_safe, padded in [(True, False), (True, True), (False, True), (False, False)]:
        request = a_request(body=written(url_safe=url_safe, padded=padded), kind=b"text/plain")
        after = replaced(request, "body|base64.$.a", "~~??>>>>> longer").body
        assert after == written(url_safe=url_safe, padded=padded, text="~~??>>>>> longer")


def test_a_jwts_other_segments_stay_and_so_does_its_signature() -> None:
    token = jwt({"sub": "jane", "n": 1})
    request = a_request(headers=((b"Authorization", f"Bearer {token}".encode()),))
    after = replaced(request, "auth.bearer|jwt.payload.$.sub", "joan").headers[0][1].decode()
    header, payload, signature = after.removeprefix("Bearer ").split(".")
    assert (header, signature) == (token.split(".")[0], token.split(".")[2])
    assert base64.urlsafe_b64decode(payload + "==") == b'{"sub":"joan","n":1}'


def test_two_leaves_of_one_token_are_both_replaced() -> None:
    request = a_request(headers=((b"X-T", jwt({"sub": "jane"}).encode()),))
    by_path = {leaf.path: leaf for leaf in nested(request)}
    new = {by_path["header.x-t|jwt.header.$.alg"]: "none", by_path["header.x-t|jwt.payload.$.sub"]: "joan"}
    after = {leaf.path: leaf.text for leaf in nested(replace_request(request, new))}
    assert (after["header.x-t|jwt.header.$.alg"], after["header.x-t|jwt.payload.$.sub"]) == ("none", "joan")


def test_a_password_is_replaced_inside_its_credentials() -> None:
    request = a_request(headers=((b"Authorization", b"Basic " + base64.b64encode(b"jane:secret")),))
    after = replaced(request, "auth.basic|basic.password", "other").headers
    assert after == ((b"Authorization", b"Basic " + base64.b64encode(b"jane:other")),)


def test_every_part_of_a_message_is_replaced_in_its_coding() -> None:
    headers = ((b"Cookie", b"a=1; sid=x ; b=2"), (b"Content-Type", b"application/x-www-form-urlencoded"))
    request = a_request(b"/a%2fb/x?q=1&r=%20", headers, b"m=1&n=+2")
    new = {"path[2]": "c/d", "query.q": "a b&", "cookie.sid": "y", "form.m": "\u00e9=", "header.content-type": "text/x"}
    after = replace_request(request, {leaf: new[leaf.path] for leaf in nested(request) if leaf.path in new})
    assert (after.target, after.body) == (b"/a%2fb/c%2Fd?q=a+b%26&r=%20", b"m=%C3%A9%3D&n=+2")
    assert after.headers == ((b"Cookie", b"a=1; sid=y ; b=2"), (b"Content-Type", b"text/x"))


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate", "gzip, br"])
def test_a_packed_body_is_unpacked_and_packed_anew_and_says_its_length(encoding: str) -> None:
    packed = encode_content(b'{"id":"8f3a21bc"}', encoding)
    headers = ((b"Content-Encoding", encoding.encode()), (b"content-length", b"%d" % len(packed)), (b"X-A", b"1"))
    request = a_request(headers=headers, body=packed, kind=b"application/json")
    after = replaced(request, "body.$.id", "another and longer")
    assert decoded_body(after.headers, after.body) == b'{"id":"another and longer"}'
    assert dict(after.headers)[b"content-length"] == b"%d" % len(after.body or b"")


def test_a_body_whose_encoding_is_unknown_is_replaced_as_it_stands() -> None:
    request = a_request(headers=((b"Content-Encoding", b"rot13"),), body=b'{"a":"x"}')
    assert replaced(request, "body.$.a", "y").body == b'{"a":"y"}'


def test_of_two_leaves_one_in_the_other_the_outer_ones_text_counts() -> None:
    request = a_request(body=b'{"u":"/a/b?c=8f3a21bc"}')
    leaves = [x for x in nested(request) if x.path.startswith("body")]
    assert replace_request(request, {leaf: f"new{n}" for n, leaf in enumerate(leaves)}).body == b'{"u":"new0"}'
    inner = [x for x in leaves if x.outer is not None]
    assert replace_request(request, {leaf: f"/n{n}" for n, leaf in enumerate(inner)}).body == b'{"u":"/n0"}'


@pytest.mark.parametrize("path", ["header.x-a", "header.x-a|parts[1]", "cookie.sid"])
def test_no_text_can_begin_another_header(path: str) -> None:
    request = a_request(headers=((b"X-A", b"order-8f3a21bc"), (b"Cookie", b"sid=1")))
    with pytest.raises(ValueError, match="line break"):
        replaced(request, path, "a\r\nX-Evil: 1")


def test_a_line_break_in_a_target_is_escaped() -> None:
    assert replaced(a_request(b"/a?q=1"), "query.q", "a\nb").target == b"/a?q=a%0Ab"


@pytest.mark.parametrize("name", ["polar-locust.mitm", "oscarapi.mitm"])
def test_a_real_recording_comes_back_byte_for_byte(name: str) -> None:
    for exchange in recording(name):
        request, response = exchange.request, exchange.response
        for names in (False, True):
            assert replace_request(request, {x: x.text for x in nested(request, names=names)}) is request
            if response is not None:
                assert replace_response(response, {x: x.text for x in nested(response, names=names)}) is response


@pytest.mark.parametrize("name", ["polar-locust.mitm", "oscarapi.mitm"])
def test_of_a_real_recording_every_leaf_replaced_and_put_back_is_the_recording(name: str) -> None:
    """All issued values of a message at once, so that every codec of it is undone and redone."""
    for exchange in recording(name)[::7]:
        for message in (exchange.request, exchange.response):
            if message is None:
                continue
            leaves = nested(message)
            paths = Counter(x.path for x in leaves)
            old = {
                x.path: x.text
                for x in innermost(leaves)
                if x.text.isascii() and x.text.isalnum() and paths[x.path] == 1
            }
            there = put(message, {x: x.text.translate(SHIFTED) for x in leaves if x.path in old})
            assert bytes_of(there) != bytes_of(message) or not old
            back = put(there, {x: old[x.path] for x in nested(there) if x.path in old})
            assert bytes_of(back) == bytes_of(message)


def test_a_stencil_is_rendered_with_any_values_any_number_of_times() -> None:
    body = b'{"a":"{\\"u\\":\\"\\/o\\/8f3a21bc?x=1\\"}", "b":"order-8f3a21bc"}'
    leaves = body_leaves((), body, nested=True)
    chosen = [next(x for x in leaves if x.path.endswith(end)) for end in ("url.path[2]", "url.query.x", "b|parts[1]")]
    a, b = cuts(chosen)
    (raw_a, raw_b) = (body[cut.leaf.start : cut.leaf.end] for cut in (a, b))
    assert (stencil(a, raw_a).render(["7", "8", "9"]), stencil(b, raw_b).render(["7", "8", "9"])) == (
        b'{\\"u\\":\\"\\/o\\/7?x=8\\"}',
        b"order-9",
    )
    assert stencil(a, raw_a).render(["/", "\u00e9 ", ""]) == b'{\\"u\\":\\"\\/o\\/%2F?x=%C3%A9+\\"}'


def test_cuts_are_a_tree_from_the_message_down() -> None:
    leaves = body_leaves((), b'["/o/8f3a21bc?x=1", "/p"]', nested=True)
    by_path = {leaf.path: leaf for leaf in leaves}
    chosen = [by_path["body.$[1]"], by_path["body.$[0]|url.query.x"], by_path["body.$[0]|url.path[2]"]]
    assert cuts(chosen) == (
        Cut(
            by_path["body.$[0]"],
            None,
            (("url", (Cut(by_path["body.$[0]|url.path[2]"], 2), Cut(by_path["body.$[0]|url.query.x"], 1))),),
        ),
        Cut(by_path["body.$[1]"], 0),
    )


def test_choosing_a_leaf_twice_or_none_is_no_mistake() -> None:
    (leaf,) = body_leaves((), b'["a"]')
    assert (cuts([]), cuts([leaf, leaf])) == ((), (Cut(leaf, 0),))
