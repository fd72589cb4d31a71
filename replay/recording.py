"""Read a trace whole, as the commands need it: its header, its exchanges, and what was lost of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from traces.file import TraceError, TraceReader
from traces.model import Exchange, Header


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A trace in memory. `warnings` are sentences about what the file has lost, `summary` is its writer's."""

    path: Path
    header: Header
    exchanges: list[Exchange]
    warnings: tuple[str, ...] = ()
    summary: Mapping[str, Any] = field(default_factory=dict)


def load(path: Path, progress: Callable[[int], None] = lambda _count: None) -> Recording:
    """Read a trace. Raises TraceError when it cannot be used or holds no exchange, OSError as the disk does."""
    exchanges: list[Exchange] = []
    with TraceReader(path) as reader:
        for exchange in reader:
            exchanges.append(exchange)
            if len(exchanges) % 1000 == 0:
                progress(len(exchanges))
        warnings = [f"{path}: {loss}" for loss in reader.losses]
        if reader.torn:
            warnings.append(
                f"{path} ends early (its writer was cut off); {len(exchanges)} exchanges are whole and used"
            )
        if not exchanges:
            lost = "; what it held is unreadable" if reader.losses else ""
            raise TraceError(f"{path} holds no exchanges{lost}. Record some traffic into it first.")
        return Recording(
            path=path,
            header=reader.header,
            exchanges=exchanges,
            warnings=tuple(warnings),
            summary=reader.summary,
        )
