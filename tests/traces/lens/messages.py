"""Hypothesis strategies for messages with values of every codec in every place, one in another."""

from __future__ import annotations

import base64
import html
import json
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

from hypothesis import strategies as st

from traces.lens import encode_content
from traces.model import HeaderPairs, Request, Response

ISSUED = ["8f3a21bc99", "TbuKuqWnotRYYQxnyb7V", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "100234", "wJ4tHy2LpQ9vXcZ1"]
WORDS = [
    "open",
    "Jane Doe",
    "buyer@example.com",
    "2026-11-22T09:09:15Z",
    "12.50",
    "",
    "Zürich Straße",
    "/",
    "a'b\"c<&>",
]

plain = st.sampled_from(ISSUED + WORDS) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
names = st.sampled_from(["id", "order_id", "a", "list", "päth", "x.y", "redirect"])


def packed(data: str, alphabet: str, *, padded: bool) -> str:
    raw = data.encode()
    text = (base64.urlsafe_b64encode(raw) if alphabet == "url" else base64.b64encode(raw)).decode()
    return text if padded else text.rstrip("=")


def jwt(claims: Any) -> str:
    parts = [json.dumps(part, separators=(",", ":")) for part in ({"alg": "HS256", "kid": "k-8f3a21bc"}, claims)]
    return ".".join([*(packed(part, "url", padded=False) for part in parts), "c2lnbmF0dXJlLW5vdA"])


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    documents = st.dictionaries(names, inner | st.lists(inner, max_size=3) | st.integers() | st.none(), max_size=3)
    as_json = st.builds(
        lambda d, ascii_, i: json.dumps(d, ensure_ascii=ascii_, indent=i),
        documents,
        st.booleans(),
        st.sampled_from([None, 1]),
    )
    return st.one_of(
        as_json,
        st.builds(
            lambda d, a, p: packed(d, a, padded=p), as_json | inner, st.sampled_from(["url", "std"]), st.booleans()
        ),
        documents.map(jwt),
        st.builds(
            lambda s, k, v: f"https://shop.example/o/{quote(s, safe='')}?{k}={quote_plus(v)}#done",
            inner,
            st.just("next"),
            inner,
        ),
        st.builds(lambda s: f"/checkout/{quote(s, safe='')}", inner),
        st.dictionaries(names, inner, min_size=2, max_size=3).map(urlencode),
        inner.map(lambda text: quote(text, safe="")),
        st.builds("order-{}".format, st.sampled_from(ISSUED)),
        st.builds("t={},v1={}".format, st.sampled_from(ISSUED), st.sampled_from(ISSUED)),
        st.builds("{}.{}".format, st.sampled_from(ISSUED), st.sampled_from(ISSUED)),
        st.builds("pi_{}_secret_{}".format, st.just("3NxYzAbCdEfG"), st.just("k9QzAbCd12")),
        st.builds("Bearer {}".format, documents.map(jwt)),
        inner.map(lambda text: f"{{ cart(id: {json.dumps(text)}, first: 10) {{ id }} }}"),
    )


