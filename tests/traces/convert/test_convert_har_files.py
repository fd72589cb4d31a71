"""A name in a HAR leads to a file beside it and nowhere else, and no zip fills memory or time."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.traces.convert.attached import ENTRY, attach, folder, har, name, packed
from tests.traces.convert.hars import changed
from traces.convert import har as har_reader
from traces.convert import har_attached, har_files
from traces.convert.har import HarError, read
from traces.convert.har_files import files_of

GOT = b'{"id":"co_1"}'
NAMED = har(ENTRY, attach(ENTRY, got=GOT))


def naming(file: str) -> bytes:
    """A HAR whose second entry names this file."""
    return har(ENTRY, changed(ENTRY, response__content___file=file))


def refused(path: Path, sentence: str) -> None:
    with pytest.raises(HarError, match=rf"^log\.entries\[1\] of .*shop\.har.* makes no sense: {sentence}\.$"):
        list(read(path)[1])


OUTSIDE = [
    "../secret",
    "a/../../secret",
    "/etc/hostname",
    "..\\secret",
    "C:\\secret",
    "\\\\host\\secret",
    "file:secret",
    "./secret",
    "a//b",
    "..",
    "se\0cret",
    "se\ncret",
]


@pytest.mark.parametrize("file", OUTSIDE)
@pytest.mark.parametrize("where", ["folder", "zip"])
def test_a_name_that_leads_elsewhere_is_refused(where: str, file: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "in").mkdir()
    content = naming(file)
    path = folder(tmp_path / "in", content) if where == "folder" else packed(tmp_path, {"in/a.har": content})
    refused(path, r"response\.content\._file '.+' leads out of the HAR's folder: such a file is not read")


def test_a_link_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").symlink_to(tmp_path / "secret")
    refused(folder(tmp_path / "in", naming("a.json")), r".* is no plain file in the HAR's folder: put it there itself")


def test_a_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_bytes(GOT)
    (tmp_path / "a.json").symlink_to("b.json")
    _, second = read(folder(tmp_path, naming("a.json")))[1]
    assert second.response is not None
    assert second.response.body == GOT


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    refused(folder(tmp_path, naming("a.json")), r".* is no plain file in the HAR's folder: put it there itself")


def test_a_missing_file_is_named_with_its_entry_and_what_to_do(tmp_path: Path) -> None:
    sentence = (
        rf"response\.content\._file '{name(GOT)}' cannot be found beside the HAR \(No such file or directory\): "
        "put it there, or record with content: 'embed'"
    )
    refused(folder(tmp_path, NAMED), sentence)


def test_a_file_missing_in_a_zip_is_named_with_its_entry_and_what_to_do(tmp_path: Path) -> None:
    refused(
        packed(tmp_path, {"har.har": NAMED}),
        rf"response\.content\._file '{name(GOT)}' is not beside the HAR in the zip: zip it with it, or record anew",
    )


@pytest.mark.parametrize(("file", "why"), [("x" * 300, "File name too long"), ("shop.har/a", "Not a directory")])
def test_what_the_system_says_of_a_name_is_said(file: str, why: str, tmp_path: Path) -> None:
    refused(folder(tmp_path, naming(file)), rf".* '.{{10,80}}' cannot be found beside the HAR \({why}\).*")


def test_a_circle_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").symlink_to("a.json")
    refused(folder(tmp_path, naming("a.json")), r".* cannot be found beside the HAR \(.+\): put it there.*")


@pytest.mark.parametrize("file", [5, ["a"], {}])
def test_a_name_that_is_no_text_is_refused(file: object, tmp_path: Path) -> None:
    content = har(ENTRY, changed(ENTRY, response__content___file=file))
    refused(folder(tmp_path, content), r"response\.content\._file is not a text")


def test_what_comes_before_a_missing_file_is_read(tmp_path: Path) -> None:
    exchanges = read(folder(tmp_path, NAMED))[1]
    assert next(exchanges).id == 0


# Zips.


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, r"is a zip archive without a HAR \(\*\.har\) in it: name the HAR, or zip it with its files"),
        ({"a.json": b"{}"}, r"is a zip archive without a HAR .*"),
        ({"a.har": b"", "b.har": b""}, "is a zip archive with 2 HARs in it: unpack it and name one of them"),
        ({"har.har": b"{"}, r"is not a HAR: it is not JSON \(.+\)"),
    ],
)
def test_a_zip_without_one_har_is_refused(files: dict[str, bytes], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(HarError, match=rf"shop\.har\.zip {sentence}\.$"):
        read(packed(tmp_path, files))


def patched(path: Path, offset: int, value: bytes, *, last: bool = False) -> Path:
    """`path` with some bytes of its first or last entry's line in the directory replaced."""
    content = bytearray(path.read_bytes())
    line = b"PK\x01\x02"
    at = (content.rindex(line) if last else content.index(line)) + offset
    content[at : at + len(value)] = value
    path.write_bytes(content)
    return path


