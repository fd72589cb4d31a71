"""What preflight found, for people: all of it in a dry run, a few lines before a real one; for programs as JSON."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from replay.cli.files import STDOUT, write_text

if TYPE_CHECKING:
    from replay.preflight import Finding
    from replay.prepare import Prepared, Settings

#: What the run will do, not what it may lose.
_CAUSES: Final = frozenset({"orders", "changes", "poll"})
#: Told before every run: what costs sessions for sure or likely, and what reaches people.
_TOLD: Final = frozenset({"skipped", "unbound", "expired", "spent", "upstream", "account", "parameter", "mail"})
_WIDTH: Final = 110
#: Lines before a run.
_LINES: Final = 11
#: Spaces where no line ends: in `10 POST /v1/orders`.
_TOGETHER: Final = re.compile(r"(?<=\d) (?=[A-Z]{3,7} /)|(?<=[A-Z]) (?=/)")
#: Of these, what the run causes.
_CAUSED: Final = 2


def show(prepared: Prepared, settings: Settings, findings: Sequence[Finding], json_out: Path | None) -> None:
    """Print a dry run on stdout, as JSON when `json_out` is "-"; write the JSON to any other file."""
    if json_out is not None:
        import orjson

        data = orjson.dumps([asdict(finding) for finding in findings], option=orjson.OPT_INDENT_2).decode()
        if json_out == STDOUT:
            click.echo(data)
            return
        write_text(json_out, data + "\n")
    click.echo(describe(prepared, settings, findings))


def warn(findings: Sequence[Finding], sessions: int) -> None:
    """Say on stderr, before a run of so many sessions, what one should know."""
    for line in brief(findings, sessions):
        click.echo(line, err=True)


def describe(prepared: Prepared, settings: Settings, findings: Sequence[Finding]) -> str:
    """What a run would send, cause and lose, in words."""
    programs, starts = prepared.programs, prepared.starts
    bound = sum(1 for p in programs for s in p.steps for h in s.holes if h.sources)
    personal = sum(1 for p in programs for s in p.steps for h in s.holes if h.is_personal)
    requests = sum(programs[start.journey].size for start in starts)
    recorded = f"{len(programs)} recorded, each {settings.multiply}x"
    lines = [
        f"{len(starts)} sessions ({recorded}) start within {starts[-1].due / 1e9:.1f} s",
        f"{requests} requests, a poll loop counted as one",
        f"{bound} live values and {personal} personal ones a copy; nothing was sent",
    ]
    if causes := [finding for finding in findings if finding.kind in _CAUSES]:
        lines += ["", "what it will cause, going by the recording"]
        lines += [_wrapped("  ", finding.sentence) for finding in causes]
    if risks := [finding for finding in findings if finding.kind not in _CAUSES]:
        lost = (prepared.seen.ended + sum(p.skipped is not None for p in programs)) * settings.multiply
        lines += ["", f"what may go wrong, and how many of {len(starts)} sessions it may cost" + _sure(lost)]
        width = len(f"{max(finding.sessions for finding in risks):,}")
        lines += [_wrapped(f"  {_count(finding):>{width}}  ", finding.sentence) for finding in risks]
    return "\n".join(lines)


def brief(findings: Sequence[Finding], sessions: int) -> list[str]:
    """The same in at most a dozen lines, before a run of so many sessions: what it causes, then what it may cost."""
    causes = [finding for finding in findings if finding.kind in {"orders", "changes"}][:_CAUSED]
    costs = [finding for finding in findings if finding.kind in _TOLD and finding.sessions]
    lines = [f"preflight: will cause {finding.sentence}" for finding in causes]
    lines += [f"preflight: {finding.sessions:,} of {sessions:,} sessions: {finding.sentence}" for finding in costs]
    lines = lines[:_LINES]
    left = len(findings) - len(lines)
    return [*lines, f"preflight: {left} more: --dry-run"] if left and lines else lines


def _sure(lost: int) -> str:
    return f" ({lost:,} end for sure)" if lost else ""


def _count(finding: Finding) -> str:
    return f"{finding.sessions:,}" if finding.sessions else "-"


def _wrapped(start: str, text: str) -> str:
    folded = textwrap.fill(
        _TOGETHER.sub("\0", text),
        _WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return folded.replace("\0", " ")
