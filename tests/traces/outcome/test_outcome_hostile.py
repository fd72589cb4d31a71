"""Answers come from outside: none may take long, fill the memory or raise."""

from __future__ import annotations

import json
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traces.outcome.answers import against, answer, page, raw, told
from traces.model import Event, Response
from traces.outcome import Learner, differs, make
from traces.outcome.tree import Room, Tree

DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
BODIES = {
    "deep": DEEP,
    "deep enough": b'{"a":' * 900 + b"1" + b"}" * 900,
    "a deep key": b'{"' + b"k" * 900 + b'":' + b"[" * 900 + b"]" * 900 + b"}",
    "wide": json.dumps({f"key {n}": n for n in range(60_000)}).encode(),
    "errors": json.dumps({f"x{n}_error": "a" for n in range(40_000)}).encode(),
    "long": json.dumps([{"id": n} for n in range(80_000)]).encode(),
    "ids": json.dumps({str(10**9 + n): {"id": n} for n in range(40_000)}).encode(),
    "digits": b'{"a":' + b"9" * 900_000 + b"}",
    "paths": b'{"' + b"k" * 500_000 + b'":{' + b",".join(b'"%d":{"status":{}}' % n for n in range(10_000)) + b"}}",
    "large": b'{"a":"' + b"x" * 40_000_000 + b'"}',
    "half": b'{"a":[' + b"1," * 400_000,
}
PAGES = {
    "tags": "<form " * 170_000,
    "comments": "<!--" * 250_000,
    "scripts": "<script" * 140_000,
    "quotes": "<form action='" * 70_000,
    "names": "<form>" + "<input name=a" + " name='" * 140_000,
    "fields": "<form>" + "".join(f"<input name='f{'x' * (n % 50)}{n}'>" for n in range(30_000)),
    "forms": "".join(f"<form action='/x{'y' * (n % 50)}'><input name=a></form>" for n in range(25_000)),
    "classes": "errorlist" + "<p class='" * 90_000,
}


def seconds(recorded: Response, live: Response) -> float:
    begun = time.process_time()
    against(recorded, live)
    return time.process_time() - begun


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_hostile_document_costs_little_recorded_or_live(body: bytes) -> None:
    hostile, plain = raw(body, "application/json"), answer({"a": {"a": 1}, "ids": [{"id": 1}]})
    assert max(seconds(plain, hostile), seconds(hostile, plain), seconds(hostile, hostile)) < 0.6


@pytest.mark.parametrize("html", PAGES.values(), ids=PAGES)
def test_a_hostile_page_costs_little(html: str) -> None:
    assert seconds(page("<form><input name=q>"), page(html)) < 2


def test_a_document_too_large_is_compared_as_far_as_it_is_looked_at() -> None:
    many: list[Any] = [{"id": n} for n in range(3_000)]
    assert [told(many, live) for live in (many, [{"id": "x"}, *many], [*many, {"id": "x"}])] == [
        None,
        "$[*].id is text, recorded a number",
        None,
    ]


def test_what_lies_too_deep_counts_as_alike() -> None:
    def nested(leaf: Any, depth: int) -> Any:
        return leaf if not depth else {"a": nested(leaf, depth - 1)}

    assert [told(nested(1, depth), nested("x", depth)) is None for depth in (20, 40)] == [False, True]


@given(st.binary(), st.sampled_from(["application/json", "text/html", "text/event-stream", "", "x", "a/b;"]))
def test_any_bytes_are_like_themselves(body: bytes, kind: str) -> None:
    one = raw(body, kind)
    assert (against(one, one), differs(make(one), one, [Event(at=0, data=body)])) == (None, None)


def test_an_endpoint_without_end_takes_no_memory_without_end() -> None:
    learner = Learner()
    tracemalloc.start()
    for number in range(1_500):
        learner.make("POST /x", answer({f"k{'x' * (number % 60)}{number}": 1, "status": "s" * (number % 60), "a": []}))
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert grown < 2 << 20


def test_where_there_are_too_many_endpoints_the_last_are_judged_by_what_they_tell() -> None:
    learner = Learner()
    for number in range(10_000):
        learner.make(f"GET /{number}", answer())
    late = learner.make("GET /late", answer({"id": 1, "status": "done"}))
    assert [differs(late, answer(live)) for live in ({"status": "done"}, {"id": 1, "status": "failed"})] == [
        None,
        "$.status is failed, recorded done",
    ]


def test_where_there_is_no_room_for_more_places_those_known_are_compared() -> None:
    tree = Tree(Room(2))
    tree.add({"a": 1, "b": [1], "c": {"d": 1}})
    assert [tree.differs(live) for live in ({"a": 2, "b": ["x"], "c": 1}, {"a": 2}, {"a": "x", "b": []})] == [
        None,
        "$.b is missing",
        "$.a is text, recorded a number",
    ]


def test_makes_of_a_hundred_thousand_steps_are_a_handful() -> None:
    learner = Learner()
    makes = {
        id(learner.make("POST /confirm", answer({"id": n, "status": ("open", "done")[n % 2]}))) for n in range(2_000)
    }
    assert len(makes) == 2
