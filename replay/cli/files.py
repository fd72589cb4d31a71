"""Trace files on the command line: reading one with its warnings said, and where a result may be written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from replay.cli import exits
from replay.cli.progress import Line
from replay.recording import Recording, load

if TYPE_CHECKING:
    from traces.openapi import Declared

#: A trace to read; that it exists is checked before anything else happens.
IN = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
#: A file to write.
OUT = click.Path(dir_okay=False, path_type=Path)
#: What `--json -` means.
STDOUT: Final = Path("-")


def read(path: Path) -> Recording:
    """Read a trace whole; what was lost of it is said on stderr."""
    line = Line()
    recording = load(path, lambda count: line.show(f"reading {path}: {count} exchanges"))
    line.close()
    for warning in recording.warnings:
        click.echo(f"replay: {warning}", err=True)
    return recording


def check_out(out: Path | None, sources: Iterable[Path]) -> None:
    """Refuse to write over a file that is read, or into a folder that is not there."""
    if out is None:
        return
    if not out.absolute().parent.is_dir():
        raise exits.Stop(f"{out.parent} is no folder; make it first or name another file.", exits.USAGE)
    if out.exists() and any(out.samefile(source) for source in sources if source.exists()):
        raise exits.Stop(f"{out} is what is read here; name another file to write.", exits.USAGE)


def read_openapi(path: Path | None) -> Declared | None:
    """The path templates of an OpenAPI document, when one was named."""
    if path is None:
        return None
    from traces import openapi

    try:
        return openapi.load(path)
    except openapi.NotOpenApi as error:
        raise exits.Stop(str(error), exits.USAGE) from error


def write_text(path: Path, text: str) -> None:
    """Write a report, in UTF-8."""
    path.write_text(text, encoding="utf-8")
