"""What is said before a run: all of it in a dry run, a few lines before the first request of a real one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from replay.cli.preflight import brief
from replay.preflight import Finding
from tests.capture.origins import Origin
from tests.replay.cli.commands import call, journey
from traces.file import TraceWriter
from traces.model import Header

TARGET = ("--target", "http://127.0.0.1:9")


@pytest.fixture(scope="module")
def paying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six sessions with one API key, the last request of each a confirm with a payment provider's token."""
    path = tmp_path_factory.mktemp("paying") / "paying.trace"
    header = Header(kind="recording", id="5" * 32, epoch_ns=1_700_000_000_000_000_000, upstream="http://shop.example")
    with TraceWriter(path, header) as writer:
        for number in range(6):
            for exchange in journey(number, number * 20, 3, 20):
                headers = ((b"authorization", b"Bearer k3y0f4llS3ss10ns"), (b"content-type", b"application/json"))
                request = replace(exchange.request, headers=headers)
                if exchange.id % 3 == 2:
                    body = b'{"confirmation_token_id":"ctoken_a1b2c3d4e5f6g7%d"}' % number
                    request = replace(request, method=b"POST", target=request.target + b"/confirm", body=body)
                writer.append(replace(exchange, request=request))
    return path


def test_a_dry_run_says_what_it_causes_and_what_it_may_cost(paying: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = call(capsys, "run", paying, *TARGET, "--dry-run", "--multiply", "2")
    causes, _, costs = end.out.partition(
        "\nwhat may go wrong, and how many of 12 sessions it may cost (12 end for sure)\n"
    )
    assert (end.code, end.err, "12 POST /v1/things" in causes) == (0, "", True)
    assert [line[:9] for line in costs.splitlines() if line[2:4].strip()] == ["  12  POS", "  12  the"]


def test_what_comes_to_light_is_no_secret(paying: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = call(capsys, "run", paying, *TARGET, "--dry-run")
    assert (end.code, "k3y0f4ll" in end.out, "ctoken_a1b2" in end.out, "auth.bearer" in end.out) == (
        0,
        False,
        False,
        True,
    )


def test_a_dry_run_gives_its_findings_as_json(paying: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = call(capsys, "run", paying, *TARGET, "--dry-run", "--json", "-")
    found = json.loads(end.out)
    assert (end.code, [sorted(finding) for finding in found], [(f["kind"], f["sessions"]) for f in found]) == (
        0,
        [["kind", "sentence", "sessions"]] * 3,
        [("unbound", 6), ("parameter", 6), ("changes", 0)],
    )


def test_a_dry_run_writes_its_findings_beside_its_words(
    paying: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "findings.json"
    end = call(capsys, "run", paying, *TARGET, "--dry-run", "--json", file)
    assert (end.code, "what may go wrong" in end.out, len(json.loads(file.read_text()))) == (0, True, 3)


def test_the_variable_of_the_environment_makes_its_finding_go(
    paying: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = call(capsys, "run", paying, *TARGET, "--dry-run")
    monkeypatch.setenv("LOAD_TEST_API_TOKEN", "another")
    after = call(capsys, "run", paying, *TARGET, "--dry-run")
    assert ("LOAD_TEST_API_TOKEN" in before.out, "LOAD_TEST_API_TOKEN" in after.out) == (True, False)


def test_a_run_says_it_in_few_lines_on_stderr(shop: Origin, paying: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = call(capsys, "run", paying, "--target", shop.url)
    said = [line for line in end.err.splitlines() if line.startswith("preflight: ")]
    assert [line.partition(" POST")[0].partition(" the")[0] for line in said] == [
        "preflight: will cause 6 requests that may change something: 6",
        "preflight: 6 of 6 sessions:",
        "preflight: 6 of 6 sessions:",
    ]


def test_a_target_that_is_not_there_is_one_sentence_and_no_findings(
    paying: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    end = call(capsys, "run", paying, *TARGET)
    assert (end.code, end.is_one_sentence) == (2, True), end


def test_however_much_is_found_a_run_begins_with_a_dozen_lines() -> None:
    found = [Finding(kind="unbound", sentence=f"this {n}", sessions=1) for n in range(40)]
    causes = [Finding(kind="orders", sentence=f"order {n}") for n in range(5)]
    lines = brief([*found, *causes], 100)
    assert (len(lines), lines[:3], lines[-1]) == (
        12,
        ["preflight: will cause order 0", "preflight: will cause order 1", "preflight: 1 of 100 sessions: this 0"],
        "preflight: 34 more: --dry-run",
    )


def test_a_run_with_nothing_to_say_says_nothing() -> None:
    assert brief([Finding(kind="poll", sentence="polls")], 3) == []
