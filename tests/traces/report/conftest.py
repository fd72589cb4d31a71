"""A small Comparison, written by hand, that has something of everything a report shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from traces.compare import Change, Comparison, Distance, EndpointResult, Failures, LeftOut, Slot


def row(name: str = "POST /confirm") -> EndpointResult:
    """One regressed endpoint."""
    slots = tuple(Slot(at=10.0 * index, rate=2.0, p50=40.0 + index, p95=90.0) for index in range(6))
    return EndpointResult(
        name=name,
        kind="endpoint",
        n_a=2000,
        n_b=2000,
        verdict="regressed",
        why=f"{name} is 1.58x slower (95 % CI 1.52-1.64)",
        changes=(
            Change(metric="typical", a=41.2, b=65.1, ratio=1.58, low=1.52, high=1.64, p=0.0001, margin=1.1, gates=True),
            Change(metric="p50", a=40.0, b=63.0, ratio=1.575, low=1.5, high=1.65),
            Change(metric="p90", a=80.0, b=120.0, ratio=1.5, low=1.4, high=1.6),
            Change(metric="p95", a=95.0, b=150.0, ratio=1.579, low=1.4, high=1.8, p=0.0001, margin=1.2, gates=True),
            Change(metric="p99", a=None, b=None, note="needs >= 1,000 requests"),
        ),
        failures=Failures(
            requests_a=0,
            requests_b=12,
            timeouts_a=0,
            timeouts_b=2,
            only_a=0,
            only_b=12,
            p=0.001,
            points=0.6,
            worse=True,
        ),
        distance=Distance(ks=0.4, cliff=0.5, wasserstein=22.0, beyond_p95=0.2, beyond_p99=0.06),
        ecdf_a=((10.0, 0.1), (40.0, 0.5), (95.0, 0.95), (200.0, 1.0)),
        ecdf_b=((15.0, 0.1), (63.0, 0.5), (150.0, 0.95), (300.0, 0.994)),
        timeline_a=slots,
        timeline_b=slots,
    )


def comparison(*rows: EndpointResult, **more: object) -> Comparison:
    """A regressed comparison of `rows`."""
    endpoints = rows or (row(),)
    values: dict[str, object] = {
        "verdict": "regressed",
        "why": (f"Regressed: {endpoints[0].why}.",),
        "names": ("recording", "run"),
        "paired": True,
        "weak": False,
        "sessions": (250, 250),
        "requests": (2000, 2000),
        "units": 250,
        "endpoints": endpoints,
        "timeline_a": endpoints[0].timeline_a,
        "timeline_b": endpoints[0].timeline_b,
        "left_out": (LeftOut(reason="connect_in_wait", a=3, b=17),),
        "caveats": ("One run a side.",),
        "facts": {"sent": "2,000 of 2,000", "repeat with": "replay compare a.trace b.trace"},
        "settings": {"alpha": 0.05, "seed": 0},
        **more,
    }
    return Comparison(**values)  # type: ignore[arg-type]  # each key is a field


@pytest.fixture(scope="session")
def result() -> Callable[..., EndpointResult]:
    """`row`, for tests: helper modules are not importable from test folders."""
    return row


@pytest.fixture(scope="session")
def found() -> Callable[..., Comparison]:
    """`comparison`, for tests."""
    return comparison
