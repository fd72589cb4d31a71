"""Bodies that Playwright keeps in files come over as if they stood in the HAR."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.traces.convert.attached import ENTRY, MINIMAL, SOCKET, attach, folder, har, name, packed
from tests.traces.convert.hars import EPOCH, MS, changed
from traces.convert import har_attached
from traces.convert.formats import sniff
from traces.convert.har import HarError, read
from traces.lens.content import decode
from traces.model import Event, Exchange

SENT, GOT = b'{"qty":3}', b'{"id":"co_1","n":\xff}'


def only(path: Path) -> Exchange:
    (exchange,) = read(path)[1]
    return exchange


def bodies(exchange: Exchange) -> tuple[bytes | None, bytes | None]:
    assert exchange.response is not None
    return exchange.request.body, exchange.response.body


@pytest.mark.parametrize("edit", [{}, MINIMAL])
def test_bodies_beside_the_har_are_the_exchanges(edit: dict[str, object], tmp_path: Path) -> None:
    entry = changed(attach(ENTRY, sent=SENT, got=GOT), **edit)
    assert bodies(only(folder(tmp_path, har(entry), SENT, GOT))) == (SENT, GOT)


def test_a_zip_of_playwrights_holds_the_har_and_its_bodies(tmp_path: Path) -> None:
    entry = attach(ENTRY, sent=SENT, got=GOT)
    # Last, as it writes it.
    path = packed(tmp_path, {name(SENT): SENT, name(GOT): GOT, "har.har": har(entry, entry)})
    assert [bodies(exchange) for exchange in read(path)[1]] == [(SENT, GOT)] * 2


def test_a_zip_with_one_har_of_any_tool_is_that_har(tmp_path: Path) -> None:
    path = packed(tmp_path, {"some/Shop.HAR": har(ENTRY), "some/notes.txt": b"x"})
    assert [e.request.target for e in read(path)[1]] == [b"/v1/checkouts"]


def test_a_har_deeper_in_a_zip_has_its_bodies_beside_it(tmp_path: Path) -> None:
    files = {f"run/{name(GOT)}": GOT, "run/shop.har": har(attach(ENTRY, got=GOT)), name(GOT): b"another"}
    assert bodies(only(packed(tmp_path, files)))[1] == GOT


def test_what_the_finder_zips_along_is_no_har(tmp_path: Path) -> None:
    files = {"shop.har": har(ENTRY), "__MACOSX/._shop.har": b"\x00\x05", "._shop.har": b"\x00\x05"}
    assert only(packed(tmp_path, files)).id == 0


def test_an_answer_that_is_a_har_itself_is_not_mistaken_for_the_har(tmp_path: Path) -> None:
    files = {"0123.har": GOT, "har.har": har(changed(ENTRY, response__content___file="0123.har"))}
    assert bodies(only(packed(tmp_path, files)))[1] == GOT


def test_a_zip_is_told_by_its_first_bytes(tmp_path: Path) -> None:
    assert sniff(packed(tmp_path, {"har.har": har(ENTRY)}).read_bytes()) == "har"


def test_a_name_may_lead_down(tmp_path: Path) -> None:
    (tmp_path / "bodies").mkdir()
    (tmp_path / "bodies" / "a.json").write_bytes(GOT)
    path = folder(tmp_path, har(changed(ENTRY, response__content___file="bodies/a.json")))
    assert bodies(only(path))[1] == GOT


def test_the_file_counts_where_a_text_stands_beside_its_name(tmp_path: Path) -> None:
    entry = changed(attach(ENTRY, got=GOT), response__content__text="old", response__content__encoding="")
    assert bodies(only(folder(tmp_path, har(entry), GOT)))[1] == GOT


def test_an_attached_body_is_encoded_again_as_its_headers_say(tmp_path: Path) -> None:
    headers = [{"name": "Content-Encoding", "value": "br"}]
    entry = changed(attach(ENTRY, got=GOT), response__headers=headers)
    assert decode(bodies(only(folder(tmp_path, har(entry), GOT)))[1] or b"", "br") == GOT


def test_an_empty_file_is_an_empty_body(tmp_path: Path) -> None:
    assert bodies(only(folder(tmp_path, har(attach(ENTRY, sent=b"", got=b"")), b""))) == (b"", b"")


def test_a_form_is_as_it_was_posted_not_as_it_was_read(tmp_path: Path) -> None:
    raw = b"a=1&b=%7e+x"
    entry = changed(attach(ENTRY, sent=raw), request__postData__params=[{"name": "a", "value": "1"}])
    assert bodies(only(folder(tmp_path, har(entry), raw)))[0] == raw


def test_a_body_over_the_limit_is_told_by_length_and_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(har_attached, "MAX_BODY", 12)
    exchange = only(folder(tmp_path, har(attach(ENTRY, sent=SENT, got=GOT)), SENT, GOT))
    told = {"length": len(GOT), "sha256": hashlib.sha256(GOT).hexdigest()}
    assert (bodies(exchange), exchange.extra["response_body"]) == ((SENT, None), told)


def test_a_posted_body_over_the_limit_is_not_kept_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(har_attached, "MAX_BODY", 5)
    entry = changed(attach(ENTRY, sent=SENT), request__postData__params=[{"name": "a", "value": "1"}])
    exchange = only(folder(tmp_path, har(entry), SENT))
    assert (exchange.request.body, exchange.extra["request_body"]["length"]) == (None, len(SENT))


def said(*messages: object) -> bytes:
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


def socket(path: Path, content: bytes) -> Path:
    return folder(path, har(attach(SOCKET, got=content)), content)


def test_the_messages_of_a_websocket_are_events(tmp_path: Path) -> None:
    # Playwright counts ms where others count s.
    began = EPOCH / 1e6
    content = said(
        {"type": "send", "time": began + 5, "opcode": 1, "data": "héllo"},
        {"type": "receive", "time": began + 7.5, "opcode": 2, "data": "AAH/"},
        {"type": "receive", "time": began + 8, "opcode": 8, "data": ""},
    )
    exchange = only(socket(tmp_path, content))
    assert exchange.response is not None
    assert (exchange.response.body, exchange.events) == (
        b"",
        (
            Event(at=5 * MS, data="héllo".encode(), kind="text", from_client=True),
            Event(at=7_500_000, data=b"\x00\x01\xff", kind="binary"),
        ),
    )


def test_messages_without_an_instant_have_that_of_their_socket(tmp_path: Path) -> None:
    exchange = only(socket(tmp_path, said({"type": "send", "time": -1, "opcode": 1, "data": "hi"})))
    assert exchange.events == (Event(at=exchange.clock.received, data=b"hi", kind="text", from_client=True),)


def test_a_line_that_is_no_message_is_named(tmp_path: Path) -> None:
    with pytest.raises(HarError, match=r"_file '.+' is not one JSON object a line: line 2 is none\.$"):
        list(read(socket(tmp_path, b'{"opcode": 8}\nnothing\n'))[1])


def test_messages_that_would_fill_the_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(har_attached, "MAX_BODY", 5)
    with pytest.raises(HarError, match=r"is longer than .+: record less of this WebSocket\.$"):
        list(read(socket(tmp_path, b'{"opcode": 8}\n'))[1])
