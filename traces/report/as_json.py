"""A comparison for programs: the whole tree, keys as in `traces.compare.result`, with a version."""

from __future__ import annotations

import json
from typing import Final

from traces.compare.result import Comparison, to_plain

#: Goes up when a key changes its meaning or leaves; new keys may come any time.
VERSION: Final = 1


def render(comparison: Comparison) -> str:
    """Strict JSON on one line, ASCII only, so that no character of a trace reaches a terminal; ends in a line feed."""
    return json.dumps({"version": VERSION, **to_plain(comparison)}, allow_nan=False) + "\n"
