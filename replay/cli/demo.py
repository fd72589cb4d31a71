"""`replay demo`: record, replay and gate against the embedded checkout API, all on this machine."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from replay.cli import exits
from replay.cli.files import write_text
from replay.cli.progress import Line
from replay.cli.run import send
from replay.cli.units import Speed

if TYPE_CHECKING:
    from replay.run import Result
    from replay.target import Slowdown


@click.command(epilog="Example: replay demo --slow confirm=+60%")
@click.option(
    "--slow", multiple=True, metavar="ENDPOINT=+N%", help="Slow an endpoint of the candidate, as `replay target` does."
)
@click.option("--sessions", type=click.IntRange(20, 5000), default=300, show_default=True, help="How many to record.")
@click.option("--speed", type=Speed(), default="5x", show_default=True, help="Of the replays.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep traces and reports here; a new temporary folder by default.",
)
def command(slow: tuple[str, ...], sessions: int, speed: float, out: Path | None) -> int:
    """Show the whole way on this machine in about a minute.

    Records browser-like checkout sessions, replays them against a target whose every id and token is new, compares the
    run with the recording, and then gates: a run against an unslowed target and one against a candidate, both at once.
    Exits by the gate's verdict, except that an inconclusive one passes.
    """
    from replay import demo
    from replay.target import MEDIANS, TargetError
    from replay.target.slowdown import parse

    try:
        slowdowns = tuple(parse(text, MEDIANS) for text in slow)
    except (TargetError, ValueError) as error:
        raise click.BadParameter(str(error), param_hint="--slow") from error
    folder = out or Path(tempfile.mkdtemp(prefix="replay-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    line = Line()
    try:
        return _show(folder, slow, slowdowns, sessions, speed, line)
    except demo.DemoFailed as failure:
        raise exits.Stop(f"{failure} (what there is: {folder})", exits.INVALID) from failure
    except KeyboardInterrupt:
        line.close()
        click.echo(f"what was recorded until now is in {folder}", err=True)
        raise
    finally:
        line.close()


def _show(
    folder: Path, slow: tuple[str, ...], slowdowns: tuple[Slowdown, ...], sessions: int, speed: float, line: Line
) -> int:
    from replay import demo
    from replay.judge import against_recording, two_traces
    from replay.recording import load
    from traces.compare import exit_code
    from traces.report import page, text
    from traces.report.safe import printable

    recorded = demo.record(folder, sessions=sessions, progress=line.show)
    recording = load(recorded.trace)
    line.close()
    click.echo(f"recorded  {sessions} sessions, {len(recording.exchanges)} exchanges, {recorded.orders} orders")

    click.echo(f"replaying at {speed:g}x against a restarted target: every id and token is new ...")
    run = demo.replay(recording, folder / "run.trace", speed=speed, send=send)
    _stop_if_interrupted(run.result, folder)
    fidelity = run.result.fidelity
    click.echo(
        f"replayed  {fidelity.completed} of {fidelity.sessions} sessions completed, {fidelity.attempts} requests, "
        f"{fidelity.unbound_ours + fidelity.unbound_target} unbound"
    )
    click.echo(f"orders    {run.orders} made, {recorded.orders} recorded")
    fidelity_report = folder / "replay.html"
    against = against_recording(run.job.prepared, run.job.settings, run.result, run.job.out)
    write_text(fidelity_report, page.render(against))
    click.echo(f"against the recording (through a proxy, at 1x): {printable(against.why[0])}")
    click.echo(f"report    {fidelity_report}")

    named = " with " + ", ".join(slow) if slow else ""
    click.echo(f"replaying at {speed:g}x against a baseline and a candidate{named} at once ...")
    baseline, candidate = demo.duet(recording, folder, speed=speed, slow=slowdowns, send=send)
    _stop_if_interrupted(candidate.result, folder)
    gate = two_traces(load(baseline.job.out), load(candidate.job.out))
    gate_report = folder / "gate.html"
    write_text(gate_report, page.render(gate))
    click.echo(f"orders    {baseline.orders} and {candidate.orders} made, {recorded.orders} recorded")
    click.echo("")
    click.echo(text.render(gate))
    click.echo(f"report    {gate_report}")
    if run.orders != recorded.orders or fidelity.unbound_ours or fidelity.unbound_target:
        raise demo.DemoFailed(f"{run.orders} orders were made of {recorded.orders} recorded")
    code = exit_code(gate)
    return exits.PASS if code == exits.INCONCLUSIVE else code


def _stop_if_interrupted(result: Result, folder: Path) -> None:
    if result.interrupted:
        click.echo(f"what was measured until now is in {folder}", err=True)
        raise click.Abort
