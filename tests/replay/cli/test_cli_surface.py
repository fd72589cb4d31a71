"""The command's surface: help, what it loads, environment variables, and where its output goes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from replay.cli.main import COMMANDS
from tests.capture.origins import Origin
from tests.replay.cli.commands import call, ended, started

HEAVY = {"scipy", "mitmproxy", "httpx", "jinja2", "uvloop", "starlette", "orjson"}


@pytest.mark.parametrize("args", [["--help"], *[[name, "--help"] for name in ("run", "capture", "compare", "demo")]])
def test_help_loads_nothing_heavy(args: list[str]) -> None:
    code = """
import sys
from replay.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stderr.split()) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_each_commands_help_ends_in_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    end = call(capsys, name, "--help")
    last = " ".join(end.out.strip().rpartition("\n\n")[2].split())
    assert (end.code, last.startswith("Example: replay "), name == "run" or f"replay {name}" in last) == (0, True, True)


def test_the_target_may_come_from_the_environment(
    shop: Origin, trace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLAY_TARGET", shop.url)
    assert (call(capsys, trace).code, len(shop.asked)) == (0, 18)


def test_the_target_may_come_from_the_load_tests_own_variable(
    shop: Origin, trace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOAD_TEST_HOST", shop.url)
    monkeypatch.delenv("REPLAY_TARGET", raising=False)
    assert (call(capsys, "run", trace).code, len(shop.asked)) == (0, 18)


def test_options_read_the_variable_of_their_name(
    shop: Origin, trace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "comparison.json"
    for name, value in {"SPEED": "4x", "MULTIPLY": "2", "JSON": str(out), "SEED": "7"}.items():
        monkeypatch.setenv(f"REPLAY_{name}", value)
    end = call(capsys, "run", trace, "--target", shop.url)
    assert (end.code, len(shop.asked), "--speed 4x --multiply 2 --seed 7" in out.read_text()) == (0, 36, True)


def test_a_wrong_value_in_the_environment_is_exit_2(
    trace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLAY_SPEED", "banana")
    end = call(capsys, "run", trace, "--target", "http://127.0.0.1:9")
    assert (end.code, end.is_one_sentence) == (2, True), end


def test_inspect_does_not_read_the_number_of_sessions_of_another_command(
    trace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLAY_SESSIONS", "60")
    end = call(capsys, "inspect", trace)
    assert (end.code, "exchanges  18" in end.out) == (0, True), end


def test_run_is_what_is_meant_when_the_first_word_is_a_file(
    shop: Origin, trace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (call(capsys, trace, "--target", shop.url).code, len(shop.asked)) == (0, 18)


def test_json_on_stdout_is_all_of_stdout(shop: Origin, trace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = call(capsys, "run", trace, "--target", shop.url, "--json", "-")
    assert (end.code, type(json.loads(end.out))) == (0, dict)


def test_a_dry_run_says_what_it_would_send_and_sends_nothing(
    shop: Origin, trace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    end = call(capsys, "run", trace, "--target", shop.url, "--dry-run", "--multiply", "3")
    assert (end.code, end.err, "54 requests" in end.out, shop.asked) == (0, "", True, [])


def test_a_reader_that_leaves_is_told_by_a_code_that_is_no_verdict(trace: Path) -> None:
    with started("inspect", trace, "--links", "--json") as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        end = ended(process)
    assert (end.code, end.err) == (141, "")


def test_ids_of_the_target_are_sent_and_never_those_recorded(
    shop: Origin, trace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call(capsys, "run", trace, "--target", shop.url, "--speed", "5x")
    sent = b"".join(asked.head + asked.body for asked in shop.asked)
    assert (b"c0ffee" in sent, sent.count(b"/v1/things/feed"), b"shop.example" in sent) == (False, 12, False)
