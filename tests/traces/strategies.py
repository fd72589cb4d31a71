"""Hypothesis strategies for what a trace holds."""

from __future__ import annotations

from hypothesis import strategies as st

from traces.model import Clock, Event, Exchange, Origin, Request, Response

small = st.binary(max_size=24)
text = st.text(max_size=16)
instants = st.integers(0, 10**13)
maybe_instants = st.none() | instants
headers = st.lists(st.tuples(small, small), max_size=4).map(tuple)
bodies = st.none() | st.binary(max_size=64)
plain = st.recursive(st.none() | st.booleans() | st.integers(-(2**40), 2**40) | text, lambda s: st.lists(s, max_size=3))

clocks = st.builds(
    Clock,
    received=instants,
    sent=maybe_instants,
    connect_start=maybe_instants,
    connected=maybe_instants,
    tls_done=maybe_instants,
    first_byte=maybe_instants,
    last_byte=maybe_instants,
)
requests = st.builds(
    Request,
    method=small,
    scheme=st.sampled_from([b"http", b"https"]),
    authority=small,
    target=small,
    version=st.just(b"HTTP/1.1"),
    headers=headers,
    body=bodies,
)
responses = st.builds(
    Response, status=st.integers(100, 599), reason=small, version=st.just(b"HTTP/1.1"), headers=headers, body=bodies
)
events = st.builds(
    Event, at=instants, data=small, kind=st.sampled_from(["chunk", "text", "binary"]), from_client=st.booleans()
)
origins = st.builds(
    Origin,
    of=st.integers(0, 10**6),
    clone=st.integers(0, 99),
    lap=st.integers(0, 9),
    poll=st.none() | st.integers(0, 50),
    due=instants,
    lateness=st.integers(-(10**9), 10**12),
)
exchanges = st.builds(
    Exchange,
    id=st.integers(0, 10**9),
    clock=clocks,
    request=requests,
    response=st.none() | responses,
    connection=text,
    error=st.none() | text,
    flags=st.lists(text, max_size=2).map(tuple),
    events=st.lists(events, max_size=2).map(tuple),
    session=st.none() | text,
    endpoint=st.none() | text,
    outcome=st.none() | text,
    origin=st.none() | origins,
    extra=st.dictionaries(st.text("xyz", min_size=4, max_size=6), plain, max_size=2),
)
