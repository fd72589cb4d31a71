"""What makes no sense in a HAR is named in a sentence; nothing else comes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.traces.convert.hars import CHROME, changed, file
from traces.convert import har
from traces.convert.har import HarError, read
from traces.model import Exchange


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (3, "it is not an object"),
        ([], "it is not an object"),
        (changed(CHROME, request=[]), "request is not an object"),
        (changed(CHROME, request={}), "request.url is missing"),
        (changed(CHROME, request__url="/relative"), "request.url is not the address of a service"),
        (changed(CHROME, request__url="http:///x"), "request.url is not the address of a service"),
        (changed(CHROME, request__url=5), "request.url is not a text"),
        (changed(CHROME, request__method="GET / HTTP/1.1\r\nX: y"), "request.method is not a method"),
        (changed(CHROME, request__headers={}), "request.headers is not a list"),
        (changed(CHROME, request__headers=["Host"]), r"request.headers\[0\] is not a name and a value"),
        (changed(CHROME, request__headers=[{"name": "a"}]), r"request.headers\[0\] is not a name and a value"),
        (changed(CHROME, request__headers=[["a\r\nb", "c"]]), r"request.headers\[0\] is not a header"),
        (changed(CHROME, request__postData="x"), "request.postData is not an object"),
        (changed(CHROME, request__postData__encoding="base64"), "request.postData.text is not base64"),
        (changed(CHROME, response__status="200"), "response.status is not a number"),
        (changed(CHROME, response__status=20.5), "response.status is not a whole number"),
        (changed(CHROME, response__status=1000), "response.status is not an HTTP status"),
        (changed(CHROME, response__status=True), "response.status is not a number"),
        (changed(CHROME, response__content__encoding="base64"), "response.content.text is not base64"),
        (changed(CHROME, startedDateTime=None), "startedDateTime is missing"),
        (changed(CHROME, startedDateTime="yesterday"), "startedDateTime is not a date and time"),
        (changed(CHROME, startedDateTime="2026-13-01T00:00:00Z"), "startedDateTime is not a date and time"),
        (changed(CHROME, startedDateTime="0001-01-01T00:00:00Z"), "startedDateTime is not a date of this age"),
        (changed(CHROME, timings=[]), "timings is not an object"),
        (changed(CHROME, timings__wait="37"), "timings.wait is not a number"),
        (changed(CHROME, timings__wait=1e300), "timings.wait is longer than a month"),
        (changed(CHROME, connection=443), "connection is not a text"),
        (changed(CHROME, _webSocketMessages=[1]), r"_webSocketMessages\[0\] is not an object"),
        (
            changed(CHROME, _webSocketMessages=[{"opcode": 1, "data": ""}]),
            r"_webSocketMessages\[0\].time is not seconds since 1970",
        ),
        (changed(CHROME, _reprise=[]), "_reprise is not an object"),
        (changed(CHROME, _reprise={"id": 1}), "_reprise.received_ns is missing"),
        (changed(CHROME, _reprise={"received_ns": "1e9"}), "_reprise.received_ns is not ns since 1970"),
        (
            changed(CHROME, _reprise={"received_ns": "1", "extra": {"of": 1}}),
            r"_reprise is not what a trace can hold \(.+\)",
        ),
    ],
)
def test_nonsense_is_refused_and_its_entry_named(entry: Any, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(HarError, match=rf"^log\.entries\[1\] of .*some\.har makes no sense: {sentence}\.$"):
        list(read(file(tmp_path, CHROME, entry))[1])


def test_what_comes_before_the_nonsense_is_read(tmp_path: Path) -> None:
    whole: list[Exchange] = []
    with pytest.raises(HarError):
        whole.extend(read(file(tmp_path, CHROME, changed(CHROME, timings__wait="x")))[1])
    assert len(whole) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", r"is not a HAR: it is not JSON \(.+\)"),
        (b"{", r"is not a HAR: it is not JSON \(.+\)"),
        (b"[" * 5000, r"is not a HAR: it is not JSON \(.+\)"),
        (b'"\\ud800"' + b"[" * 100_000, r"is not a HAR: it is not JSON \(.+\)"),
        (b'["\\ud800", NaN]', r"is not a HAR: it is not JSON \(NaN is not a number of JSON\)"),
        (b"[]", r"is not a HAR \(it is not an object\)"),
        (b"{}", "holds no HTTP requests"),
        (b'{"log": 5}', r"is not a HAR \(log is not an object\)"),
        (b'{"log": {"entries": {}}}', r"is not a HAR \(log.entries is not a list\)"),
        (b'{"log": {"entries": []}}', "holds no HTTP requests"),
        (b'{"log": {"_reprise": {"epoch_ns": "x"}}}', r"is not a HAR \(_reprise.epoch_ns is not ns since 1970\)"),
        (b"PK\x03\x04", r"is a zip archive that cannot be read \(.+\): zip it anew"),
        (b"\x1f\x8b\x08", "is a gzip file: unpack it first"),
    ],
)
def test_a_file_that_is_no_har_is_refused_in_a_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "some.har"
    path.write_bytes(content)
    with pytest.raises(HarError, match=rf"some\.har {sentence}\.$"):
        read(path)


def test_a_file_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(har, "MAX_BYTES", 100)
    with pytest.raises(HarError, match="export it in parts, or record with `replay capture`"):
        read(file(tmp_path, CHROME))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
places = st.sampled_from([f"request__{name}" for name in CHROME["request"]]) | st.sampled_from(
    ["request", "response", "timings", "startedDateTime", "time", "_webSocketMessages", "connection", "_reprise"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(places, json_values, max_size=2))
def test_whatever_stands_in_an_entry_it_is_read_or_named(tmp_path: Path, parts: dict[str, Any]) -> None:
    # Parts of parts first: a replaced whole has none.
    entry = changed(CHROME, **dict(sorted(parts.items(), key=lambda part: -part[0].count("__"))))
    try:
        # An address of another kind (data:, about:) is passed over.
        good = len(list(read(file(tmp_path, CHROME, entry))[1])) in {1, 2}
    except HarError as error:
        good = "log.entries[1] of" in str(error)
    assert good
