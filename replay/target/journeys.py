"""What each visitor will do and when: drawn ahead from the seed, before a single request is sent.

Rule 1: nothing here reads a clock or sends anything; the driver only obeys.
Rule 2: starts are absolute (an open loop), so a slow target does not slow the arrivals.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from replay.target.settings import DEFAULT_TOKEN

#: How likely each extra step is, after the load test of the API this target is shaped like.
WEIGHTS: Final[Mapping[str, float]] = MappingProxyType({"create": 10.0, "update": 5.0, "get": 3.0})

_ABANDON_SHARE: Final = 0.15
_RETURN_SHARE: Final = 0.10
_MOST_EXTRA_STEPS: Final = 3
_THINK_SIGMA: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class DriveConfig:
    """What to drive.

    target:   the API's URL, or that of a recording proxy before it.
    catalog:  where product ids are looked up once beforehand; None for the target. With a proxy as target, name the
              API itself here and the lookup stays out of the recording.
    provider: the payment provider's URL, where paid sessions get their confirmation token; needed when paid > 0.
    sessions: how many, >= 1.
    rate:     session starts a second, > 0; Poisson.
    think:    median seconds before a step, >= 0; lognormal.
    paid, stream, browse: shares from 0 to 1: of sessions that buy the paid product, that wait on the event stream, and
              that take the product from the list they fetch themselves.
    weights:  of the extra steps create, update and get; none below 0, not all 0.
    patience: seconds a visitor waits for the order before the session counts as failed.
    """

    target: str
    catalog: str | None = None
    provider: str | None = None
    token: str = DEFAULT_TOKEN
    sessions: int = 50
    rate: float = 8.0
    think: float = 0.3
    seed: int = 1
    paid: float = 0.0
    stream: float = 0.15
    browse: float = 0.60
    weights: Mapping[str, float] = field(default_factory=lambda: WEIGHTS)
    patience: float = 30.0

    def __post_init__(self) -> None:
        if self.sessions < 1 or self.rate <= 0 or self.think < 0:
            raise ValueError("sessions and rate must be above 0, and think not below.")
        if not all(0 <= share <= 1 for share in (self.paid, self.stream, self.browse)):
            raise ValueError("paid, stream and browse are shares from 0 to 1.")
        if self.paid > 0 and self.provider is None:
            raise ValueError("paid sessions need the payment provider's URL.")
        if unknown := set(self.weights) - set(WEIGHTS):
            raise ValueError(f"there is no step {sorted(unknown)[0]!r} to weigh; choose of {', '.join(WEIGHTS)}.")
        if min(self.weights.values(), default=0) < 0 or sum(self.weights.values()) <= 0:
            raise ValueError("weights must not be below 0, and one must be above.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing a visitor does, `think` seconds after the one before.

    name: "products", "create", "update", "get", "confirm", "outcome" (wait for the order) or "portal" (look at it).
    """

    name: str
    think: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One session as planned.

    start:   seconds after the drive's start.
    returns: which of the customers who confirmed so far comes back, as a share from 0 to 1; None for a new customer.
    seed:    of the person and the card.
    """

    number: int
    start: float
    steps: tuple[Step, ...]
    paid: bool
    streams: bool
    returns: float | None
    seed: int

    @property
    def abandons(self) -> bool:
        return all(step.name != "confirm" for step in self.steps)


def plan(config: DriveConfig) -> list[Journey]:
    """Every journey of a drive, in the order of their starts, the first at 0; the same for the same config."""
    rng = random.Random(config.seed)
    journeys = []
    start = 0.0
    for number in range(config.sessions):
        journeys.append(
            Journey(
                number=number,
                start=start,
                steps=_steps(rng, config),
                paid=rng.random() < config.paid,
                streams=rng.random() < config.stream,
                returns=rng.random() if rng.random() < _RETURN_SHARE else None,
                seed=rng.getrandbits(32),
            )
        )
        start += rng.expovariate(config.rate)
    return journeys


def _steps(rng: random.Random, config: DriveConfig) -> tuple[Step, ...]:
    def step(name: str) -> Step:
        return Step(name=name, think=config.think * rng.lognormvariate(0, _THINK_SIGMA))

    # The first request and the first look at the outcome follow at once, as a page's own script sends them.
    opening = [Step(name="products"), step("create")] if rng.random() < config.browse else [Step(name="create")]
    extra = rng.choices(list(config.weights), list(config.weights.values()), k=rng.randint(0, _MOST_EXTRA_STEPS))
    before = [*map(step, extra), step("update")]
    if rng.random() < _ABANDON_SHARE:
        return (*opening, *before[: rng.randint(0, len(before))])
    return (*opening, *before, step("confirm"), Step(name="outcome"), step("portal"))
