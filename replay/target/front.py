"""What stands before the routes: notes when a request arrived, and turns away who asks too often."""

from __future__ import annotations

import time
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from replay.target import refusals
from replay.target.limits import Limit, Limiter

#: Key in the ASGI scope: when the request's head had arrived, in seconds of time.perf_counter().
ARRIVED: Final = "reprise.arrived"


class Front:
    """Plain ASGI rather than a Starlette middleware class: those cost a task and two queues for each request."""

    def __init__(self, app: ASGIApp, limit: Limit | None) -> None:
        self._app = app
        self._limiter = None if limit is None else Limiter(limit=limit)
        self._start = time.perf_counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[ARRIVED] = arrived = time.perf_counter()
        if self._limiter is not None and scope["path"] != "/healthz":
            wait = self._limiter.wait(_caller(scope), arrived - self._start)
            if wait > 0:
                await refusals.too_many(wait).response()(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _caller(scope: Scope) -> str:
    """The bearer token a request carries, valid or not, else the address it comes from."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return str(value, "latin-1")
    return str(scope["client"][0]) if scope["client"] else ""
