"""How long the target takes to answer: a pure function of the seed, the endpoint, its n-th request and the time.

Rule 1: nothing here reads a clock or keeps state; two targets with one seed are alike, request for request.
Rule 2: a slowdown is applied last, so a slowed latency is exactly the plain one times its factor plus its extra.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from types import MappingProxyType
from typing import Final

from replay.target.slowdown import Slowdown

#: Endpoint name -> median latency in seconds, of the order of a small service beside its database.
MEDIANS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "create": 0.018,
        "update": 0.012,
        "get": 0.006,
        "confirm": 0.025,
        "stream": 0.006,
        "orders": 0.008,
        "order": 0.006,
        "products": 0.005,
    }
)

_SIGMA: Final = 0.30  # of the logarithm: p95 is 1.6 times the median
_SPIKE_SHARE: Final = 0.01
_SPIKE_LEAST: Final = 2.0
_SPIKE_MOST: Final = 10.0
_SPIKE_SHAPE: Final = 1.5  # Pareto's alpha: 9 % of the spikes reach the cap
_WORKER_SIGMA: Final = 0.5

# Time is cut into slots with one slow period each, at a drawn place inside it: the share is exact, the places are not
# regular, and whether an instant is slow needs no memory of the periods before it.
_SLOW_MEAN: Final = 2.0  # seconds
_SLOW_SHARE: Final = 0.06
_SLOW_FACTOR: Final = 1.8
_SLOT: Final = _SLOW_MEAN / _SLOW_SHARE

_NORMAL: Final = NormalDist()


def uniforms(seed: int, name: str, n: int) -> tuple[float, float, float]:
    """Three numbers strictly between 0 and 1, always the same for the same arguments.

    A hash rather than random.Random: no state to carry, no 2 KB generator to seed for each request, and the same
    numbers in every version of Python.
    """
    digest = hashlib.blake2b(f"{seed}/{name}/{n}".encode(), digest_size=24).digest()
    first, second, third = struct.unpack("<3Q", digest)
    # 52 bits: with 53 the largest would round to 1.0, where the normal quantile is infinite.
    return ((first >> 12) + 0.5) / 2**52, ((second >> 12) + 0.5) / 2**52, ((third >> 12) + 0.5) / 2**52


def lognormal(median: float, sigma: float, u: float) -> float:
    """The u-quantile (0 < u < 1) of a lognormal distribution, in the unit of `median`."""
    return median * math.exp(sigma * _NORMAL.inv_cdf(u))


def worker_delay(seed: int, n: int, median: float) -> float:
    """Seconds from the n-th confirm to its order; lognormal around `median` seconds."""
    return lognormal(median, _WORKER_SIGMA, uniforms(seed, "worker", n)[0])


def is_slow_period(seed: int, at: float) -> bool:
    """Whether `at`, seconds since the target started (>= 0), lies in a slow period, which all endpoints share."""
    slot = int(at // _SLOT)
    place, length, _ = uniforms(seed, "slow period", slot)
    seconds = _SLOW_MEAN * (0.5 + length)
    start = slot * _SLOT + place * (_SLOT - seconds)
    return start <= at < start + seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """The latencies of one target.

    slow: applied in order after everything else was drawn.
    """

    seed: int
    slow: tuple[Slowdown, ...] = ()

    def seconds(self, endpoint: str, n: int, at: float) -> float:
        """Latency of the n-th request (from 0) of `endpoint`, which arrived `at` seconds after the start.

        A lognormal body, 1 % Pareto spikes of 2 to 10 times, times 1.8 in a slow period, then the slowdowns.
        Raises KeyError for an endpoint that is not in MEDIANS.
        """
        body, spike, size = uniforms(self.seed, endpoint, n)
        seconds = lognormal(MEDIANS[endpoint], _SIGMA, body)
        if spike < _SPIKE_SHARE:
            seconds *= min(_SPIKE_MOST, _SPIKE_LEAST * size ** (-1 / _SPIKE_SHAPE))
        if is_slow_period(self.seed, at):
            seconds *= _SLOW_FACTOR
        for slowdown in self.slow:
            if slowdown.endpoint == endpoint:
                seconds = seconds * slowdown.factor + slowdown.extra
        return seconds
