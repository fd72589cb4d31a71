"""Exit codes, which are API, and the one exception that carries a sentence and a code to the shell."""

from __future__ import annotations

from typing import Final

PASS: Final = 0
REGRESSED: Final = 1
USAGE: Final = 2
INCONCLUSIVE: Final = 3
INVALID: Final = 4
REFUSED: Final = 5
UNUSABLE_TRACE: Final = 6
STOPPED: Final = 7
DEFECT: Final = 70
INTERRUPTED: Final = 130
#: The reader of stdout left before all was said (128 + SIGPIPE). Never 0: half a verdict is no pass.
UNREAD: Final = 141


class Stop(Exception):
    """End the command with one sentence on stderr, which says what to do next, and an exit code."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.code = code
