"""`replay drive`: browser-like checkout sessions against a target."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from replay.cli.exits import USAGE, Stop
from replay.cli.units import Duration, Percent, Rate, pairs

if TYPE_CHECKING:
    from replay.target.driver import DriveSummary


class _Share(Percent):
    """`15%` -> 0.15, from 0% (none of the sessions) to 100%."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if value in {"0%", "0"}:
            return 0.0
        share = super().convert(value, param, ctx)
        if share > 1:
            self.fail("a share cannot be above 100%.", param, ctx)
        return share


def _weights(_: click.Context, __: click.Parameter, value: str | None) -> dict[str, float] | None:
    if value is None:
        return None
    try:
        return {name: float(weight) for name, weight in pairs(tuple(value.split(",")), "create=10,get=3").items()}
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not of the form create=10,update=5,get=3.") from error


@click.command(epilog="Example: replay drive --target http://127.0.0.1:8000 --sessions 20 --rate 8/s")
@click.option("--target", required=True, envvar="REPLAY_TARGET", metavar="URL", help="The API, or a proxy before it.")
@click.option("--catalog", metavar="URL", help="Where to look up product ids beforehand, when not at the target.")
@click.option("--provider", metavar="URL", help="The payment provider; needed for paid sessions.")
@click.option("--token", help="The organization's bearer token; by default that of `replay target`.")
@click.option("--sessions", type=click.IntRange(min=1), default=50, show_default=True, help="How many.")
@click.option("--rate", type=Rate(), default="8/s", show_default=True, help="Session starts; Poisson.")
@click.option("--think", type=Duration(), default="300ms", show_default=True, help="Median pause before a step.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of who does what when.")
@click.option("--paid", type=_Share(), default="0%", show_default=True, help="Sessions that buy the paid product.")
@click.option("--stream", type=_Share(), default="15%", show_default=True, help="Sessions that wait on the stream.")
@click.option("--browse", type=_Share(), default="60%", show_default=True, help="Sessions that fetch the list first.")
@click.option("--weights", callback=_weights, metavar="LIST", help="Of extra steps: create=10,update=5,get=3.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON.")
def command(*, as_json: bool, token: str | None, weights: dict[str, float] | None, **options: Any) -> None:
    """Send browser-like checkout sessions to a target and sum up what came of them."""
    import asyncio

    import orjson
    import uvloop

    from replay.target import DEFAULT_TOKEN, TargetError
    from replay.target.driver import DriveConfig, drive
    from replay.target.journeys import WEIGHTS

    try:
        config = DriveConfig(token=token or DEFAULT_TOKEN, weights=weights or WEIGHTS, **options)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            summary = runner.run(drive(config, _progress if sys.stderr.isatty() else None))
    except (TargetError, ValueError) as error:
        raise Stop(str(error), USAGE) from error
    if as_json:
        click.echo(orjson.dumps(asdict(summary), option=orjson.OPT_NON_STR_KEYS | orjson.OPT_INDENT_2).decode())
    else:
        click.echo(_text(summary))


def _progress(ended: int, planned: int) -> None:
    click.echo(f"\r{ended} of {planned} sessions", nl=ended == planned, err=True)


def _text(summary: DriveSummary) -> str:
    failed = sum(summary.failed.values())
    statuses = ", ".join(f"{count} x {status}" for status, count in summary.statuses.items())
    how = f"{summary.completed} completed, {summary.abandoned} abandoned as planned, {failed} failed"
    lines = [f"{summary.sessions} sessions in {summary.seconds:.1f} s: {how}"]
    lines += [f"  {count} failed on {reason}" for reason, count in summary.failed.items()]
    lines.append(f"{summary.confirmed} orders confirmed")
    lines.append(f"{summary.requests} requests ({statuses})")
    if summary.p50_ms is not None and summary.p99_ms is not None:
        lines.append(f"p50 {summary.p50_ms:.1f} ms, p99 {summary.p99_ms:.1f} ms")
    return "\n".join(lines)
