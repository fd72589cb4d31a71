"""The worlds, one a file: each a small simulated service and what its visitors do there."""

from typing import Final

from bench.twins.world import World
from bench.twins.worlds.accounts import Accounts
from bench.twins.worlds.backoffice import BackOffice
from bench.twins.worlds.cart import Cart
from bench.twins.worlds.composite import Composite
from bench.twins.worlds.derived import Derived
from bench.twins.worlds.graph import Graph
from bench.twins.worlds.nested import Nested
from bench.twins.worlds.polar import Polar
from bench.twins.worlds.shop import Shop

WORLDS: Final[tuple[type[World], ...]] = (Polar, Shop, Cart, Graph, Nested, Composite, Derived, Accounts, BackOffice)

__all__ = ["WORLDS"]
