"""Which response value feeds which later request: learned as slots and recipes, resolved per session."""

from traces.links.learn import learn
from traces.links.model import Condition, Graph, Link, Poll, Slot
from traces.links.resolve import Binding, Resolver, Selector, Source

__all__ = ["Binding", "Condition", "Graph", "Link", "Poll", "Resolver", "Selector", "Slot", "Source", "learn"]
