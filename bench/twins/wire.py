"""A request's parts inside its bytes on the wire, so that spans there can be told by part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bench.twins.saying import Piece, Said


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes of a target, a header's value or a body, and where they begin in the wire."""

    start: int
    data: bytes


def parts(wire: bytes) -> dict[str, Part]:
    """The parts by name: "target", "body", and "cookie 0", "x-a 0", "x-a 1" for headers."""
    head, _, body = wire.partition(b"\r\n\r\n")
    line, *lines = head.split(b"\r\n")
    method = line.partition(b" ")[0]
    found = {
        "target": Part(len(method) + 1, line[len(method) + 1 : line.rfind(b" ")]),
        "body": Part(len(head) + 4, body),
    }
    seen: Counter[str] = Counter()
    at = len(line) + 2
    for each in lines:
        name, _, value = each.partition(b": ")
        key = name.decode("latin-1").lower()
        found[f"{key} {seen[key]}"] = Part(at + len(name) + 2, value)
        seen[key] += 1
        at += len(each) + 2
    return found


def pieces(said: Said) -> Iterator[tuple[str, tuple[Piece, ...]]]:
    """The same parts of the truth."""
    yield "target", said.target
    seen: Counter[str] = Counter()
    for name, value in said.headers:
        yield f"{name.lower()} {seen[name.lower()]}", value
        seen[name.lower()] += 1
    yield "body", said.body
