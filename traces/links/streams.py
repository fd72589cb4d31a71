"""What ends an event stream: the event after which the recorded client had what it wanted."""

from __future__ import annotations

from dataclasses import dataclass

from traces.lens.json_leaves import NotJson, json_leaves
from traces.lens.leaf import Leaf
from traces.links.words import is_word
from traces.model import Exchange


@dataclass(frozen=True, slots=True)
class Signature:
    """An event as an API's author names it: its type and the words in its data, ids, numbers and instants left out."""

    event: str
    words: frozenset[tuple[str, str]]


def terminal(exchange: Exchange) -> Signature | None:
    """The last event of a recorded stream if it differs from all before it, else None: then only time ends it."""
    reader = StreamReader()
    signatures = [s for event in exchange.events if not event.from_client for s in reader.feed(event.data)]
    if not signatures or signatures[-1] in signatures[:-1]:
        return None
    return signatures[-1]


class StreamReader:
    """Reads server-sent events (WHATWG HTML, 9.2) piece by piece."""

    #: An event longer than this is dropped: a stream's pieces come from outside.
    LIMIT = 1 << 20

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Signature]:
        """The signatures of the events completed by `data`; comments and empty events give none."""
        buffer = (self._rest + data).replace(b"\r\n", b"\n")
        *whole, self._rest = buffer.split(b"\n\n")
        if len(self._rest) > self.LIMIT:
            self._rest = b""
        return [signature for block in whole if (signature := _signature(block)) is not None]


def _signature(block: bytes) -> Signature | None:
    event, lines = "message", []
    for line in block.split(b"\n"):
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            event = value.decode("utf-8", "replace")
        elif name == b"data":
            lines.append(value)
    if not lines:
        return None
    data = b"\n".join(lines)
    try:
        leaves = json_leaves(data)
    except NotJson:
        leaves = [Leaf("body", "data", 0, len(data), data.decode("utf-8", "replace"))]
    return Signature(event, frozenset((leaf.path, leaf.text) for leaf in leaves if is_word(leaf)))
