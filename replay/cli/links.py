"""`replay links`: what was learned of a recording's value flow, as a file to read and edit."""

from __future__ import annotations

from pathlib import Path

import click

from replay.cli import exits
from replay.cli.files import IN, OUT, check_out, read, read_openapi


@click.command(epilog="Example: replay links staging.trace --out links.toml")
@click.argument("trace", type=IN)
@click.option("--out", type=OUT, required=True, help="The TOML file to write.")
@click.option("--openapi", type=IN, metavar="FILE", help="Take path templates from this document where it has them.")
def command(trace: Path, out: Path, openapi: Path | None) -> int:
    """Write which answer feeds which request (correlation) as TOML, to read, edit and give to `replay run --links`.

    The file holds slots and recipes, never values.
    """
    from traces.analysis import analyse
    from traces.links import written

    check_out(out, [trace])
    graph = analyse(read(trace).exchanges, read_openapi(openapi)).graph
    written.write(graph, out)
    click.echo(
        f"{len(graph.links)} links, {len(graph.polls)} polls, {len(graph.unfed)} slots that nothing feeds in {out}"
    )
    return exits.PASS
