"""`make bench`: run every measurement, or those named: `python -m bench trace`."""

from __future__ import annotations

import importlib
import sys

NAMES = ("trace",)

for name in sys.argv[1:] or NAMES:
    importlib.import_module(f"bench.{name}").main()
