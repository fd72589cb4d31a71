"""Wrong input is one sentence on stderr and the right exit code, never a traceback."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.capture.origins import Origin
from tests.replay.cli.commands import Said, call, ended, started, write

Say = Callable[..., Said]
TARGET = ("--target", "http://127.0.0.1:9")
READERS = [("run", *TARGET), ("run", *TARGET, "--dry-run"), ("inspect",), ("inspect", "--links", "--json")]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Say:
    return lambda *args: call(capsys, *args)


@pytest.mark.parametrize(
    "options",
    [
        ("--speed", "0"),
        ("--speed", "banana"),
        ("--speed", "-1x"),
        ("--speed", "nan"),
        ("--multiply", "0"),
        ("--multiply", "many"),
        ("--timeout", "soon"),
        ("--seed", "-1"),
        ("--identities", "stolen"),
        ("--sender", "pigeon"),
        ("--no-such-option",),
        ("--out",),
    ],
)
def test_a_wrong_option_is_one_sentence_and_exit_2(said: Say, trace: Path, options: tuple[str, ...]) -> None:
    end = said("run", trace, *TARGET, *options)
    assert (end.code, end.is_one_sentence) == (2, True), end


@pytest.mark.parametrize(
    "url",
    [
        "banana",
        "ftp://127.0.0.1",
        "http://",
        "127.0.0.1:8000",
        "http://127.0.0.1:8000/api",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
        "http://user:secret@127.0.0.1",
        "http://[::1",
        "",
    ],
)
def test_a_target_that_is_no_plain_url_is_exit_2(said: Say, trace: Path, url: str) -> None:
    end = said("run", trace, "--target", url)
    assert (end.code, end.is_one_sentence) == (2, True), end


def test_no_target_at_all_is_exit_2(said: Say, trace: Path) -> None:
    end = said("run", trace)
    assert (end.code, end.is_one_sentence, "--target" in end.err) == (2, True, True), end


@pytest.mark.parametrize("reader", [*READERS, ("convert", "out"), ("compare",)])
def test_a_missing_file_is_exit_2_and_named(said: Say, tmp_path: Path, trace: Path, reader: tuple[str, ...]) -> None:
    missing = tmp_path / "no.trace"
    args = (reader[0], missing, *((trace,) if reader[0] == "compare" else ()), *reader[1:])
    end = said(*args)
    assert (end.code, end.is_one_sentence, str(missing) in end.err) == (2, True, True), end


def test_a_word_that_is_neither_command_nor_file_is_exit_2_and_named(said: Say) -> None:
    end = said("cpature", "--target", "http://127.0.0.1:9")
    assert (end.code, end.is_one_sentence, "cpature" in end.err) == (2, True, True), end


@pytest.mark.parametrize("content", [b"", b"hello, this is a letter", b"\x1f\x8b\x08\x00 gzip of something", b"{}"])
@pytest.mark.parametrize("reader", READERS)
def test_an_empty_or_foreign_file_is_exit_6(said: Say, tmp_path: Path, content: bytes, reader: tuple[str, ...]) -> None:
    path = tmp_path / "a.trace"
    path.write_bytes(content)
    end = said(reader[0], path, *reader[1:])
    assert (end.code, end.is_one_sentence) == (6, True), end


def test_comparing_with_a_foreign_file_is_exit_6(said: Say, tmp_path: Path, trace: Path) -> None:
    (tmp_path / "a.trace").write_text("a letter")
    end = said("compare", trace, tmp_path / "a.trace")
    assert (end.code, end.is_one_sentence) == (6, True), end


def test_converting_what_is_no_dump_is_exit_6(said: Say, tmp_path: Path) -> None:
    (tmp_path / "a.mitm").write_text("a letter")
    end = said("convert", tmp_path / "a.mitm", tmp_path / "out.trace")
    assert (end.code, end.is_one_sentence, (tmp_path / "out.trace").exists()) == (6, True, False), end


@pytest.mark.parametrize("share", [0.05, 0.02])
def test_a_trace_cut_off_inside_its_header_or_first_block_is_exit_6(said: Say, tmp_path: Path, share: float) -> None:
    path = write(tmp_path / "a.trace", sessions=40)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    end = said("run", path, *TARGET, "--dry-run")
    assert (end.code, end.out, "Traceback" in end.err) == (6, "", False), end


def test_a_truncated_trace_is_used_as_far_as_it_goes_with_a_warning(said: Say, shop: Origin, tmp_path: Path) -> None:
    path = write(tmp_path / "a.trace", sessions=40, apart=1)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    end = said("run", path, "--target", shop.url, "--speed", "10x")
    assert (end.code, "ends early" in end.err, len(shop.asked) > 30) == (0, True, True), end


def test_an_unreachable_target_is_exit_2(said: Say, trace: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    end = said("run", trace, "--target", f"http://127.0.0.1:{port}")
    assert (end.code, end.is_one_sentence, f"127.0.0.1:{port}" in end.err) == (2, True, True), end


def test_a_name_without_address_is_exit_2(said: Say, trace: Path) -> None:
    end = said("run", trace, "--target", "http://no.such.host.invalid")
    assert (end.code, end.is_one_sentence) == (2, True), end


def test_a_target_elsewhere_is_refused_before_a_packet_is_sent(said: Say, trace: Path, tmp_path: Path) -> None:
    end = said("run", trace, "--target", "http://192.0.2.1:8000", "--out", tmp_path / "run.trace")
    assert (end.code, end.is_one_sentence, "--allow-target 192.0.2.1" in end.err, list(tmp_path.iterdir())) == (
        5,
        True,
        True,
        [],
    ), end


def test_a_run_is_not_written_over_its_recording(said: Say, tmp_path: Path) -> None:
    path = write(tmp_path / "a.trace")
    before = path.read_bytes()
    end = said("run", path, *TARGET, "--out", path)
    assert (end.code, end.is_one_sentence, path.read_bytes() == before) == (2, True, True), end


@pytest.mark.parametrize("option", ["--out", "--report", "--json"])
def test_a_folder_that_is_not_there_is_found_out_before_anything_is_sent(
    said: Say,
    shop: Origin,
    trace: Path,
    option: str,
) -> None:
    end = said("run", trace, "--target", shop.url, option, "/no/such/folder/x")
    assert (end.code, end.is_one_sentence, shop.asked) == (2, True, []), end


@pytest.mark.parametrize(
    "option", ["--out", *[pytest.param(option, marks=pytest.mark.slow) for option in ("--report", "--json")]]
)
def test_no_space_for_a_result_is_exit_6(shop: Origin, trace: Path, option: str) -> None:
    with started("run", trace, "--target", shop.url, option, "/dev/full") as process:
        end = ended(process)
    assert (end.code, "Traceback" in end.err, end.err.count("replay: ")) == (6, False, 1), end


@pytest.mark.parametrize("margin", ["banana", "0%", "typ=banana", "p42=5%", "-5%"])
def test_a_wrong_margin_is_exit_2(said: Say, trace: Path, margin: str) -> None:
    end = said("compare", trace, trace, "--margin", margin)
    assert (end.code, end.is_one_sentence) == (2, True), end


@pytest.mark.parametrize(
    "args",
    [
        ("drive",),
        ("drive", "--target", "http://127.0.0.1:9", "--rate", "banana"),
        ("drive", "--target", "http://127.0.0.1:9", "--paid", "200%"),
        ("drive", "--target", "http://127.0.0.1:9", "--paid", "50%"),
        ("drive", "--target", "http://127.0.0.1:9"),
        ("drive", "--target", "banana"),
        ("demo", "--slow", "nothing=+5%"),
        ("demo", "--slow", "confirm"),
        ("demo", "--speed", "0"),
        ("demo", "--sessions", "1"),
    ],
)
def test_the_other_commands_refuse_nonsense_alike(said: Say, args: tuple[str, ...]) -> None:
    end = said(*args)
    assert (end.code, end.is_one_sentence) == (2, True), end
