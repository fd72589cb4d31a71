"""Writes docs/commands.md from the commands' own help: `python docs/generate.py`; a test notices when it is old."""

from __future__ import annotations

from pathlib import Path

import click

from replay.cli.main import COMMANDS, group

TARGET = Path(__file__).parent / "commands.md"

_ABOUT = (
    "Made by `python docs/generate.py` from each command's `--help`. Every option with a value also reads an "
    "environment variable: `--max-body` is `REPLAY_MAX_BODY`."
)
_CODES = (
    "Exit codes: 0 pass, 1 regressed, 2 bad usage, 3 inconclusive, 4 measurement invalid, 5 refused by the guard, "
    "6 unusable trace, 7 stopped by the guard, 70 a defect of ours, 130 interrupted, 141 nobody read the output."
)


def text() -> str:
    """The page as it should be."""
    parts = [
        "# Commands",
        _ABOUT,
        _CODES,
    ]
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        if command is None:
            raise LookupError(name)
        context = click.Context(command, info_name=f"replay {name}", max_content_width=100, terminal_width=100)
        parts += [f"## replay {name}", "```text\n" + command.get_help(context) + "\n```"]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
