"""What README and docs show is what the commands do."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def shape(line: str) -> str:
    """A line of output with what differs between runs taken out."""
    line = re.sub(r"/\S+/(replay|gate)\.html", "REPORT", line)
    line = re.sub(r"(recording \(through a proxy, at 1x\)): .*", r"\1: VERDICT", line)
    return re.sub(r"[\d.,]+", "N", line)


def test_the_commands_page_is_what_the_commands_say_of_themselves() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    fresh = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.path.insert(0, 'docs'); import generate; print(generate.text(), end='')",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert page == fresh


def test_every_option_the_readme_uses_exists() -> None:
    used = {
        (command, option)
        for command, rest in re.findall(r"^\$ replay (\w+)(.*)$", README, re.MULTILINE)
        for option in re.findall(r"--[a-z-]+", rest.partition("#")[0])
    }
    help_of = {
        name: subprocess.run(
            [sys.executable, "-m", "replay", name, "--help"], capture_output=True, text=True, check=True
        ).stdout
        for name in {command if command != "staging" else "run" for command, _ in used}
    }
    assert [pair for pair in used if pair[1] not in help_of["run" if pair[0] == "staging" else pair[0]]] == []


@pytest.mark.slow
def test_the_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    shown = README.split("What `make demo` prints:")[1].split("```text\n")[1].split("```")[0].splitlines()
    shown = shown[: shown.index("")]
    result = subprocess.run(
        [sys.executable, "-m", "replay", "demo", "--out", str(tmp_path)], capture_output=True, text=True, check=True
    )
    printed = result.stdout.replace(str(tmp_path), "/tmp/demo").splitlines()  # noqa: S108 - a name to match, no file
    assert [shape(line) for line in printed[: len(shown)]] == [shape(line) for line in shown]
