"""What one target is started with: made once at the edge, frozen, and able to travel to a child process."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

import orjson

from replay.target.limits import Limit
from replay.target.slowdown import Slowdown

DEFAULT_TOKEN: Final = "polar_oat_demoDemoDemoDemoDemoDemoDemoDemoDemoDemo00"  # noqa: S105 - opens only the embedded target


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a target runs.

    port, provider_port: 0 picks a free one.
    seed:         of every latency and worker delay; ids and secrets are random in every start.
    slow:         endpoints made slower on purpose.
    rate_limit:   per bearer token, else per client address; None for no limit.
    ttl:          seconds until an open checkout expires (> 0).
    worker_delay: median seconds from a confirm to its order (> 0).
    token:        the organization's bearer token.
    db:           the SQLite file; None for a temporary one that goes when the target ends.
    """

    host: str = "127.0.0.1"
    port: int = 0
    provider_port: int = 0
    seed: int = 7
    slow: tuple[Slowdown, ...] = ()
    rate_limit: Limit | None = None
    ttl: float = 24 * 3600.0
    worker_delay: float = 0.4
    token: str = DEFAULT_TOKEN
    db: str | None = None

    def __post_init__(self) -> None:
        if self.ttl <= 0 or self.worker_delay <= 0:
            raise ValueError("ttl and worker_delay must be above 0 seconds.")


def dump(settings: Settings) -> str:
    """One line of JSON that `load` turns into equal settings."""
    return orjson.dumps(asdict(settings)).decode()


def load(text: str) -> Settings:
    """The inverse of `dump`; trusts its input, which only ever comes from there."""
    fields = orjson.loads(text)
    limit = fields.pop("rate_limit")
    slow = tuple(Slowdown(**slowdown) for slowdown in fields.pop("slow"))
    return Settings(slow=slow, rate_limit=None if limit is None else Limit(**limit), **fields)
