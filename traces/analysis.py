"""What a trace is about, read from its exchanges alone: endpoints, sessions, links. Computed once, used by all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from traces import endpoints, links, sessions
from traces.endpoints import Templates
from traces.lens.observed import Observed, observe
from traces.links import Graph, polls
from traces.model import Exchange, Session
from traces.openapi import Declared


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """A trace understood.

    sessions: ordered by start.
    observed: for each session, in the same order, its exchanges with their leaves.
    """

    templates: Templates
    sessions: list[Session]
    observed: list[list[Observed]]
    graph: Graph

    def endpoint(self, exchange: Exchange) -> str:
        """The endpoint of one of its exchanges."""
        return exchange.endpoint or self.templates.of(exchange.request.method, exchange.request.target)


def analyse(exchanges: Iterable[Exchange], declared: Declared | None = None) -> Analysis:
    """Find endpoints, sessions and links. Memory is proportional to the trace.

    declared: path templates of an OpenAPI document; other paths are inferred.
    """
    seen = observe(exchanges)
    templates = endpoints.infer(seen, declared)
    found = sessions.find(seen, templates)
    by_id = {o.exchange.id: o for o in seen}
    journeys = [[by_id[e.id] for e in session.exchanges] for session in found]
    return Analysis(templates=templates, sessions=found, observed=journeys, graph=links.learn(journeys, templates))


def labelled(analysis: Analysis) -> Iterator[Exchange]:
    """The trace's exchanges with their session and endpoint filled in, session by session."""
    for session in analysis.sessions:
        for exchange in session.exchanges:
            yield replace(exchange, session=session.id, endpoint=analysis.endpoint(exchange))


def poll_groups(analysis: Analysis) -> dict[int, int]:
    """For every attempt of a poll loop: its exchange id -> the id of the loop's first attempt."""
    by_endpoint = {poll.endpoint: poll for poll in analysis.graph.polls}
    return {
        session[step].exchange.id: session[steps[0]].exchange.id
        for session in analysis.observed
        for _, steps in polls.groups(session, analysis.templates, by_endpoint)
        for step in steps
    }
