"""A server's answer, and how a client reads it: every value read out is live, and says where it stood."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.twins.text import Origin, Source, Text, made
from traces.lens.leaf import NAME
from traces.model import HeaderPairs, Response

#: A step into a document: a field (a Text: one whose name an answer gave), an index (from the end where negative), or
#: the one item whose fields read like this.
Step = Text | str | int | Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a server answers: a JSON document, a page, or neither.

    headers: beyond the usual ones; cookies: name -> value, set for the whole site.
    """

    status: int = 200
    json: Any = None
    html: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    cookies: Mapping[str, str] | None = None
    zipped: bool = False

    def response(self, usual: tuple[tuple[str, str], ...]) -> Response:
        """As it goes over the wire, `usual` headers first."""
        body, kind = self.html.encode(), "text/html; charset=utf-8"
        if self.json is not None:
            body, kind = json.dumps(self.json, separators=(",", ":"), ensure_ascii=False).encode(), "application/json"
        headers = [*usual, *self.headers]
        headers += [("set-cookie", f"{name}={value}; Path=/; HttpOnly") for name, value in (self.cookies or {}).items()]
        if body:
            headers.append(("content-type", kind))
        if self.zipped:
            body = gzip.compress(body, mtime=0)
            headers.append(("content-encoding", "gzip"))
        headers.append(("content-length", str(len(body))))
        return Response(status=self.status, reason=b"", headers=_pairs(headers), body=body)


def _pairs(headers: list[tuple[str, str]]) -> HeaderPairs:
    return tuple((name.encode(), value.encode()) for name, value in headers)


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply to one exchange, as the client sees it. Asking for what is not there is a mistake in the world."""

    exchange: int
    reply: Reply

    def at(self, *steps: Step) -> Text:
        """A value of the JSON document."""
        value, path = self._walk(steps)
        if value is None or isinstance(value, bool | dict | list):
            raise LookupError(f"no value at {path}")
        return self._live(value if isinstance(value, int) else str(value), f"body.{path}")

    def key(self, *steps: Step, where: Mapping[str, Any]) -> Text:
        """The key of the one item whose fields read like this, in an object of objects."""
        value, path = self._walk(steps)
        ((n, key),) = [
            (n, key) for n, (key, item) in enumerate(value.items()) if all(item[name] == where[name] for name in where)
        ]
        return self._live(key, f"body.{path}[{n}]{NAME}")

    def has(self, *steps: Step) -> bool:
        """Is there something, and not null?"""
        try:
            return self._walk(steps)[0] is not None
        except LookupError:
            return False

    def word(self, *steps: Step) -> Any:
        """A value the client looks at and does not send."""
        return self._walk(steps)[0]

    def header(self, name: str) -> Text:
        """A header's value."""
        return self._live(dict(self.reply.headers)[name], f"header.{name}")

    def cookies(self) -> dict[str, Text]:
        """Every cookie it sets."""
        return {name: self._live(value, f"cookie.{name}") for name, value in (self.reply.cookies or {}).items()}

    def found(self, pattern: str, name: str) -> Text:
        """The first group of `pattern` in the page; `name` says what it is."""
        match = re.search(pattern, self.reply.html, re.DOTALL)
        if match is None:
            raise LookupError(f"no {pattern} in the page")
        return self._live(match[1], f"body|html.{name}")

    def _walk(self, steps: tuple[Step, ...]) -> tuple[Any, str]:
        value, path = self.reply.json, "$"
        for step in steps:
            if isinstance(step, Mapping):
                (index,) = [n for n, item in enumerate(value) if all(item[key] == step[key] for key in step)]
                value, path = value[index], f"{path}[{index}]"
            elif isinstance(step, Text):
                value, path = value[str(step)], f"{path}[{list(value).index(str(step))}]"
            elif isinstance(step, int) and step < 0:
                value, path = value[step], f"{path}[{len(value) + step}]"
            else:
                value, path = value[step], f"{path}[{step}]" if isinstance(step, int) else f"{path}.{step}"
        return value, path

    def _live(self, value: str | int, slot: str) -> Text:
        return made(value, Origin.LIVE, Source(self.exchange, slot))
