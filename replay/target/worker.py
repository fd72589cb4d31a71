"""The background worker: some time after a confirm it makes the order and turns the checkout to "succeeded"."""

from __future__ import annotations

import asyncio
from typing import Final

from replay.target.clock import now
from replay.target.hub import Hub
from replay.target.store import Store

_PAUSE: Final = 0.02  # seconds between looks at the jobs table; small against the delays, 50 queries a second


async def work(store: Store, hub: Hub) -> None:
    """Do every job that is due, for ever; ends when cancelled, between two jobs."""
    while True:
        for secret in store.due_jobs(now()):
            store.fulfil(secret, now())
            hub.publish(secret, "succeeded")
        await asyncio.sleep(_PAUSE)
