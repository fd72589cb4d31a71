"""Hosts that are not the target's: named in requests, asked when recorded, or left where nothing moves them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from replay.preflight.seen import host_of
from tests.replay.preflight.scenes import asking, findings, of
from tests.traces.links.scene import Scene


def hosts(scene: Scene, **settings: Any) -> list[str]:
    return [sentence for _, sentence in of("host", findings(scene, **settings))]


def at(scene: Scene, *authorities: bytes) -> Scene:
    """The same exchanges, recorded at these services in turn."""
    for n, exchange in enumerate(scene.exchanges):
        request = replace(exchange.request, authority=authorities[n % len(authorities)])
        scene.exchanges[n] = replace(exchange, request=request)
    return scene


def test_a_foreign_host_is_named_with_where_it_stands() -> None:
    scene = asking("POST /checkouts", body={"success_url": "https://app.example:8443/thanks"})
    sentence = (
        "app.example:8443 is named as recorded in 4 requests (POST /checkouts body.$.success_url); what the target "
        "calls back, fetches or redirects to is there"
    )
    assert of("host", findings(scene, multiply=2)) == [(8, sentence)]


def test_the_recorded_service_and_the_target_are_no_foreign_hosts() -> None:
    body = {
        "return_url": "http://shop/thanks",
        "cancel_url": "http://127.0.0.1:8001/",
        "note": "see http://else.example",
    }
    assert hosts(asking("POST /checkouts", body=body)) == []


def test_hosts_the_operator_named_are_none_either() -> None:
    scene = asking("POST /checkouts", body={"success_url": "https://app.example:8443/thanks"})
    assert hosts(scene, allowed=("app.example",)) == []


def test_where_one_came_from_and_what_schema_one_speaks_is_not_gone_to() -> None:
    headers = ((b"referer", b"https://search.example/?q=shirts"), (b"cookie", b"from=https://ads.example/"))
    assert hosts(asking("POST /events", body={"@context": "https://schema.example"}, headers=headers)) == []


def test_the_services_own_address_is_told_where_it_is_escaped_and_so_not_moved() -> None:
    (sentence,) = hosts(asking("GET /login?next=http%3A%2F%2Fshop%2Fcart"))
    assert sentence.startswith("the recorded service's own address shop is sent as recorded in GET /login query.next")


def test_an_origin_that_is_not_moved_is_told() -> None:
    (sentence,) = hosts(asking("POST /checkouts", body={}, headers=((b"origin", b"https://app.example"),)))
    assert sentence == "Origin is app.example as recorded; a target that checks it must allow that host"


def test_many_hosts_are_few_lines() -> None:
    scene = asking("POST /checkouts", body={f"url{n}": f"https://h{n:03}.example/" for n in range(50)})
    named = hosts(scene)
    assert (len(named), named[3]) == (
        4,
        "so are h003.example, h004.example, h005.example, h006.example, h007.example, h008.example and 41 hosts more",
    )


def test_what_was_recorded_elsewhere_is_told_for_all_goes_to_one_target() -> None:
    scene = at(asking("GET /a", sessions=6), b"api.example", b"api.example", b"cdn.example")
    sentence = (
        "2 requests (GET /a) went to cdn.example when recorded, most to api.example; all go to the target, so leave "
        "out what it does not serve"
    )
    assert of("upstream", findings(scene)) == [(2, sentence)]


@pytest.mark.parametrize(
    "names",
    [(b"localhost:8000", b"127.0.0.1:8000"), (b"shop.example", b"shop.example:443"), (b"[::1]:80", b"localhost")],
)
def test_two_names_of_one_service_are_one(names: tuple[bytes, bytes]) -> None:
    assert of("upstream", findings(at(asking("GET /a"), *names))) == []


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://ann:secret@hooks.example:8443/x", "hooks.example:8443"),
        ("http://A.Example", "a.example"),
        ("https://h.example?to=https://other.example", "h.example"),
        ("https://h.example\\@evil.example/", "h.example"),
        ("https://" + "a" * 1000, "a" * 255),
    ],
)
def test_a_host_is_told_without_who_logs_in(url: str, host: str) -> None:
    assert host_of(url) == host


def test_a_host_out_of_a_trace_steers_no_terminal() -> None:
    (sentence,) = hosts(asking("POST /checkouts", body={"url": "https://\u202e\x1b[2Jevil" + "x" * 500}))
    assert (sentence.isprintable(), "\\x1b[2j" in sentence, len(sentence) < 300) == (True, True, True)
