"""The entry point: which commands there are, the default one, and how every kind of failure leaves the process."""

from __future__ import annotations

import errno
import importlib
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from replay.cli import exits

# name -> (module that holds `command`, one line for the list). The line stands here so that listing imports nothing.
COMMANDS: Final = {
    "run": ("replay.cli.run", "Replay a trace against a target (the default command)."),
    "capture": ("replay.cli.capture", "Record live traffic through a proxy into a trace."),
    "compare": ("replay.cli.compare", "Say whether two traces' latencies differ."),
    "inspect": ("replay.cli.inspect", "Show what a trace holds."),
    "links": ("replay.cli.links", "Write what feeds what as a file to edit and replay with."),
    "verify": ("replay.cli.verify", "Check every byte of a trace, and save what is whole of a damaged one."),
    "cut": ("replay.cli.cut", "Write a part of a trace: by time, session, endpoint or sample."),
    "merge": ("replay.cli.merge", "Write several traces into one."),
    "convert": ("replay.cli.convert", "Turn another tool's recording into a trace."),
    "target": ("replay.cli.target", "Run the embedded checkout API."),
    "drive": ("replay.cli.drive", "Send browser-like checkout sessions to a target."),
    "demo": ("replay.cli.demo", "Record, replay and compare against the embedded API."),
}


class _Commands(click.Group):
    """Imports a command when it is called, and takes `run` for granted when the first word is none."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        # Every option reads an environment variable too: --max-body is REPLAY_MAX_BODY. Not so the flags that choose a
        # view: `inspect --sessions` must not read the number of sessions that REPLAY_SESSIONS gives `demo`.
        for option in command.params:
            if (
                isinstance(option, click.Option)
                and option.envvar is None
                and (not option.is_flag or option.is_bool_flag)
            ):
                option.envvar = f"REPLAY_{option.opts[0].lstrip('-').replace('-', '_').upper()}"
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in COMMANDS and (not args[0].startswith("-") or _is_run_option(args[0])):
            args.insert(0, "run")
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _is_run_option(word: str) -> bool:
    return word.startswith("--") and word not in {"--help", "--version"}


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: replay demo",
)
@click.version_option(package_name="reprise", prog_name="replay")
def group() -> None:
    """Record real checkout sessions, replay them faster and larger, and say whether latency changed.

    `replay F.trace --target URL` is short for `replay run F.trace --target URL`.
    """


def main(args: Sequence[str] | None = None) -> None:
    """Run the command and leave the process with one of the codes in `replay.cli.exits`; never a traceback."""
    try:
        result = group.main(args=args, prog_name="replay", standalone_mode=False)
        code = result if isinstance(result, int) else exits.PASS
    except click.exceptions.Exit as end:
        code = end.exit_code
    except click.exceptions.NoArgsIsHelpError as asked:
        asked.show()
        code = asked.exit_code
    except click.ClickException as failure:
        click.echo(f"replay: {_sentence(failure)}", err=True)
        code = failure.exit_code
    except exits.Stop as stop:
        click.echo(f"replay: {stop}", err=True)
        code = stop.code
    except (click.Abort, KeyboardInterrupt):
        click.echo("replay: interrupted", err=True)
        code = exits.INTERRUPTED
    except SystemExit:
        # So ends click, and nobody else here, when the reader of our output has left (`replay inspect ... | head`); its
        # code would be 1, which means regressed.
        code = exits.UNREAD
    except Exception as error:  # noqa: BLE001 - the last line of defence: a person gets a sentence, the log the rest
        code = _explain(error)
    sys.exit(code)


def _sentence(failure: click.ClickException) -> str:
    """One line for what click found wrong, where click itself prints the usage around it."""
    text = " ".join(failure.format_message().split())
    said = isinstance(failure, click.BadParameter) and not isinstance(failure, click.MissingParameter)
    if said or not isinstance(failure, click.UsageError) or failure.ctx is None:
        return text
    return f"{text.rstrip('.')}; `{failure.ctx.command_path} --help` shows what there is."


def _explain(error: Exception) -> int:
    """Say in one sentence what went wrong; returns the exit code."""
    from traces.file import TraceError

    if isinstance(error, TraceError):
        click.echo(f"replay: {error}", err=True)
        return exits.UNUSABLE_TRACE
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        click.echo(
            "replay: no space left on the disk; what was already written is kept. Free some and go on.", err=True
        )
        return exits.UNUSABLE_TRACE
    if isinstance(error, OSError) and error.filename is not None and not isinstance(error, ConnectionError):
        click.echo(f"replay: {error.filename}: {error.strerror}.", err=True)
        return exits.USAGE
    with tempfile.NamedTemporaryFile("w", prefix="replay-", suffix=".log", delete=False) as log:
        traceback.print_exception(error, file=log)
    name = Path(log.name)
    click.echo(f"replay: a defect of ours ({type(error).__name__}); please report it with {name}", err=True)
    return exits.DEFECT
