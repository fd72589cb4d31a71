"""The embedded checkout API and its payment provider's double, as a process of its own.

The driver that sends sessions to it is `replay.target.driver`: it needs httpx, and a starting target should not wait
for that import.
"""

from replay.target.errors import TargetError
from replay.target.latency import MEDIANS
from replay.target.limits import Limit
from replay.target.server import Target, orders
from replay.target.settings import DEFAULT_TOKEN, Settings
from replay.target.slowdown import Slowdown

__all__ = [
    "DEFAULT_TOKEN",
    "MEDIANS",
    "Limit",
    "Settings",
    "Slowdown",
    "Target",
    "TargetError",
    "orders",
]
