"""The child process that `Target` starts: settings come as one argument, one line of JSON goes back when ready."""

from __future__ import annotations

import sys

import orjson

from replay.target import settings
from replay.target.errors import TargetError
from replay.target.serve import Running, serve


def _say(**line: str) -> None:
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
    sys.stdout.flush()


def _ready(running: Running) -> None:
    _say(url=running.url, provider_url=running.provider_url, db=str(running.db))


def main() -> None:
    """Serve until standard input ends; exits with 2 and says why when the target cannot start."""
    try:
        serve(settings.load(sys.argv[1]), _ready, until_eof=True)
    except TargetError as error:
        _say(error=str(error))
        sys.exit(2)


if __name__ == "__main__":
    main()
