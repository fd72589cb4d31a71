"""The embedded target of its own tests, as a process, and a client for it."""

from tests.replay.target.conftest import http, organization, products, target

__all__ = ["http", "organization", "products", "target"]
