"""Open a recording: its header, and the spool behind it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mitmproxy.version import VERSION as MITMPROXY

from traces.file import Spool, TraceWriter
from traces.file.spool import FLUSH_SECONDS
from traces.model import Header


def open_spool(
    path: Path,
    *,
    epoch_ns: int,
    upstream: str,
    config: Mapping[str, Any],
    overwrite: bool,
    flush: float = FLUSH_SECONDS,
) -> Spool:
    """Create the trace file and start its writer.

    epoch_ns: wall clock at the trace's instant 0.
    flush:    seconds between two blocks at the most.

    Raises FileExistsError unless `overwrite`: a recording cannot be made twice. Other OSErrors as the disk has them.
    """
    header = Header(
        kind="recording",
        id=secrets.token_hex(16),
        epoch_ns=epoch_ns,
        tools={"reprise": version("reprise"), "mitmproxy": MITMPROXY},
        upstream=upstream,
        config=config,
    )
    return Spool(TraceWriter(path, header, overwrite=overwrite), flush=flush)
