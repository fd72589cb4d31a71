"""Answers as a service gives them, in few words, and what is said of a live one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from traces.model import Event, Response
from traces.outcome import Learner, differs


def answer(document: Any = None, status: int = 200, **headers: str) -> Response:
    """An answer in JSON, or without a body."""
    body = b"" if document is None else json.dumps(document).encode()
    return raw(body, "application/json" if body else "", status, **headers)


def raw(body: bytes | None, kind: str = "text/html; charset=utf-8", status: int = 200, **headers: str) -> Response:
    """An answer of any type."""
    pairs = {"content-type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Response(status=status, headers=tuple((n.encode(), v.encode()) for n, v in pairs.items() if v), body=body)


def page(html: str) -> Response:
    return raw(html.encode())


def redirect(location: str, status: int = 302) -> Response:
    return raw(b"", "", status, location=location)


def events(*pieces: tuple[str, Any]) -> list[Event]:
    """A stream's events, each of them a name and its data."""
    return [
        Event(at=n, data=f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())
        for n, (name, data) in enumerate(pieces)
    ]


def against(
    recorded: Sequence[Response] | Response, live: Response, endpoint: str = "POST /checkout", step: int = -1
) -> str | None:
    """What is said of a live answer to a step of a recording in which its endpoint gave these answers."""
    learner = Learner(own=[b"shop.example"])
    makes = [learner.make(endpoint, one) for one in ([recorded] if isinstance(recorded, Response) else recorded)]
    return differs(makes[step], live)


def told(recorded: Any, live: Any, endpoint: str = "POST /checkout") -> str | None:
    """The same, of documents: the last one recorded is the step's own."""
    many = recorded if isinstance(recorded, tuple) else (recorded,)
    return against([answer(one) for one in many], answer(live), endpoint)
