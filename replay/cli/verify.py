"""`replay verify`: is every byte of a trace what was written, and if not, save what is."""

from __future__ import annotations

from pathlib import Path

import click

from replay.cli import exits
from replay.cli.files import IN, OUT, check_out
from replay.cli.progress import Line


@click.command(epilog="Example: replay verify staging.trace")
@click.argument("trace", type=IN)
@click.option("--repair", type=OUT, metavar="OUT", help="Write what is whole into a new, whole trace.")
def command(trace: Path, repair: Path | None) -> int:
    """Check every checksum and every exchange of a trace, and name each damaged block with its place.

    Exits 0 when the file is whole, 6 when something is lost; with --repair, 0 when what is left was saved.
    """
    from traces.file import TraceReader, copying

    check_out(repair, [trace])
    line = Line()
    with TraceReader(trace) as reader:
        if repair is not None:
            count = copying.repair(reader, repair, lambda done: line.show(f"{done} exchanges saved"))
        else:
            count = 0
            for count, _ in enumerate(reader, 1):
                line.show(f"{count} exchanges checked")
        line.close()
        for loss in reader.losses:
            click.echo(f"{trace}: lost: {loss}")
        if reader.torn:
            click.echo(f"{trace}: ends early: its writer was cut off, or the copy is short")
        damaged = bool(reader.losses) or reader.torn
    click.echo(f"{count} exchanges {'are whole' if damaged else 'and every checksum hold'}")
    if repair is not None:
        click.echo(f"saved in {repair}")
        return exits.PASS
    return exits.UNUSABLE_TRACE if damaged else exits.PASS
