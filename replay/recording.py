"""A trace as the commands need it: looked through once, its exchanges read again from the file when needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from traces.facts import Exchanges
from traces.file import Store, TraceError
from traces.model import Header


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A trace that can be used. `warnings` are sentences about what the file has lost, `summary` is its writer's."""

    path: Path
    header: Header
    exchanges: Exchanges
    warnings: tuple[str, ...] = ()
    summary: Mapping[str, Any] = field(default_factory=dict)


def load(path: Path, progress: Callable[[int], None] = lambda _count: None) -> Recording:
    """Look through a trace. Raises TraceError when it cannot be used or holds no exchange, OSError as the disk does."""
    store, count = Store(path), 0
    for count, _ in enumerate(store, 1):
        if count % 1000 == 0:
            progress(count)
    warnings = [f"{path}: {loss}" for loss in store.losses]
    if store.torn:
        warnings.append(f"{path} ends early (its writer was cut off); {count} exchanges are whole and used")
    if not count:
        lost = "; what it held is unreadable" if store.losses else ""
        raise TraceError(f"{path} holds no exchanges{lost}. Record some traffic into it first.")
    return Recording(
        path=path,
        header=store.header,
        exchanges=store,
        warnings=tuple(warnings),
        summary=store.summary,
    )
