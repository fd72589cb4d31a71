"""A stream ends at the event after which the recorded client had what it wanted."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.traces.links.scene import Scene, token
from traces.links.streams import Signature, StreamReader, terminal


def sse(event: str, data: object) -> bytes:
    return f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()


def last_of(*pieces: bytes) -> Signature | None:
    scene = Scene()
    scene.ask(0, "GET /stream", events=[(n, piece) for n, piece in enumerate(pieces, 1)])
    return terminal(scene.exchanges[0])


def test_the_last_event_ends_a_stream_by_its_name_and_words() -> None:
    done = sse("checkout.updated", {"status": "succeeded", "id": token(1), "order": 17})
    words = frozenset({("body.$.status", "succeeded")})
    assert last_of(sse("checkout.updated", {"status": "open"}), done) == Signature("checkout.updated", words)


def test_the_same_event_ends_the_stream_of_another_order() -> None:
    one, other = ({"status": "succeeded", "order": n, "key": str(n), "at": f"2024-11-2{n}"} for n in (1, 2))
    assert last_of(sse("done", one)) == last_of(sse("done", other))


def test_an_event_that_came_before_ends_nothing() -> None:
    assert last_of(sse("ping", {}), sse("ping", {})) is None


def test_comments_and_silence_end_nothing() -> None:
    assert (last_of(b": keep-alive\n\n", b"\n\n"), last_of()) == (None, None)


@given(st.data())
def test_pieces_may_break_anywhere(data: st.DataObject) -> None:
    whole = (sse("a", {"s": "x"}) + b": hi\n\n" + sse("b", {"s": "y"})).replace(
        b"\n", data.draw(st.sampled_from([b"\n", b"\r\n"]))
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    reader = StreamReader()
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert [s.event for piece in pieces for s in reader.feed(piece)] == ["a", "b"]


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_a_stream_of_junk_is_read_without_a_word(pieces: list[bytes]) -> None:
    reader = StreamReader()
    assert all(isinstance(s, Signature) for piece in pieces for s in reader.feed(piece + b"\n\n"))
