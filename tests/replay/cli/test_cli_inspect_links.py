from __future__ import annotations

from typing import Any

from replay.cli.inspect_links import links_lines

LOGIN = "POST /login header.x-token"


def link(consumer: str, producer: str = LOGIN, sightings: int = 2, **more: Any) -> dict[str, Any]:
    plain = {"recipe": "copy", "plus": [], "across": False, "coverage": 0.5}
    return {"consumer": consumer, "producer": producer, "sightings": sightings, **plain, **more}


def test_a_consumer_is_named_once_with_all_that_feeds_it() -> None:
    links = [
        link("GET /a query.id"),
        link("GET /a query.id", "POST /b body.$.id", 1, across=True),
        link("GET /a query.sum", "POST /b body.$.net", recipe="sum", plus=["POST /b body.$.tax"]),
        link("GET /a query.hash", "POST /b body.$.id", recipe="sha256 hex"),
    ]
    assert list(links_lines(links)) == [
        "GET /a query.id",
        "    <- POST /login header.x-token (2 sightings, 50%)",
        "    <- POST /b body.$.id, of another session (1 sightings, 50%)",
        "GET /a query.sum",
        "    <- POST /b body.$.net + POST /b body.$.tax (2 sightings, 50%)",
        "GET /a query.hash",
        "    <- POST /b body.$.id, sha256 hex (2 sightings, 50%)",
    ]


def test_a_token_that_goes_with_every_request_is_told_once() -> None:
    links = [link(f"GET /{name} auth.bearer") for name in "abcd"]
    links += [link("GET /b auth.bearer", "POST /again header.x-token", 5), link("GET /a query.id")]
    assert list(links_lines(links)) == [
        "auth.bearer of GET /a, GET /b and 2 more",
        "    <- POST /login header.x-token (8 sightings, at 4 of them)",
        "    <- POST /again header.x-token (5 sightings, at 1 of them)",
        "GET /a query.id",
        "    <- POST /login header.x-token (2 sightings, 50%)",
    ]


def test_what_several_bodies_carry_is_told_for_each() -> None:
    links = [link(f"POST /{name} body.$.id") for name in "abc"]
    assert [line for line in links_lines(links) if not line.startswith(" ")] == [
        "POST /a body.$.id",
        "POST /b body.$.id",
        "POST /c body.$.id",
    ]
