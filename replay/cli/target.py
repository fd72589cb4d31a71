"""`replay target`: the embedded checkout API in the foreground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from replay.cli.exits import USAGE, Stop
from replay.cli.units import Duration

if TYPE_CHECKING:
    from replay.target.limits import Limit
    from replay.target.serve import Running
    from replay.target.slowdown import Slowdown


def _slow(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[Slowdown, ...]:
    from replay.target import latency, slowdown

    try:
        return tuple(slowdown.parse(value, latency.MEDIANS) for value in values)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _limit(_: click.Context, __: click.Parameter, value: str | None) -> Limit | None:
    from replay.target import limits

    try:
        return None if value is None else limits.parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _ready(running: Running) -> None:
    click.echo(f"listening on {running.url} (payment provider on {running.provider_url})")


@click.command(epilog="Example: replay target --port 0 --slow confirm=+30% --worker-delay 400ms")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 picks a free one.")
@click.option("--provider-port", type=click.IntRange(0, 65535), default=0, help="Payment provider's; free by default.")
@click.option("--slow", multiple=True, callback=_slow, metavar="ENDPOINT=CHANGE", help="confirm=+30%, =x2 or =+40ms.")
@click.option("--seed", type=int, default=7, show_default=True, help="Of the latencies; one seed, one behaviour.")
@click.option("--rate-limit", callback=_limit, metavar="N/UNIT", help="Like 100/min: per token, else per address.")
@click.option("--ttl", type=Duration(), default="24h", show_default=True, help="Open checkouts expire after this.")
@click.option("--worker-delay", type=Duration(), default="400ms", show_default=True, help="Median, confirm to order.")
@click.option("--token", help="The organization's bearer token; by default the one `replay drive` sends.")
@click.option("--db", type=click.Path(dir_okay=False), help="SQLite file to keep; by default a temporary one.")
def command(
    *,
    host: str,
    port: int,
    provider_port: int,
    slow: tuple[Slowdown, ...],
    seed: int,
    rate_limit: Limit | None,
    ttl: float,
    worker_delay: float,
    token: str | None,
    db: str | None,
) -> None:
    """Run the embedded checkout API, with a payment provider's double and a worker, until Ctrl-C."""
    from replay.target import DEFAULT_TOKEN, Settings, TargetError
    from replay.target.serve import serve

    settings = Settings(
        host=host,
        port=port,
        provider_port=provider_port,
        seed=seed,
        slow=slow,
        rate_limit=rate_limit,
        ttl=ttl,
        worker_delay=worker_delay,
        token=token or DEFAULT_TOKEN,
        db=db,
    )
    try:
        serve(settings, _ready)
    except TargetError as error:
        raise Stop(str(error), USAGE) from error
