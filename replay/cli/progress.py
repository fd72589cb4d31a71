"""One line on stderr that says how far something is, redrawn in place on a terminal and silent elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Final, TextIO

_EVERY: Final = 0.1


class Line:
    """A progress line; `show` redraws it at most ten times a second, `say` prints above it."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._last = 0.0
        self._width = 0

    def show(self, text: str) -> None:
        """Replace the line."""
        now = time.monotonic()
        if not self._live or now - self._last < _EVERY:
            return
        self._last = now
        self._stream.write("\r" + text.ljust(self._width))
        self._stream.flush()
        self._width = len(text)

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self.close()
        self._stream.write(text + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Clear the line, so that what follows starts on an empty one."""
        if self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()
            self._width = 0
