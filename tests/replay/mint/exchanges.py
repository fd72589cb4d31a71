"""Recorded confirms, and answers to them."""

from __future__ import annotations

import json
from typing import Any

from traces.model import Clock, Exchange, Request, Response

JSON = ((b"content-type", b"application/json"),)


def confirmed(status: int = 200, document: Any = None, *, body: bytes | None = None, number: int = 1) -> Exchange:
    """A confirm that was answered so."""
    request = Request(method=b"POST", scheme=b"http", authority=b"shop.example", target=b"/v1/c/confirm")
    text = json.dumps(document).encode() if body is None else body
    answer = Response(status=status, headers=JSON if body is None else (), body=text)
    return Exchange(id=number, clock=Clock(received=0), request=request, response=answer)


def unanswered() -> Exchange:
    """A confirm that nothing came back for."""
    request = Request(method=b"POST", scheme=b"http", authority=b"shop.example", target=b"/v1/c/confirm")
    return Exchange(id=1, clock=Clock(received=0), request=request, error="timeout")
