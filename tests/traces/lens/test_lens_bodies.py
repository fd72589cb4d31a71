"""Multipart forms, event streams and JSON lines: each value where it stands, and whole or not at all."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces.lens import body_leaves, replace_request, request_leaves
from traces.model import HeaderPairs, Request

MULTIPART = ((b"Content-Type", b'multipart/form-data; boundary="fron+tier"'),)
SSE = ((b"Content-Type", b"text/event-stream"),)
NDJSON = ((b"Content-Type", b"application/x-ndjson"),)
FORM = (
    b'--fron+tier\r\nContent-Disposition: form-data; name="order[id]"\r\n\r\n8f3a21bc\r\n'
    b'--fron+tier\r\ncontent-type: application/json\r\nCONTENT-DISPOSITION: form-data; name="meta"\r\n\r\n{"a":[1]}\r\n'
    b'--fron+tier\r\nContent-Disposition: form-data; name="pic"; filename="J%22ane.png"\r\n'
    b"Content-Type: image/png\r\n\r\n\x89PNG\r\n\xff\r\n"
    b'--fron+tier\r\nContent-Disposition: form-data; name="empty"\r\n\r\n\r\n'
    b"--fron+tier--\r\n"
)


def found(headers: HeaderPairs, body: bytes, **options: bool) -> dict[str, str]:
    return {leaf.path: leaf.text for leaf in body_leaves(headers, body, **options)}


def test_the_fields_and_files_of_a_multipart_form_are_leaves() -> None:
    assert found(MULTIPART, FORM) == {
        "multipart.order[id]": "8f3a21bc",
        "multipart.meta": '{"a":[1]}',
        "multipart.pic.file": "\udc89PNG\r\n\udcff",
    }


def test_a_multipart_field_may_hold_a_document() -> None:
    assert found(MULTIPART, FORM, nested=True)["multipart.meta|json.$.a[0]"] == "1"


def test_a_multipart_forms_names_are_leaves_when_they_are_asked_for() -> None:
    names = {k: v for k, v in found(MULTIPART, FORM, names=True).items() if k.endswith(("{name}", ".filename"))}
    assert names == {
        "multipart.order[id]{name}": "order[id]",
        "multipart.meta{name}": "meta",
        "multipart.pic{name}": "pic",
        "multipart.pic.filename": 'J"ane.png',
        "multipart.empty{name}": "empty",
    }


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (MULTIPART, FORM[:-6]),
        (MULTIPART, FORM[5:]),
        (MULTIPART, FORM.replace(b'name="meta"', b"")),
        (MULTIPART, FORM.replace(b"\r\n\r\n", b"\r\n")),
        (((b"Content-Type", b"multipart/form-data"),), FORM),
        (((b"Content-Type", b"multipart/form-data; boundary=other"),), FORM),
    ],
)
def test_a_multipart_form_that_is_not_whole_is_one_leaf(headers: HeaderPairs, body: bytes) -> None:
    assert list(found(headers, body)) == ["body"]


def test_a_multipart_forms_other_bytes_stay() -> None:
    headers = (*MULTIPART, (b"content-length", b"%d" % len(FORM)))
    request = Request(method=b"POST", scheme=b"http", authority=b"shop", target=b"/", headers=headers, body=FORM)
    leaf = next(x for x in request_leaves(request) if x.path == "multipart.order[id]")
    after = replace_request(request, {leaf: "another"})
    assert after.body == FORM.replace(b"8f3a21bc", b"another")
    assert after.headers[-1] == (b"content-length", b"%d" % (len(FORM) - 1))


EVENTS = (
    b'\xef\xbb\xbf: hello\r\nevent: order\r\nid: 17\r\ndata: {"status":"open","ids":["8f3a21bc"]}\r\n\r\n'
    b"data:no json\n\n"
    b'data: {"a":\ndata:  1,\ndata: "b": "two"}\n\n'
    b"data: one\ndata: two\nretry: 300\nwhat is this\n\n"
    b"data\n\n\n\r\rdata: last"
)


def test_the_events_of_a_stream_are_documents_or_texts() -> None:
    assert found(SSE, EVENTS) == {
        "body.sse[0].comment": " hello",
        "body.sse[0].event": "order",
        "body.sse[0].id": "17",
        "body.sse[0].data.$.status": "open",
        "body.sse[0].data.$.ids[0]": "8f3a21bc",
        "body.sse[1].data": "no json",
        "body.sse[2].data.$.a": "1",
        "body.sse[2].data.$.b": "two",
        "body.sse[3].retry": "300",
        "body.sse[3].comment": "what is this",
        "body.sse[3].data[0]": "one",
        "body.sse[3].data[1]": "two",
        "body.sse[4].data": "last",
    }


def test_every_leaf_of_a_stream_stands_where_it_says() -> None:
    leaves = body_leaves(SSE, EVENTS)
    assert [EVENTS[x.start : x.end].decode() for x in leaves] == [x.text for x in leaves]


def test_an_event_keeps_its_keys_and_leaves_its_number_open() -> None:
    leaf = next(x for x in body_leaves(SSE, EVENTS) if x.path.endswith("ids[0]"))
    assert (leaf.keys, leaf.slot) == (("ids", 0), "body.sse[*].data.$.ids[*]")


def test_each_line_of_json_lines_is_a_document() -> None:
    assert found(NDJSON, b'{"id":1}\r\n\n  \n[{"id":"b"}]\nno json\n"text"') == {
        "body.line[0].$.id": "1",
        "body.line[1].$[0].id": "b",
        "body.line[2]": "no json",
        "body.line[3].$": "text",
    }


def test_one_line_of_json_lines_is_a_line_too() -> None:
    assert found(NDJSON, b'{"id":1}') == {"body.line[0].$.id": "1"}


@pytest.mark.parametrize(("headers", "body"), [(SSE, b"data: x\n\n"), (NDJSON, b"x\n")])
def test_no_text_can_begin_another_line(headers: HeaderPairs, body: bytes) -> None:
    request = Request(method=b"POST", scheme=b"http", authority=b"shop", target=b"/", headers=headers, body=body)
    leaf = request_leaves(request)[-1]
    with pytest.raises(ValueError, match="line break"):
        replace_request(request, {leaf: "a\ndata: b"})


@given(
    st.binary(max_size=80) | st.text(':\r\n datevn{}"1,', max_size=60).map(str.encode), st.sampled_from([SSE, NDJSON])
)
def test_any_stream_is_read_and_its_leaves_lie_within_it(body: bytes, headers: HeaderPairs) -> None:
    assert all(0 <= x.start <= x.end <= len(body) for x in body_leaves(headers, body, names=True))


@pytest.mark.parametrize("headers", [SSE, NDJSON, MULTIPART])
@pytest.mark.parametrize(
    "unit",
    [b"data: {}\n", b"\n", b"\r", b"data:1\n\n", b":", b'{"a":1}\n', b"[\n", b"--fron+tier\r\n", b"data: [\n"],
)
def test_a_megabyte_made_to_be_slow_is_read_in_one_pass(headers: HeaderPairs, unit: bytes) -> None:
    body = (b"--fron+tier" if headers is MULTIPART else b"") + unit * (1_000_000 // len(unit))
    begun = time.process_time()
    body_leaves(headers, body)
    assert time.process_time() - begun < 3
