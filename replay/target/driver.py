"""Drives a target with browser-like checkout sessions: traffic to record when there is no real one at hand."""

from __future__ import annotations

import asyncio
import random
import secrets
import ssl
import time
from collections.abc import Callable

import httpx
import orjson

from replay.target.browser import Browser
from replay.target.errors import TargetError
from replay.target.journeys import DriveConfig, Journey, plan
from replay.target.people import Person, invent
from replay.target.tally import DriveSummary, Tally
from replay.target.visitor import FailedError, Visitor, choose

__all__ = ["DriveConfig", "DriveSummary", "Progress", "drive"]

Progress = Callable[[int, int], None]


async def drive(config: DriveConfig, progress: Progress | None = None) -> DriveSummary:
    """Send every session of `config` and return what came of them.

    progress: called with (sessions ended, sessions planned) whenever one ends.

    A session that fails is counted with its reason. Only a target that cannot be used at all ends the drive, before
    it starts: then TargetError says why.
    """
    context = ssl.create_default_context()
    driver = _Driver(config, context, await _products(config, context), progress)
    begin = time.perf_counter()
    async with asyncio.TaskGroup() as sessions:
        for journey in plan(config):
            await asyncio.sleep(begin + journey.start - time.perf_counter())
            sessions.create_task(driver.session(journey))
    return driver.tally.summary(time.perf_counter() - begin)


class _Driver:
    """What the sessions of one drive share."""

    def __init__(
        self, config: DriveConfig, context: ssl.SSLContext, products: dict[bool, str], progress: Progress | None
    ) -> None:
        self.tally = Tally()
        self._config = config
        self._context = context
        self._products = products
        self._progress = progress
        self._customers: list[Person] = []
        # The plan is seeded, the people are not: driven twice, one target still meets new customers.
        self._run = secrets.token_hex(3)

    async def session(self, journey: Journey) -> None:
        person = self._person(journey)
        async with Browser(self._config.target, self._context) as http:
            product = self._products[journey.paid]
            visitor = Visitor(
                http, config=self._config, journey=journey, person=person, product=product, tally=self.tally
            )
            try:
                await visitor.visit()
            except FailedError as failure:
                reason = str(failure)
            else:
                reason = ""
        # Counted only once its connections are closed, so that each count is told before the next session ends.
        if reason:
            self.tally.failed[reason] += 1
        elif journey.abandons:
            self.tally.abandoned += 1
        else:
            self.tally.completed += 1
        if visitor.confirmed_as is not None:
            self._customers.append(person)
        if self._progress is not None:
            self._progress(self.tally.ended, self._config.sessions)

    def _person(self, journey: Journey) -> Person:
        if journey.returns is not None and self._customers:
            return self._customers[int(journey.returns * len(self._customers))]
        return invent(random.Random(journey.seed), f"{self._run}{journey.number}")


async def _products(config: DriveConfig, context: ssl.SSLContext) -> dict[bool, str]:
    """The id of the product to buy, by whether it is a paid one."""
    url = config.catalog or config.target
    try:
        async with Browser(url, context) as http:
            headers = {"authorization": f"Bearer {config.token}"}
            response = await http.get("/v1/products/", headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TargetError(f"Cannot reach {url} ({type(error).__name__}); is `replay target` running there?") from error
    if response.status_code == 401:
        raise TargetError(f"{url} does not accept this token; give its organization token with --token.")
    try:
        listing = orjson.loads(response.content)
        return {paid: choose(listing, paid=paid) for paid in ({False, True} if config.paid > 0 else {False})}
    except (KeyError, TypeError, ValueError) as error:
        reason = f"it answers /v1/products/ with {response.status_code} and no products"
        raise TargetError(f"{url} is not a checkout API to drive: {reason}.") from error
