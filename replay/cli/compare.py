"""`replay compare`: say whether two traces' latencies differ."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from replay.cli import exits
from replay.cli.files import IN, OUT, STDOUT, check_out, read
from replay.cli.reports import show
from replay.cli.units import Percent, pairs

if TYPE_CHECKING:
    from traces.compare import Margins


def _margins(_context: click.Context, _option: click.Parameter, value: str | None) -> Margins | None:
    """`5%` scales all three margins; `typ=5%,p95=15%` sets each."""
    if value is None:
        return None
    from traces.compare import Margins

    percent = Percent()
    if "=" not in value:
        share = percent.convert(value, _option, _context)
        return Margins(typical=share, p95=2 * share, p99=5 * share)
    names = {"typ": "typical", "p95": "p95", "p99": "p99"}
    given = pairs(tuple(value.split(",")), "typ=5%,p95=15%,p99=40%")
    if unknown := given.keys() - names.keys():
        raise click.BadParameter(f"there is no margin {min(unknown)!r}; set typ, p95 or p99.")
    return Margins(**{names[name]: percent.convert(text, _option, _context) for name, text in given.items()})


@click.command(epilog="Example: replay compare baseline.trace candidate.trace --report gate.html")
@click.argument("reference", type=IN)
@click.argument("candidate", type=IN)
@click.option(
    "--margin",
    "margins",
    callback=_margins,
    metavar="SPEC",
    help="Tolerated slowdown: 5% (p95 twice, p99 five times that), or typ=5%,p95=15%.",
)
@click.option("--report", type=OUT, help="Write an HTML report.")
@click.option("--json", "json_out", type=OUT, help="Write the comparison as JSON; - for stdout.")
@click.option("--seed", type=click.IntRange(0, 2**64), default=0, show_default=True, help="Of the resampling.")
@click.option(
    "--inconclusive", type=click.Choice(["fail", "pass"]), default="fail", show_default=True, help="Exit 3 or 0."
)
def command(
    reference: Path,
    candidate: Path,
    margins: Margins | None,
    report: Path | None,
    json_out: Path | None,
    seed: int,
    inconclusive: Literal["fail", "pass"],
) -> int:
    """Compare two traces: two runs (a release gate), a recording and its run, two recordings.

    Exits 0 when nothing regressed, 1 on a regression, 3 when the data cannot tell, 4 when a run is invalid.
    """
    for path in (report, None if json_out == STDOUT else json_out):
        check_out(path, [reference, candidate])
    from replay.judge import two_traces

    sides = read(reference), read(candidate)
    comparison = two_traces(*sides, margins=margins, seed=seed)
    from traces.compare import exit_code

    show(comparison, report, json_out)
    code = exit_code(comparison)
    return exits.PASS if code == exits.INCONCLUSIVE and inconclusive == "pass" else code