#: A value, three codecs deep at most.
texts = st.recursive(plain, _wrapped, max_leaves=5)
one_line = texts.filter(lambda text: "\n" not in text and "\r" not in text)
documents = st.recursive(
    texts | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
json_bodies = st.builds(
    lambda d, ascii_, indent: json.dumps(d, ensure_ascii=ascii_, indent=indent).encode(),
    documents,
    st.booleans(),
    st.sampled_from([None, 2]),
)


def _form(pairs: list[tuple[str, str]]) -> bytes:
    return urlencode(pairs).encode()


def _multipart(pairs: list[tuple[str, str]]) -> bytes:
    parts = "".join(f'--frontier\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in pairs)
    file = '--frontier\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nfile\r\n'
    return f"{parts}{file}--frontier--\r\n".encode()


def _page(pairs: list[tuple[str, str]]) -> bytes:
    fields = "".join(f'<input type=hidden name="{n}" value="{html.escape(v)}">' for n, v in pairs)
    links = "".join(f"<a class=x href='{html.escape(v)}'>{html.escape(v)}</a>" for _, v in pairs)
    data = json.dumps(dict(pairs)).replace("<", "\\u003c")
    return (
        f"<!doctype html><meta name=csrf-token content=abc12345><form id=pay action=/pay>{fields}</form>"
        f"{links}<script type='application/json' id=state>{data}</script><!-- {len(pairs)} -->"
        f"<script>var x = {data};</script><main data-ref='{html.escape(pairs[0][1] if pairs else '')}'>"
    ).encode()


def _events(pairs: list[tuple[str, str]]) -> bytes:
    return "".join(f"event: {n}\r\ndata: {json.dumps({n: v})}\r\n\r\n: ping\r\n\r\n" for n, v in pairs).encode()


def _lines(pairs: list[tuple[str, str]]) -> bytes:
    return "".join(f"{json.dumps({n: v})}\n" for n, v in pairs).encode()


pairs = st.lists(st.tuples(names, texts), max_size=3)
lines = st.lists(st.tuples(names, one_line), max_size=3)
bodies: st.SearchStrategy[tuple[bytes, bytes]] = st.one_of(
    st.tuples(st.just(b"application/json"), json_bodies),
    st.tuples(st.just(b"application/x-www-form-urlencoded"), pairs.map(_form)),
    st.tuples(st.just(b"multipart/form-data; boundary=frontier"), pairs.map(_multipart)),
    st.tuples(st.just(b"text/html; charset=utf-8"), pairs.map(_page)),
    st.tuples(st.just(b"text/event-stream"), lines.map(_events)),
    st.tuples(st.just(b"application/x-ndjson"), lines.map(_lines)),
    st.tuples(st.just(b"text/plain"), texts.map(str.encode)),
)
encodings = st.sampled_from([b"", b"gzip", b"br", b"zstd", b"deflate"])


@st.composite
def heads(draw: st.DrawFn, *, request_side: bool) -> HeaderPairs:
    token, other = draw(one_line), draw(one_line)
    cookie = quote(draw(texts), safe="")
    basic = packed(f"{draw(names)}:{draw(plain)}", "std", padded=True)
    authorization = draw(st.sampled_from([f"Bearer {jwt({'sub': other})}", f"Basic {basic}", "Bearer 8f3a21bc99"]))
    return (
        (b"X-Token", token.encode()),
        (b"Cookie" if request_side else b"Set-Cookie", f"sid={cookie}; theme=dark".encode()),
        (b"Link", f'</orders?cursor={quote_plus(token)}>; rel="next"'.encode()),
        (b"Authorization", authorization.encode()) if request_side else (b"Location", b"/orders/7?next=%2Fhome"),
    )


@st.composite
def requests(draw: st.DrawFn) -> Request:
    kind, body = draw(bodies)
    query = urlencode(draw(st.lists(st.tuples(names, texts), max_size=2)))
    target = f"/v1/{quote(draw(texts), safe='')}" + (f"?{query}" if query else "")
    return Request(
        method=b"POST",
        scheme=b"http",
        authority=b"shop",
        target=target.encode(),
        **_with_body(draw(heads(request_side=True)), kind, body, draw(encodings)),
    )


@st.composite
def responses(draw: st.DrawFn) -> Response:
    kind, body = draw(bodies)
    return Response(status=200, **_with_body(draw(heads(request_side=False)), kind, body, draw(encodings)))


def _with_body(headers: HeaderPairs, kind: bytes, body: bytes, encoding: bytes) -> dict[str, Any]:
    if encoding:
        body = encode_content(body, encoding.decode())
        headers = (*headers, (b"Content-Encoding", encoding))
    return {"headers": (*headers, (b"Content-Type", kind), (b"Content-Length", b"%d" % len(body))), "body": body}
