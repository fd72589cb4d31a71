"""`replay capture`: record live traffic through a proxy into a trace."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replay.cli import exits
from replay.cli.files import check_out
from replay.cli.progress import Line
from replay.cli.units import Duration, Size, check_url

if TYPE_CHECKING:
    from capture.proxy import Status


@click.command(epilog="Example: replay capture --upstream http://127.0.0.1:8000 --out staging.trace")
@click.option("--upstream", required=True, help="The service to record, as an URL.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The trace to write.")
@click.option("--listen", default="127.0.0.1:0", show_default=True, help="HOST:PORT for clients; port 0 picks one.")
@click.option(
    "--keep-host/--own-host", default=True, help="Pass the client's Host on (default), or the upstream's own."
)
@click.option("--insecure", is_flag=True, help="Accept any certificate of the upstream.")
@click.option("--max-body", type=Size(), default="8MiB", show_default=True, help="Longer bodies: length and hash only.")
@click.option(
    "--flush", type=Duration(), default="500ms", show_default=True, help="What is finished is on disk by then."
)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
def command(
    upstream: str, out: Path, listen: str, keep_host: bool, insecure: bool, max_body: float, flush: float, force: bool
) -> int:
    """Record every exchange between your clients and a service, until Ctrl-C or SIGTERM.

    Point clients at the address printed. Event streams pass through as they come; every finished exchange is on disk
    within a second, and all of them when the command ends.
    """
    host, port = _address(listen)
    check_url(upstream, "--upstream")
    check_out(out, [])
    # Before anything is imported that takes a second.
    if out.exists() and not force:
        raise _exists(out)
    from capture.proxy import CannotListen, Settings, record

    settings = Settings(
        upstream=upstream.rstrip("/"),
        listen_host=host,
        listen_port=port,
        keep_host=keep_host,
        insecure=insecure,
        max_body=int(max_body),
        flush=flush,
    )
    line = Line()
    said_full = False

    def tick(status: Status) -> None:
        nonlocal said_full
        if status.error is not None and not said_full:
            said_full = True
            line.say(f"replay: {out}: {status.error.strerror}; users are served on, nothing more is recorded.")
        line.show(f"{status.exchanges} exchanges, {status.size / 1024:.0f} KiB, {status.dropped} dropped")

    def ready(host: str, port: int) -> None:
        click.echo(f"recording http://{host}:{port} -> {settings.upstream} into {out}; Ctrl-C ends it")

    try:
        status = asyncio.run(record(settings, out, overwrite=force, on_ready=ready, on_tick=tick))
    except CannotListen as error:
        raise exits.Stop(
            f"cannot listen on {listen} ({error.strerror}); name another with --listen.", exits.USAGE
        ) from error
    except FileExistsError:
        raise _exists(out) from None
    line.close()
    click.echo(
        f"{status.written} exchanges recorded into {out}" + (f", {status.dropped} dropped" if status.dropped else "")
    )
    if status.error is not None:
        raise exits.Stop(f"{out}: {status.error.strerror}; what was recorded until then is kept.", exits.UNUSABLE_TRACE)
    return exits.PASS


def _exists(out: Path) -> exits.Stop:
    return exits.Stop(f"{out} exists; a recording cannot be made twice, so say --force or another name.", exits.USAGE)


def _address(text: str) -> tuple[str, int]:
    host, sign, port = text.rpartition(":")
    if not sign or not port.isdigit() or int(port) > 65535:
        raise click.BadParameter(f"{text!r} is not HOST:PORT.", param_hint="--listen")
    return host.strip("[]") or "127.0.0.1", int(port)
