"""The worlds, one a file: each a small simulated service and what its visitors do there."""

from typing import Final

from bench.twins.world import World
from bench.twins.worlds.accounts import Accounts
from bench.twins.worlds.atlas import Atlas
from bench.twins.worlds.backoffice import BackOffice
from bench.twins.worlds.bazaar import Bazaar
from bench.twins.worlds.cart import Cart
from bench.twins.worlds.composite import Composite
from bench.twins.worlds.depot import Depot
from bench.twins.worlds.derived import Derived
from bench.twins.worlds.graph import Graph
from bench.twins.worlds.keyed import Keyed
from bench.twins.worlds.legacy import Legacy
from bench.twins.worlds.nested import Nested
from bench.twins.worlds.polar import Polar
from bench.twins.worlds.relay import Relay
from bench.twins.worlds.rpc import Rpc
from bench.twins.worlds.shop import Shop
from bench.twins.worlds.till import Till
from bench.twins.worlds.vault import Vault
from bench.twins.worlds.wizard import Wizard

#: What learning is timed with: the same as ever, so that its figures can be compared.
TIMED: Final[tuple[type[World], ...]] = (Polar, Shop, Cart, Graph, Nested, Composite, Derived, Accounts, BackOffice)
WORLDS: Final[tuple[type[World], ...]] = (*TIMED, Till, Keyed, Vault, Bazaar, Depot, Atlas, Rpc, Wizard, Legacy, Relay)

__all__ = ["TIMED", "WORLDS"]
