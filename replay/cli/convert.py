"""`replay convert`: another tool's recording into a trace, and a trace into another tool's format."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replay.cli import exits
from replay.cli.files import IN, OUT, check_out
from replay.cli.progress import Line

if TYPE_CHECKING:
    from traces.model import Exchange

_NAMES = ("har", "gor", "mitm")


@click.command(epilog="Example: replay convert flows.mitm flows.trace")
@click.argument("source", type=IN)
@click.argument("out", type=OUT)
@click.option("--from", "source_format", type=click.Choice(_NAMES), help="What SOURCE is; told by its first bytes.")
@click.option("--to", "out_format", type=click.Choice([*_NAMES, "trace"]), help="What OUT is to be; told by its name.")
def command(source: Path, out: Path, source_format: str | None, out_format: str | None) -> int:
    """Turn a HAR (browsers, Playwright, Charles), a GoReplay file or a mitmproxy dump into a trace, or back.

    A trace holds all that the others do; what another format cannot hold of a trace is said. Latencies that another
    tool measured between other instants than ours are marked approximate and left out of verdicts.
    """
    from traces.convert.formats import SNIFF, of_name, sniff
    from traces.file.frames import MAGIC

    check_out(out, [source])
    with source.open("rb") as file:
        head = file.read(SNIFF)
    line = Line()
    try:
        if head.startswith(MAGIC):
            target = out_format or of_name(out)
            if target in {None, "trace"}:
                raise exits.Stop(f"name what {out} is to be: --to {', --to '.join(_NAMES)}.", exits.USAGE)
            return _export(source, out, str(target), line)
        kind = source_format or sniff(head)
        if kind is None:
            raise exits.Stop(
                f"{source} is {'not one of the formats read here; say which with --from' if head else 'empty'}.",
                exits.UNUSABLE_TRACE,
            )
        return _import(source, out, kind, line)
    except ValueError as error:
        raise exits.Stop(str(error), exits.UNUSABLE_TRACE) from error
    finally:
        line.close()


def _import(source: Path, out: Path, kind: str, line: Line) -> int:
    from traces.convert.formats import FORMATS
    from traces.file import TraceWriter
    from traces.model import Header

    epoch, exchanges = FORMATS[kind].read(source)
    header = Header(
        kind="recording",
        id=_digest(source),
        epoch_ns=epoch,
        tools={"reprise": version("reprise")},
        config={"converted_from": FORMATS[kind].name},
    )
    with TraceWriter(out, header) as writer:
        try:
            for exchange in exchanges:
                writer.append(exchange)
                line.show(f"{writer.exchanges} exchanges")
        except ValueError as error:
            raise ValueError(f"{error} The {writer.exchanges} exchanges before it are in {out}.") from error
    line.close()
    click.echo(f"{writer.exchanges} exchanges in {out}")
    return exits.PASS


def _export(source: Path, out: Path, kind: str, line: Line) -> int:
    from traces.convert.formats import FORMATS
    from traces.file import TraceReader

    def counted() -> Iterator[Exchange]:
        for count, exchange in enumerate(reader, 1):
            line.show(f"{count} exchanges")
            yield exchange

    with TraceReader(source) as reader:
        count = FORMATS[kind].write(counted(), out, epoch_ns=reader.header.epoch_ns)
        line.close()
        for loss in reader.losses:
            click.echo(f"replay: {source}: {loss}", err=True)
    loses = FORMATS[kind].loses
    click.echo(f"{count} exchanges in {out}" + (f", without {loses}" if loses else ""))
    return exits.PASS


def _digest(path: Path) -> str:
    """The same file gives the same trace, byte for byte."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16))
    return digest.hexdigest()