FLAGS, METHOD, SIZE, PLACE = 8, 10, 24, 42


@pytest.mark.parametrize(
    ("offset", "value", "sentence"),
    [
        (FLAGS, b"\x01", "is encrypted: unpack the archive first"),
        (METHOD, b"\x0e\x00", "is packed in a rare way: unpack the archive first"),
        (SIZE, b"\x05\x00\x00\x00", r"cannot be read \(Bad CRC-32 for file 'har\.har'\)"),
        (SIZE, b"\x00\x00\x00\x01", r"cannot be read \(\d+ bytes of it are missing\)"),
        (PLACE, b"\xff\xff\xff\x00", r"cannot be read \(.+\)"),
    ],
)
def test_a_har_that_cannot_be_unpacked_is_refused(offset: int, value: bytes, sentence: str, tmp_path: Path) -> None:
    path = patched(packed(tmp_path, {"har.har": har(ENTRY)}), offset, value)
    with pytest.raises(HarError, match=rf"shop\.har\.zip {sentence}\.$"):
        read(path)


def test_a_body_that_cannot_be_unpacked_is_named_with_its_entry(tmp_path: Path) -> None:
    path = patched(packed(tmp_path, {"har.har": NAMED, name(GOT): GOT}), SIZE, b"\x05\x00\x00\x00", last=True)
    refused(path, r"response\.content\._file '.+' cannot be read \(Bad CRC-32 .+\)")


def test_a_zip_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, {"har.har": har(ENTRY)})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(HarError, match=r"is a zip archive that cannot be read \(.+\): zip it anew\.$"):
        read(path)


def test_a_list_of_files_that_would_fill_the_memory_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(har_files, "MAX_DIRECTORY", 100)
    with pytest.raises(HarError, match=r"cannot be read \(its list of files is too long\): zip it anew\.$"):
        read(packed(tmp_path, {"har.har": har(ENTRY), "a": b"", "b": b""}))


def test_a_har_that_would_unpack_to_more_than_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(har_reader, "MAX_BYTES", 1 << 20)
    path = packed(tmp_path, {"har.har": b" " * (3 << 20)})
    assert path.stat().st_size < 10_000
    with pytest.raises(HarError, match="is 3 MiB long, and a HAR of more than 1 MiB does not fit in memory well"):
        read(path)


def test_bodies_that_unpack_to_more_than_the_time_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(har_attached, "MAX_TOTAL", 10 << 20)
    # A bomb named often: nothing in the HAR or the zip is large.
    bomb = b"\0" * (1 << 20)
    entries = [attach(ENTRY, got=bomb) for _ in range(20)]
    path = packed(tmp_path, {name(bomb): bomb, "har.har": har(*entries)})
    read_before: list[object] = []
    with pytest.raises(HarError, match=r"entries\[10\] .* come to more than \d GiB: export the HAR in parts\.$"):
        read_before.extend(read(path)[1])
    assert (len(read_before), path.stat().st_size < 10_000) == (10, True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from(["..", ".", "", "a", "secret", "~", "C:", "\\"]), max_size=5).map("/".join) | st.text())
def test_no_name_reads_a_file_outside_the_folder(tmp_path: Path, file: str) -> None:
    (tmp_path / "in" / "a").mkdir(parents=True, exist_ok=True)
    for place in (tmp_path, tmp_path / "in", tmp_path / "in" / "a"):
        (place / "secret").write_bytes(str(place.relative_to(tmp_path)).encode())
    with files_of(folder(tmp_path / "in", b"")) as files:
        try:
            found = files.beside(file).read()
        except ValueError:
            found = b"in"
    assert found.startswith(b"in") or file == "shop.har"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(st.data())
def test_a_zip_with_wrong_bytes_is_read_or_refused_in_a_sentence(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(packed(tmp_path, {"har.har": NAMED, name(GOT): GOT}, zipfile.ZIP_DEFLATED).read_bytes())
    for at in data.draw(st.lists(st.integers(2, len(content) - 1), min_size=1, max_size=4)):
        content[at] = data.draw(st.integers(0, 255))
    (tmp_path / "wrong.zip").write_bytes(content)
    try:
        good = len(list(read(tmp_path / "wrong.zip")[1])) <= 2
    except HarError as error:
        good = str(error).endswith(".")
    assert good
