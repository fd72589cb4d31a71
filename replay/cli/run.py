"""`replay run`: replay a trace against a target and say how it went."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from replay.cli import exits
from replay.cli import preflight as told
from replay.cli.files import IN, OUT, STDOUT, check_out, read, read_openapi
from replay.cli.progress import Line
from replay.cli.reports import show
from replay.cli.units import Duration, Speed, check_url

if TYPE_CHECKING:
    from replay.recording import Recording
    from replay.run import Job, Result, Status
    from traces.compare import Comparison

#: Characters shown of what went wrong in a session.
_EXAMPLE: Final = 400
#: What all sessions share can be said in the environment, by the names of the suite this one takes over from.
_ENVIRONMENT: Final = {
    "LOAD_TEST_API_TOKEN": "api_token",
    "LOAD_TEST_PRODUCT_ID": "product_id",
    "LOAD_TEST_ORG_ID": "organization_id",
}
_VARIABLES: Final = {name: variable for variable, name in _ENVIRONMENT.items()}


@click.command(epilog="Example: replay staging.trace --target http://127.0.0.1:8001 --speed 5x --multiply 3")
@click.argument("trace", type=IN)
@click.option("--target", required=True, envvar=["REPLAY_TARGET", "LOAD_TEST_HOST"], help="Where to send, as an URL.")
@click.option(
    "--speed", type=Speed(), default="1x", show_default=True, help="Divide recorded gaps; server time is never scaled."
)
@click.option(
    "--multiply",
    type=click.IntRange(1, 10_000),
    default=1,
    show_default=True,
    help="Copies of every session, each as other people.",
)
@click.option("--out", type=OUT, help="Keep the run as a trace.")
@click.option("--report", type=OUT, help="Write an HTML report.")
@click.option(
    "--json", "json_out", type=OUT, help="Write the comparison as JSON, of a dry run what it found; - for stdout."
)
@click.option("--seed", type=click.IntRange(0, 2**64), help="Of identities and jitter; random unless given.")
@click.option(
    "--identities",
    type=click.Choice(["fresh", "recorded"]),
    default="fresh",
    show_default=True,
    help="Send stand-ins for people, or people as recorded (but copies register under names of their own).",
)
@click.option(
    "--sender", type=click.Choice(["raw", "httpx"]), default="raw", show_default=True, help="httpx speaks HTTP/2 too."
)
@click.option("--proxy", help="Send through this proxy (uses httpx).")
@click.option("--insecure", is_flag=True, help="Accept any certificate of the target.")
@click.option(
    "--timeout", type=Duration(), default="60s", show_default=True, help="Of one request; then it counts as timed out."
)
@click.option(
    "--allow-target", multiple=True, metavar="HOST", help="A host other than this machine that expects the load."
)
@click.option("--openapi", type=IN, metavar="FILE", help="Take path templates from this document where it has them.")
@click.option("--links", type=IN, metavar="TOML", help="Go by these links: `replay links` wrote them, you edited.")
@click.option(
    "--set",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="Send this value for a parameter all sessions share, as `replay inspect --links` names it; may be repeated.",
)
@click.option(
    "--map",
    "mapping",
    type=IN,
    metavar="FILE",
    help="Ids of the catalogue, recorded,target in each line of CSV (or name,recorded,target for parameters of that "
    'name), or JSON, {"recorded": "target"}: sent wherever no answer gives them.',
)
@click.option(
    "--accounts", type=IN, metavar="CSV", help="Logins (user,password) for sessions that need one to exist there."
)
@click.option(
    "--minter",
    multiple=True,
    metavar="SPEC",
    help="What makes a payment provider's tokens: embedded=URL, stripe[=env:KEY], or FILE.py:NAME.",
)
@click.option(
    "--secret",
    multiple=True,
    metavar="NAME=REF",
    help="A secret to sign with, as env:VARIABLE or file:PATH: stripe=env:WEBHOOK_SECRET, standard=file:whsec, and "
    "jwt=file:key.pem for the tokens that clients sign.",
)
@click.option("--signer", multiple=True, metavar="SPEC", help="A signer of your own: FILE.py:NAME.")
@click.option(
    "--dry-run", is_flag=True, help="Say what would be sent, what may go wrong and what it would cause; send nothing."
)
def command(
    trace: Path,
    target: str,
    speed: float,
    multiply: int,
    out: Path | None,
    report: Path | None,
    json_out: Path | None,
    seed: int | None,
    identities: Literal["fresh", "recorded"],
    sender: Literal["raw", "httpx"],
    proxy: str | None,
    insecure: bool,
    timeout: float,
    allow_target: tuple[str, ...],
    openapi: Path | None,
    links: Path | None,
    given: tuple[str, ...],
    mapping: Path | None,
    accounts: Path | None,
    minter: tuple[str, ...],
    secret: tuple[str, ...],
    signer: tuple[str, ...],
    dry_run: bool,
) -> int:
    """Replay a trace: its sessions, faster and more of them, with live ids and tokens in place of the recorded ones.

    --speed makes the same sessions come sooner after one another; --multiply makes more of them. Ends with a
    comparison of the run with the recording, and exits 0 when the run is valid whatever that comparison says:
    `replay compare` judges two runs.
    """
    check_url(target, "--target")
    for path in (out, report, None if json_out == STDOUT else json_out):
        check_out(path, [trace])
    from replay.bind.accounts import BadAccounts
    from replay.bind.compiling import UnknownParameter
    from replay.bind.mapping import BadMapping
    from replay.judge import against_recording
    from replay.mint import MintError, load_minters
    from replay.preflight import preflight
    from replay.prepare import Given, Settings, fresh_seed, prepare
    from replay.run import Job
    from replay.sign import Keyring, SignError, load_signers
    from traces.links import written

    recording = read(trace)
    settings = Settings(
        target=target.rstrip("/"),
        speed=speed,
        multiply=multiply,
        seed=fresh_seed() if seed is None else seed,
        identities=identities,
        sender=sender,
        proxy=proxy,
        verify=not insecure,
        timeout=timeout,
        allowed=allow_target,
        given=_given(given),
        defaults={name: value for variable, name in _ENVIRONMENT.items() if (value := os.environ.get(variable))},
        mapping=None if mapping is None else str(mapping),
        accounts=None if accounts is None else str(accounts),
    )
    try:
        keyring = Keyring(secret, environ=os.environ)
        made = Given(
            declared=read_openapi(openapi),
            stated=None if links is None else written.read(links),
            minters=load_minters(minter, environ=os.environ),
            keyring=keyring,
            signers=load_signers(signer, keyring),
        )
        prepared = prepare(recording, settings, made)
    except (UnknownParameter, BadAccounts, BadMapping, written.BadLinks, MintError, SignError) as error:
        raise exits.Stop(str(error), exits.USAGE) from error
    if prepared.mapped:
        click.echo(f"replay: {mapping}: {prepared.mapped}", err=True)
    findings = preflight(prepared, settings, now=time.time_ns(), variables=_VARIABLES)
    if dry_run:
        told.show(prepared, settings, findings, json_out)
        return exits.PASS
    with _place_for(out) as path:
        job = Job(prepared=prepared, settings=settings, out=path)
        (result,) = send(recording, [job], on_ready=lambda: told.warn(findings, len(prepared.starts)))
        comparison = against_recording(prepared, settings, result, path)
    _print(comparison, result, report, json_out)
    if out is not None:
        click.echo(f"run kept in {out}", err=True)
    return _exit(result, path if out is None else out)


def _given(words: Sequence[str]) -> dict[str, str]:
    given = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name:
            raise exits.Stop(f"--set {word!r} is no NAME=VALUE.", exits.USAGE)
        given[name] = value
    return given


def send(recording: Recording, jobs: Sequence[Job], *, on_ready: Callable[[], None] = lambda: None) -> list[Result]:
    """Make the runs, with a progress line; what stops them before the first request becomes a sentence and a code."""
    import uvloop

    from replay.guard import Refused
    from replay.run import Unreachable, run

    line = Line()

    def tick(status: Status) -> None:
        line.show(f"{status.ended} of {status.sessions} sessions, {status.sent} requests, {status.seconds:.0f} s")

    try:
        results: list[Result] = uvloop.run(run(recording, jobs, on_ready=on_ready, on_tick=tick))
    except Refused as error:
        raise exits.Stop(str(error), exits.REFUSED) from error
    except Unreachable as error:
        raise exits.Stop(str(error), exits.USAGE) from error
    finally:
        line.close()
    return results


@contextlib.contextmanager
def _place_for(out: Path | None) -> Iterator[Path]:
    """Where the run's trace goes: where it was asked for, else to a file that is gone afterwards."""
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="replay-") as folder:
        yield Path(folder) / "run.trace"


def _print(comparison: Comparison, result: Result, report: Path | None, json_out: Path | None) -> None:
    from traces.report.safe import printable

    show(comparison, report, json_out)
    for example in result.unbound:
        click.echo(f"replay: unbound: {printable(example, _EXAMPLE)}", err=True)
    for example in result.left:
        click.echo(f"replay: not as recorded: {printable(example, _EXAMPLE)}", err=True)


def _exit(result: Result, out: Path) -> int:
    if result.error is not None:
        raise exits.Stop(
            f"{out}: {result.error.strerror}; {result.dropped} exchanges of the run are missing from it.",
            exits.UNUSABLE_TRACE,
        )
    if result.interrupted:
        return exits.INTERRUPTED
    return exits.PASS if result.fidelity.invalid is None else exits.INVALID
