"""What a trace is about, read from its exchanges alone: endpoints, sessions, links. Computed once, used by all."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from traces import endpoints, links, sessions
from traces.endpoints import Endpoints, Templates
from traces.facts import Exchanges, Facts
from traces.gather import gather
from traces.lens import Leaf, request_leaves, response_leaves, response_values
from traces.links import Binding, Graph, Poll, Resolver, polls
from traces.model import Exchange, Session
from traces.openapi import Declared

#: Messages whose leaves, and whose mere values, are kept while a few sessions are looked at: an answer has a hundred.
_LEAVES_KEPT: Final = 16
_VALUES_KEPT: Final = 96


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A trace understood.

    exchanges: the trace itself, read again where a session is needed whole.
    sessions:  ordered by start.
    loops:     the poll loops that ended with their condition met: the poll, and the numbers of its attempts.
    """

    exchanges: Exchanges
    facts: Facts
    templates: Templates
    endpoints: Endpoints
    sessions: list[Session]
    graph: Graph
    loops: list[tuple[Poll, list[int]]]
    resolver: Resolver

    def endpoint(self, number: int) -> str:
        """The endpoint of one of its exchanges, by its number."""
        return self.endpoints.names[self.endpoints.of[number]]

    def exchange(self, number: int) -> Exchange:
        """An exchange by its number."""
        return self.exchanges[self.facts.member[number]]

    def bindings(self, session: Session) -> list[Binding]:
        """What of the session's requests must be live, and where it comes from."""
        return self.resolver.bindings(session)


class _Messages:
    """The leaves of a trace's messages, those read last kept."""

    def __init__(self, exchanges: Exchanges, facts: Facts) -> None:
        self._exchanges, self._facts = exchanges, facts
        self.request = lru_cache(maxsize=_LEAVES_KEPT)(self._request)
        self.answer = lru_cache(maxsize=_LEAVES_KEPT)(self._answer)
        self.values = lru_cache(maxsize=_VALUES_KEPT)(self._values)

    def _request(self, number: int) -> Sequence[Leaf]:
        return request_leaves(self._exchanges[self._facts.member[number]].request, nested=True)

    def _values(self, number: int) -> Sequence[tuple[str, str]]:
        response = self._exchanges[self._facts.member[number]].response
        return [] if response is None else list(response_values(response))

    def _answer(self, number: int) -> Sequence[Leaf]:
        response = self._exchanges[self._facts.member[number]].response
        return [] if response is None else response_leaves(response, nested=True)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for cycles: learning makes none, and to look for them among its tuples is a tenth of its time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@_uncollected()
def analyse(exchanges: Exchanges, declared: Declared | None = None, stated: Graph | None = None) -> Analysis:
    """Find endpoints, sessions and links. Memory is some 600 bytes an exchange.

    declared: path templates of an OpenAPI document; other paths are inferred.
    stated:   a graph to go by instead of the one that is learned.
    """
    seen = gather(exchanges)
    templates = endpoints.infer(seen, declared)
    ends = endpoints.number(seen, templates)
    seen.forget_paths()
    found = sessions.find(seen, ends)
    messages = _Messages(exchanges, seen)
    graph, elsewhere = links.learn(found, seen, ends, messages)
    graph = stated or replace(graph, polls=tuple(polls.learn(found, seen, ends, messages.answer)))
    by_endpoint = {poll.endpoint: poll for poll in graph.polls}
    return Analysis(
        exchanges=exchanges,
        facts=seen,
        templates=templates,
        endpoints=ends,
        sessions=found,
        graph=graph,
        loops=[loop for session in found for loop in polls.find(session, seen, ends, by_endpoint, messages.answer)],
        resolver=Resolver(graph, elsewhere, seen, ends, messages),
    )


def labelled(analysis: Analysis) -> Iterator[Exchange]:
    """The trace's exchanges as they stand in it, with their session and endpoint filled in."""
    session_of = {number: session.id for session in analysis.sessions for number in session.numbers}
    number_of = {place: number for number, place in enumerate(analysis.facts.member)}
    for place, exchange in enumerate(analysis.exchanges):
        if (number := number_of.get(place)) is not None:
            yield replace(exchange, session=session_of[number], endpoint=exchange.endpoint or analysis.endpoint(number))


def poll_groups(analysis: Analysis) -> dict[int, int]:
    """For every attempt of a poll loop: its exchange id -> the id of the loop's first attempt."""
    ids = analysis.facts.ids
    return {ids[number]: ids[loop[0]] for _, loop in analysis.loops for number in loop}
