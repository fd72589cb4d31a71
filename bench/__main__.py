"""`make bench`: run every measurement, or those named: `python -m bench trace`, `... twins --sessions 5`."""

from __future__ import annotations

import importlib
import sys
from itertools import takewhile

NAMES = ("trace", "twins", "learn", "bind", "outcome")

for name in list(takewhile(lambda word: not word.startswith("-"), sys.argv[1:])) or NAMES:
    importlib.import_module(f"bench.{name}").main()
