"""`replay convert`: turn another tool's recording into a trace."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

import click

from replay.cli import exits
from replay.cli.files import IN, OUT, check_out
from replay.cli.progress import Line


@click.command(epilog="Example: replay convert flows.mitm flows.trace")
@click.argument("source", type=IN)
@click.argument("out", type=OUT)
def command(source: Path, out: Path) -> int:
    """Turn a mitmproxy dump (`mitmdump -w`) into a trace.

    A dump knows no instant at which a request went upstream, so its latencies are marked approximate and left out of
    verdicts; sessions, links and bodies come over whole.
    """
    from traces.convert.mitmproxy_dump import NotADump, read
    from traces.file import TraceWriter
    from traces.model import Header

    check_out(out, [source])
    line = Line()
    try:
        epoch, exchanges = read(source)
        header = Header(
            kind="recording",
            # The same dump gives the same trace, byte for byte.
            id=hashlib.blake2b(source.read_bytes(), digest_size=16).hexdigest(),
            epoch_ns=epoch,
            tools={"reprise": version("reprise")},
            config={"converted_from": "mitmproxy dump"},
        )
        with TraceWriter(out, header) as writer:
            for exchange in exchanges:
                writer.append(exchange)
                line.show(f"{writer.exchanges} exchanges")
    except NotADump as error:
        kept = f" {writer.exchanges} flows before the fault are in {out}." if "writer" in locals() else ""
        raise exits.Stop(f"{error}{kept}", exits.UNUSABLE_TRACE) from error
    line.close()
    click.echo(f"{writer.exchanges} exchanges in {out}")
    return exits.PASS
