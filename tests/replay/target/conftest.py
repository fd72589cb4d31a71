"""One real target process for most tests of this folder, and a client for each test."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import Final

import httpx
import pytest

from replay.target import Settings, Target

TOKEN: Final = "polar_oat_test"
# Loopback speaks plain HTTP; an empty context spares each test the 60 ms of loading certificates.
CONTEXT: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture(scope="session")
def target() -> Iterator[Target]:
    with Target(Settings(worker_delay=0.05, token=TOKEN)) as running:
        yield running


@pytest.fixture
def http(target: Target) -> Iterator[httpx.Client]:  # noqa: TID251 - one a test is cheap enough here
    with httpx.Client(base_url=target.url, trust_env=False, verify=CONTEXT) as client:  # noqa: TID251 - as above
        yield client


@pytest.fixture
def organization() -> dict[str, str]:
    """The headers that open the organization's endpoints."""
    return {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def products(http: httpx.Client, organization: dict[str, str]) -> dict[str, str]:  # noqa: TID251 - only names the type
    """The ids of the products: "free" and "paid"."""
    items = http.get("/v1/products/", headers=organization).json()["items"]
    return {"free" if item["is_free"] else "paid": item["id"] for item in items}
