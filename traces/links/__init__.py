"""Which response value feeds which later request: learned as slots and recipes, resolved per session."""

from traces.links.elsewhere import Elsewhere
from traces.links.learn import learn
from traces.links.model import Condition, Graph, Link, Poll, Slot, Unfed
from traces.links.resolve import Resolver
from traces.links.source import Binding, Selector, Source

__all__ = [
    "Binding",
    "Condition",
    "Elsewhere",
    "Graph",
    "Link",
    "Poll",
    "Resolver",
    "Selector",
    "Slot",
    "Source",
    "Unfed",
    "learn",
]
