"""Two traces in, one verdict with its evidence out; pure, and the only place where scipy may be imported."""

from traces.compare.margins import Margins
from traces.compare.procedure import compare
from traces.compare.result import (
    Change,
    Comparison,
    Distance,
    EndpointResult,
    Failures,
    LeftOut,
    Slot,
    to_plain,
)
from traces.compare.verdict import exit_code

__all__ = [
    "Change",
    "Comparison",
    "Distance",
    "EndpointResult",
    "Failures",
    "LeftOut",
    "Margins",
    "Slot",
    "compare",
    "exit_code",
    "to_plain",
]
