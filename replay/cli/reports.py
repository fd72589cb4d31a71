"""Where a comparison goes: the terminal, and the files that were asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from replay.cli.files import STDOUT, write_text

if TYPE_CHECKING:
    from traces.compare import Comparison


def show(comparison: Comparison, report: Path | None, json_out: Path | None) -> None:
    """Print it as text (as JSON when `json_out` is "-"), and write the HTML page and the JSON file."""
    from traces.report import as_json, text

    if json_out == STDOUT:
        click.echo(as_json.render(comparison))
    else:
        click.echo(text.render(comparison))
        if json_out is not None:
            write_text(json_out, as_json.render(comparison))
    if report is not None:
        from traces.report import page

        write_text(report, page.render(comparison))
        click.echo(f"report in {report}", err=True)
