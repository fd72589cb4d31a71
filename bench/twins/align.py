"""Which bytes of a request that was sent stand where each piece of the true one stands.

The pieces are found in order, punctuation exactly, values by what they should read, by what was recorded, or else by
what lies between their neighbours; of all ways to do so the one with the fewest differing values counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final
from urllib.parse import unquote, unquote_plus

from bench.twins.saying import Piece
from bench.twins.text import Origin

#: How far a value of unknown length is looked for, in occurrences of what follows it.
_REACH: Final = 4

Spans = list[tuple[int, int]]


def align(true: Sequence[Piece], recorded: Sequence[Piece], sent: bytes) -> Spans | None:
    """The span of each piece of `true` in `sent`; None when the punctuation is not all there.

    recorded: the same pieces in the recording; a value that was left alone reads so.
    """

    @cache
    def best(n: int, at: int) -> tuple[int, tuple[int, ...]] | None:
        if n == len(true):
            return (0, ()) if at == len(sent) else None
        found: tuple[int, tuple[int, ...]] | None = None
        for end in _ends(n, at):
            rest = best(n + 1, end)
            if rest is not None:
                cost = rest[0] + (true[n].wire != sent[at:end])
                if found is None or cost < found[0]:
                    found = cost, (end, *rest[1])
            if found is not None and found[0] == 0:
                break
        return found

    def _ends(n: int, at: int) -> list[int]:
        piece = true[n]
        if sent.startswith(piece.wire, at):
            ends = [at + len(piece.wire)]
        elif piece.origin is Origin.FRAME:
            return []
        else:
            ends = []
        if piece.origin is Origin.FRAME:
            return ends
        if sent.startswith(recorded[n].wire, at):
            ends.append(at + len(recorded[n].wire))
        if n + 1 == len(true):
            ends.append(len(sent))
        else:
            for following in (true[n + 1].wire, recorded[n + 1].wire):
                start = at
                for _ in range(_REACH):
                    start = sent.find(following, start)
                    if start < 0:
                        break
                    ends.append(start)
                    start += 1
        return list(dict.fromkeys(ends))

    if len(recorded) != len(true):
        return None
    whole = best(0, 0)
    if whole is None:
        return None
    ends = whole[1]
    return list(zip((0, *ends), ends, strict=False))


def reads(piece: Piece, sent: bytes) -> bool:
    """Does it say what the piece says? `%3A` and `:` are the same in a path."""
    if piece.wire == sent:
        return True
    decode = {"percent": unquote, "plus": unquote_plus}.get(piece.coding)
    return decode is not None and decode(sent.decode("utf-8", "replace")) == decode(piece.wire.decode())
