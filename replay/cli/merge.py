"""`replay merge`: several traces into one."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from replay.cli import exits
from replay.cli.files import IN, OUT, check_out
from replay.cli.progress import Line


@click.command(epilog="Example: replay merge recorder-1.trace recorder-2.trace --out all.trace")
@click.argument("sources", type=IN, nargs=-1, required=True)
@click.option("--out", type=OUT, required=True, help="The trace to write.")
def command(sources: tuple[Path, ...], out: Path) -> int:
    """Merge the traces of several recorders, or the shards of one run, ordered by time.

    Recorders' clocks are taken at their word: what two machines' clocks differ, the merged instants do.
    """
    from traces.file import copying

    check_out(out, sources)
    line = Line()
    with ExitStack() as stack:
        readers = copying.open_all(sources, stack)
        count = copying.merge(readers, out, lambda done: line.show(f"{done} exchanges"))
        line.close()
        for reader in readers:
            for loss in reader.losses:
                click.echo(f"replay: {reader.path}: {loss}", err=True)
    click.echo(f"{count} exchanges in {out}")
    return exits.PASS
