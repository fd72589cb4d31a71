"""What a reader looks at beside the verdict: distances, distribution curves, timelines. None of it decides anything."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from traces.compare.quantiles import quantile
from traces.compare.quantities import Quantity, Sample
from traces.compare.result import Distance, Slot
from traces.compare.table import Floats, Ints

_POINTS: Final = 200
_SLOTS: Final = 30
#: Requests a slot should hold on average, so that its p95 is one.
_PER_SLOT: Final = 40


def distance(quantity: Quantity) -> Distance | None:
    """Distances between what was answered; None when a side answered nothing."""
    a, b = (sample.ms[: len(sample.ms) - sample.failed] for sample in (quantity.a, quantity.b))
    if not (len(a) and len(b)):
        return None
    # Both are sorted, so each of these is a merge; scipy.stats' ks_2samp, mannwhitneyu and wasserstein_distance sort
    # again, compute p-values that nobody may read here, and give the same numbers (a test holds them to it).
    merged = np.concatenate((a, b))
    merged.sort(kind="stable")
    below_a = np.searchsorted(a, merged, side="right") / len(a)
    below_b = np.searchsorted(b, merged, side="right") / len(b)
    gap = np.abs(below_a - below_b)
    wins = np.searchsorted(a, b, side="left").sum() - (len(a) - np.searchsorted(a, b, side="right")).sum()
    return Distance(
        ks=float(gap.max()),
        cliff=float(wins) / len(a) / len(b),
        wasserstein=float((gap[:-1] * np.diff(merged)).sum()),
        beyond_p95=_beyond(b, quantile(a, 0.95)),
        beyond_p99=_beyond(b, quantile(a, 0.99)),
    )


def _beyond(ascending: Floats, limit: float) -> float:
    return float(1 - np.searchsorted(ascending, limit, side="right") / len(ascending))


def ecdf(sample: Sample) -> tuple[tuple[float, float], ...]:
    """(ms, share answered within it): half the points even in the share, half even in its tail's logarithm."""
    n, answered = len(sample.ms), len(sample.ms) - sample.failed
    if not answered:
        return ()
    even = np.linspace(0, 0.95, _POINTS // 2)
    tail = 1 - np.logspace(math.log10(0.05), -math.log10(max(n, 21)), _POINTS // 2)
    shares = np.concatenate((even, tail[:-1]))
    rank = np.unique(np.append(np.ceil(shares * n).astype(np.int64).clip(1, answered), answered))
    return tuple((round(float(sample.ms[r - 1]), 4), round(float(r / n), 6)) for r in rank)


def timelines(a: tuple[Ints, Floats], b: tuple[Ints, Floats]) -> tuple[tuple[Slot, ...], tuple[Slot, ...]]:
    """(start in ns, ms) of both sides in equally many slots, at most 30, each side over its own span.

    Equally many, so that slot i of a run at another speed still stands for the same part of the recording.
    """
    fewest = min(len(start) for start, _ in (a, b))
    slots = int(np.clip(fewest // _PER_SLOT, 5, _SLOTS))
    return _timeline(*a, slots), _timeline(*b, slots)


def _timeline(start: Ints, ms: Floats, slots: int) -> tuple[Slot, ...]:
    if len(start) < 2 or start.max() == start.min():
        return ()
    begin = int(start.min())
    width = (int(start.max()) - begin) / slots
    slot = ((start - begin) / width).astype(np.int64).clip(max=slots - 1)
    order = np.lexsort((ms, slot))
    parts = np.split(ms[order], np.searchsorted(slot[order], np.arange(1, slots)))
    return tuple(
        Slot(
            at=round(index * width / 1e9, 3),
            rate=round(len(part) / width * 1e9, 3),
            p50=_answer(part, 0.5, 5),
            p95=_answer(part, 0.95, 20),
        )
        for index, part in enumerate(parts)
    )


def _answer(ascending: Floats, level: float, least: int) -> float | None:
    """A slot's percentile; None when it holds fewer than `least` requests, or the percentile is a failure."""
    if len(ascending) < least:
        return None
    value = quantile(ascending, level)
    return round(value, 4) if math.isfinite(value) else None
