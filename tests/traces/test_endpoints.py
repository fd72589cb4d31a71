"""Path templates are read from the traffic: ids become parameters, words of the API stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traces.links.scene import Scene, recording, token
from traces.endpoints import Templates, infer
from traces.gather import gather


def templates(lines: list[str], answers: object = None) -> Templates:
    scene = Scene()
    for n, line in enumerate(lines):
        scene.ask(n, line, answers)
    return infer(gather(scene.exchanges))


def of(lines: list[str], target: str, answers: object = None) -> str:
    return templates(lines, answers).of(b"GET", target.encode())


def test_a_parameter_is_named_after_the_field_that_carried_its_value() -> None:
    scene, secret = Scene(), token(1)
    scene.ask(0, "POST /v1/checkouts/client/", {"id": token(2), "client_secret": secret})
    scene.ask(10, f"GET /v1/checkouts/client/{secret}", {"client_secret": secret})
    found = infer(gather(scene.exchanges))
    assert found.of(b"GET", f"/v1/checkouts/client/{secret}".encode()) == "GET /v1/checkouts/client/{client_secret}"


def test_the_real_recording_has_polars_four_endpoints() -> None:
    exchanges = recording("polar-locust.mitm")
    found = infer(gather(exchanges))
    assert {found.of(e.request.method, e.request.target) for e in exchanges} == {
        "POST /v1/checkouts/client/",
        "PATCH /v1/checkouts/client/{client_secret}",
        "GET /v1/checkouts/client/{client_secret}",
        "POST /v1/checkouts/client/{client_secret}/confirm",
    }


def test_a_field_called_id_names_nothing_so_the_place_does() -> None:
    assert of(["GET /orders/71"], "/orders/71", {"id": 71}) == "GET /orders/{order_id}"


@pytest.mark.parametrize("path", ["/v1/oauth2/token", "/.well-known/openid-configuration", "/api/v2.1/", "/"])
def test_words_of_an_api_stay(path: str) -> None:
    assert of([f"GET {path}"], path) == f"GET {path}"


def test_two_parameters_of_one_name_are_told_apart() -> None:
    assert of(["GET /1/2/3"], "/1/2/3") == "GET /{id}/{id2}/{id3}"


def test_a_query_is_no_part_of_an_endpoint() -> None:
    assert of(["GET /a"], "/a?b=1") == "GET /a"


def test_a_request_never_seen_gets_a_template_too() -> None:
    assert of(["GET /a"], "/orders/99/lines") == "GET /orders/{order_id}/lines"


def test_a_place_of_many_names_that_answers_gave_is_a_parameter() -> None:
    names = [f"{word}-mug" for word in "red green blue black white pink grey teal gold lime navy plum rust".split()]
    listed = {"items": [{"slug": name} for name in names]}
    assert of([f"GET /shop/{name}" for name in names], "/shop/any-mug", listed) == "GET /shop/{slug}"


@pytest.mark.parametrize("form", ["{name}_{n}", "{n}-{name}", "{name}-{n}.html"])
def test_pages_that_are_called_by_a_name_and_a_number_are_one_endpoint(form: str) -> None:
    names = [form.format(name=name, n=n) for n, name in enumerate(["oak-chair", "rug", "steel-pan"], 7)]
    found = templates([f"GET /shop/{name}/" for name in [*names, "sale", "sale", "sale"]])
    paths = ["/shop/" + form.format(name="lamp", n=99) + "/", "/shop/sale/", "/shop/"]
    assert [found.of(b"GET", path.encode()) for path in paths] == [
        "GET /shop/{shop_id}/",
        "GET /shop/sale/",
        "GET /shop/",
    ]


def test_a_place_of_short_codes_that_answers_gave_is_a_parameter() -> None:
    codes = ["K7F3A2", "1B5A02", "ED0LMU"]
    lines = [f"GET /bookings/{code}" for code in codes]
    given = [{"code": code} for code in codes]
    assert [of(lines, path, given) for path in ("/bookings/7X9Q2Z", "/bookings/new")] == [
        "GET /bookings/{code}",
        "GET /bookings/new",
    ]


@pytest.mark.parametrize("segment", ["17.json", "100014-2025-2026", "jane@example.com", "jane%40example.com"])
def test_an_id_may_have_an_ending_or_several_parts_or_be_an_address(segment: str) -> None:
    assert of(["GET /a"], f"/carts/{segment}") == "GET /carts/{cart_id}"


def test_numbered_steps_stay_words() -> None:
    assert of([f"GET /checkout/step-{n}" for n in range(1, 6)], "/checkout/step-2") == "GET /checkout/step-2"


def test_names_below_names_are_found_level_by_level() -> None:
    people = "ann bob cid dan eve fay gus hal ida jon kim lou max".split()
    lines = [f"GET /{a}/{b}-repo" for a in people for b in people]
    listed = [{"owner": a, "repo": f"{a}-repo"} for a in people]
    assert of(lines, "/zoe/zoe-repo", listed) == "GET /{owner}/{repo}"


def test_an_api_of_many_resources_keeps_their_names() -> None:
    resources = "carts orders customers regions products prices discounts refunds events files benefits metrics".split()
    lines = [f"GET /v1/{resource}" for resource in (*resources, "webhooks", "checkouts")]
    assert of(lines, "/v1/orders", {"type": "orders"}) == "GET /v1/orders"


def test_a_word_common_at_a_place_of_names_keeps_them_all_literal() -> None:
    names = "ann bob cid dan eve fay gus hal ida jon kim lou max".split()
    lines = [f"GET /u/{name}" for name in names] + ["GET /u/search"] * 50
    assert of(lines, "/u/search", names) == "GET /u/search"


def test_a_secret_without_digits_is_one_where_other_secrets_stand() -> None:
    lines = [f"GET /secrets/{token(n)}" for n in range(3)]
    assert of(lines, "/secrets/aaaBbbbbcccccddddeeeefff") == "GET /secrets/{secret_id}"


def test_paths_in_any_bytes_have_a_template() -> None:
    assert templates(["GET /a"]).of(b"G\xff", b"/a\xff/b/7") == "G\\xff /a\\xff/b/{b_id}"


@given(st.lists(st.binary(max_size=20), max_size=6), st.binary(max_size=20))
def test_a_template_depends_on_the_path_only(paths: list[bytes], query: bytes) -> None:
    found = templates(["GET /a/7"])
    assert [found.of(b"GET", path.replace(b"?", b"") + b"?" + query) for path in paths] == [
        found.of(b"GET", path.replace(b"?", b"")) for path in paths
    ]
