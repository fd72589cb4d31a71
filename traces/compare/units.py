"""The unit of evidence: what the bootstrap draws, as one integer a session.

Today a unit is a session. Sessions are numbered by their start, so a later answer (slices of time) is another map from
session to unit here, and nothing else changes.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from traces.compare.table import Ints

#: Beyond this many sessions, neighbours share a unit: 499 degrees of freedom are as good as infinitely many (t(.975) is
#: 1.965 against 1.960), and the tables of the bootstrap stay small whatever the trace.
MOST: Final = 500

#: Below this many units nothing is certified and the alarm is stricter (STATISTICS 7.3).
ENOUGH: Final = 100


def evidence(sessions: int, most: int = MOST) -> Ints:
    """Session (rank of its start) -> unit, both 0-based; units hold equally many neighbours, give or take one."""
    session = np.arange(sessions, dtype=np.int64)
    return session if sessions <= most else session * most // sessions
