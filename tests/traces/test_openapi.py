"""What an OpenAPI document says of a path wins over what the traffic suggests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from traces import openapi
from traces.endpoints import infer
from traces.gather import gather
from traces.model import Clock, Exchange, Request

DOCUMENT = {
    "openapi": "3.1.0",
    "servers": [{"url": "https://api.example.com/v1"}],
    "paths": {"/checkouts/{checkout_id}": {}, "/checkouts/latest": {}, "/shops/{shop}/items/{item}.json": {}},
}


def declared(tmp_path: Path, text: str) -> openapi.Declared:
    (tmp_path / "api").write_text(text)
    return openapi.load(tmp_path / "api")


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/v1/checkouts/blue-shirt", "/v1/checkouts/{checkout_id}"),
        ("/checkouts/7", "/checkouts/{checkout_id}"),
        ("/v1/checkouts/latest", "/v1/checkouts/latest"),
        ("/shops/a/items/b.json", "/shops/{shop}/items/{item}.json"),
        ("/shops/a/items/b.xml", None),
        ("/v1/checkouts/7/confirm", None),
    ],
)
def test_a_path_is_of_the_template_with_the_fewest_parameters(tmp_path: Path, path: str, template: str | None) -> None:
    assert declared(tmp_path, json.dumps(DOCUMENT)).of(path) == template


def test_yaml_is_read_as_json_is(tmp_path: Path) -> None:
    assert declared(tmp_path, "swagger: '2.0'\nbasePath: /api\npaths:\n  /a/{b}: {}\n").of("/api/a/x") == "/api/a/{b}"


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"paths": 3}', "a: [", "\x00"])
def test_what_is_no_document_is_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(openapi.NotOpenApi, match="api"):
        declared(tmp_path, text)


def test_undeclared_paths_are_inferred_beside_declared_ones(tmp_path: Path) -> None:
    exchanges = [
        Exchange(
            id=n,
            clock=Clock(received=n),
            request=Request(method=b"GET", scheme=b"http", authority=b"shop", target=target),
        )
        for n, target in enumerate([b"/v1/checkouts/blue?x=1", b"/orders/17"])
    ]
    templates = infer(gather(exchanges), declared(tmp_path, json.dumps(DOCUMENT)))
    assert [templates.of(e.request.method, e.request.target) for e in exchanges] == [
        "GET /v1/checkouts/{checkout_id}",
        "GET /orders/{order_id}",
    ]
