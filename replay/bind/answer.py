"""A live answer, and how a value is read out of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from traces.lens import Address, Reading
from traces.links import Condition, Source
from traces.links.model import Recipe
from traces.links.recipes import made
from traces.model import Event, HeaderPairs


@dataclass(slots=True, kw_only=True)
class Answer:
    """What came back for one request, with its clock points (monotonic ns, as `time.monotonic_ns`).

    status: 0 when no response head came; `error` then says why, as it does when the body was cut off.
    body:   raw, still content-encoded; None when longer than the sender keeps.
    fresh:  the connection was opened for this request.
    """

    status: int = 0
    reason: bytes = b""
    version: bytes = b"HTTP/1.1"
    headers: HeaderPairs = ()
    body: bytes | None = b""
    error: str | None = None
    events: list[Event] = field(default_factory=list)
    fresh: bool = False
    connect_start: int | None = None
    connected: int | None = None
    tls_done: int | None = None
    sent: int | None = None
    first_byte: int | None = None
    last_byte: int | None = None
    _reading: Reading | None = None

    @property
    def reading(self) -> Reading:
        """Its headers and body, parsed once and no further than asked for."""
        if self._reading is None:
            self._reading = Reading(self.headers, self.body)
        return self._reading


def read(answer: Answer, source: Source) -> str | None:
    """The text at the place that `source` names, or None when this answer has none there."""
    return answer.reading.text(source.address, source.selectors)


def derived(text: str, recipe: Recipe, joint: str = "") -> str:
    """What a request carries of a text that was read; `joint` as a link has it."""
    carried = made(text, recipe, joint)
    return text if carried is None else carried


def holds(condition: Condition, answer: Answer) -> bool:
    """Does the answer satisfy a poll's condition?"""
    if condition.test == "exists":
        return answer.reading.exists(condition.keys)
    return answer.reading.text(Address("json", "", condition.keys)) == condition.text
