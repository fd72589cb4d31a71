"""Real recordings, split by session: what was learned from some users' answers is held against those of others.

That is harder than a replay, where a step is held against the answer to the same request.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from itertools import chain

import pytest

from tests.traces.links.scene import recording
from traces import endpoints, sessions
from traces.gather import gather
from traces.model import Exchange
from traces.outcome import Learner, Make, differs


def judged(name: str, seed: int) -> tuple[int, Counter[str]]:
    """Learn from half of the sessions; answers of the other half judged, and what was said of those that differ."""
    exchanges = recording(name)
    seen = gather(exchanges)
    ends = endpoints.number(seen, endpoints.infer(seen))
    groups = [
        [(ends.names[ends.of[n]], exchanges[seen.member[n]]) for n in s.numbers] for s in sessions.find(seen, ends)
    ]
    random.Random(seed).shuffle(groups)
    half = len(groups) // 2
    learner, makes = Learner(seen.authorities), defaultdict[tuple[str, int], list[Make]](list)
    for endpoint, exchange in chain(*groups[:half]):
        makes[endpoint, status(exchange)].append(learner.make(endpoint, exchange.response, exchange.events))
    count, said = 0, Counter[str]()
    for endpoint, exchange in chain(*groups[half:]):
        for make in makes[endpoint, status(exchange)][:3]:
            assert exchange.response is not None
            count += 1
            said[f"{endpoint}: {differs(make, exchange.response, exchange.events)}"] += 1
    return count, Counter({why: times for why, times in said.items() if not why.endswith(": None")})


def status(exchange: Exchange) -> int:
    return exchange.response.status if exchange.response else 0


@pytest.mark.parametrize("name", ["polar-locust.mitm", "oscarapi.mitm"])
@pytest.mark.parametrize("seed", range(3))
def test_hardly_an_answer_is_taken_for_a_difference(name: str, seed: int) -> None:
    count, said = judged(name, seed)
    assert count > 50
    assert said.total() <= 0.01 * count, said


@pytest.mark.parametrize("name", ["polar-locust.mitm", "oscarapi.mitm"])
def test_every_recorded_answer_is_like_itself_once_all_are_known(name: str) -> None:
    learner = Learner()
    steps = [(learner.make(e.request.method.decode() + " /", e.response), e.response) for e in recording(name)]
    assert {why for make, live in steps if live is not None and (why := differs(make, live))} == set()


def test_an_answer_given_to_another_endpoint_is_a_difference() -> None:
    learner, makes, answers = Learner(), {}, {}
    for exchange in recording("oscarapi.mitm"):
        request = exchange.request
        path = b"/".join(part for part in request.target.split(b"/") if not part.isdigit()).decode()
        endpoint = f"{request.method.decode()} {path}"
        if exchange.response is not None and exchange.response.status in {200, 201, 406}:
            makes[endpoint] = learner.make(endpoint, exchange.response)
            answers[endpoint] = exchange.response
    alike = {(a, b) for a, make in makes.items() for b, live in answers.items() if a != b and not differs(make, live)}
    # These are the same resources: a basket, its line, an order, and every one of their lists.
    assert {(a, b) for a, b in alike if len(answers[a].body or b"") > 200 and a < b} <= {
        ("GET /api/basket/", "POST /api/basket/add-product/"),
        ("GET /api/orders/", "POST /api/checkout/"),
    }
