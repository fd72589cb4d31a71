"""A value that stands in another, on either side: JSON in a string, base64, a JWT, credentials, a URL, a composite."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.traces.links.scene import Scene, token
from traces.analysis import Analysis, analyse
from traces.model import HeaderPairs


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def jwt(claims: Any) -> str:
    header, payload = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "HS256"}, claims)
    )
    return f"{header}.{payload}.{token(json.dumps(claims), 43)}"


class Asked(NamedTuple):
    line: str = "POST /use"
    body: Any = None
    headers: HeaderPairs = ()


#: What an answer says of a token, and the path at which it is read.
GIVERS: dict[str, Callable[[str], Any]] = {
    "": lambda t: t,
    "|json.$.a[*]": lambda t: json.dumps({"a": [t, "b"]}),
    "|base64.$.id": lambda t: packed(json.dumps({"id": t})),
    "|base64": packed,
    "|base64|parts[1]": lambda t: packed(f"Order:{t}"),
    "|jwt.payload.$.sub": lambda t: jwt({"sub": t, "n": 1}),
    "|url.path[2]": lambda t: f"https://shop/orders/{t}/pay",
    "|url.query.token": lambda t: f"https://shop/pay?a=1&token={t}",
    "|parts[1]": lambda t: f"{t};v=1".join(("id=", "")),
    "|parts[0]": lambda t: f"{t}_secret_{t[::-1]}",
}

#: How a request carries it, and where.
TAKERS: dict[str, Callable[[str], Asked]] = {
    "path[2]": lambda t: Asked(f"POST /use/{t}", {}),
    "body.$.w": lambda t: Asked(body={"w": t}),
    "body.$.w|json.$.b.c": lambda t: Asked(body={"w": json.dumps({"b": {"c": t}})}),
    "body.$.w|base64.$.b": lambda t: Asked(body={"w": packed(json.dumps({"b": t}))}),
    "body.$.w|jwt.payload.$.order": lambda t: Asked(body={"w": jwt({"order": t})}),
    "auth.basic|basic.password": lambda t: Asked(
        headers=((b"authorization", b"Basic " + packed(f"api:{t}").encode()),)
    ),
    "auth.basic|basic.user": lambda t: Asked(headers=((b"authorization", b"Basic " + packed(f"{t}:").encode()),)),
    "body.$.w|url.query.order": lambda t: Asked(body={"w": f"https://me/back?order={t}&x=1"}),
    "query.next|url.path[3]": lambda t: Asked(f"GET /use?next=%2Fmy%2Fthings%2F{t}"),
    "body.$.w|parts[1]": lambda t: Asked(body={"w": f"client {t}"}),
    "header.x-tag|parts[1]": lambda t: Asked(headers=((b"x-tag", f'W/"{t}"'.encode()),)),
    "cookie.b": lambda t: Asked("GET /use", headers=((b"cookie", f"a=1; b={t}".encode()),)),
}


def analysed(gives: Callable[[str], Any], asks: Callable[[str], Asked], sessions: int = 3) -> Analysis:
    scene = Scene()
    for n in range(sessions):
        scene.ask(n * 100, "POST /give", {"v": gives(token(n))}, body={}, on=f"c{n}")
        line, body, headers = asks(token(n))
        scene.ask(n * 100 + 10, line, {}, body=body, headers=headers, on=f"c{n}")
    return analyse(scene.exchanges)


def arrows(analysis: Analysis) -> set[tuple[str, str]]:
    return {(link.producer.path, link.consumer.path) for link in analysis.graph.links}


@pytest.mark.parametrize("consumer", TAKERS)
@pytest.mark.parametrize("producer", GIVERS)
def test_a_token_is_followed_from_wherever_it_stands_to_wherever_it_stands(producer: str, consumer: str) -> None:
    analysis = analysed(GIVERS[producer], TAKERS[consumer])
    assert arrows(analysis) == {(f"body.$.v{producer}", consumer)}


@pytest.mark.parametrize("consumer", TAKERS)
@pytest.mark.parametrize("producer", GIVERS)
def test_every_session_reads_its_own_from_there(producer: str, consumer: str) -> None:
    analysis = analysed(GIVERS[producer], TAKERS[consumer])
    read = [
        [(source.step, source.path.replace("[0]", "[*]", producer.count("*"))) for source in binding.sources]
        for session in analysis.sessions
        for binding in analysis.bindings(session)
    ]
    assert read == [[(0, f"body.$.v{producer}")]] * 3


@pytest.mark.parametrize("kind", ["|base64.$.id", "|jwt.payload.$.sub", "|url.path[2]", "|parts[0]"])
def test_what_is_sent_back_whole_is_linked_whole_and_nothing_in_it(kind: str) -> None:
    gives = GIVERS[kind]
    assert arrows(analysed(gives, lambda t: Asked(body={"w": gives(t)}))) == {("body.$.v", "body.$.w")}


def test_a_bearer_that_was_given_is_linked_whole_though_its_claims_were_given_too() -> None:
    scene = Scene()
    for n in range(3):
        bearer = jwt({"sub": token(n)})
        scene.ask(n * 100, "POST /login", {"id": token(n), "access": bearer}, body={}, on=f"c{n}")
        headers = ((b"authorization", b"Bearer " + bearer.encode()),)
        scene.ask(n * 100 + 10, "GET /me", {}, headers=headers, on=f"c{n}")
    analysis = analyse(scene.exchanges)
    assert (arrows(analysis), [[s.path for s in b.sources] for b in analysis.bindings(analysis.sessions[0])]) == (
        {("body.$.access", "auth.bearer")},
        [["body.$.access"]],
    )


def half_made_by_the_client() -> Analysis:
    """Every second session sends back the pass that it was given; the others' clients make one of the id."""
    scene = Scene()
    for n in range(10):
        own = packed(json.dumps({"id": token(n)}))
        given = {"id": token(n), "pass": own} if n % 2 else {"id": token(n)}
        scene.ask(n * 100, "POST /give", given, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /use", {}, body={"pass": own}, on=f"c{n}")
    return analyse(scene.exchanges)


def test_what_is_fed_whole_only_now_and_then_is_fed_inside_as_well() -> None:
    inner = "body.$.pass|base64.$.id"
    assert {arrow for arrow in arrows(half_made_by_the_client()) if "|" not in arrow[0]} == {
        ("body.$.pass", "body.$.pass"),
        ("body.$.id", inner),
    }


def test_each_session_binds_the_outermost_value_that_it_was_given() -> None:
    analysis = half_made_by_the_client()
    read = [[[s.path for s in b.sources] for b in analysis.bindings(session)] for session in analysis.sessions]
    assert read == [[["body.$.id"]], [["body.$.pass"]]] * 5


def test_a_part_is_taken_from_the_value_that_stands_alone_if_one_does() -> None:
    scene = Scene()
    for n in range(3):
        answer = {"url": f"https://shop/orders/{token(n)}", "id": token(n), "again": json.dumps({"id": token(n)})}
        scene.ask(n * 100, "POST /orders", answer, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /pay", {}, body={"order": token(n)}, on=f"c{n}")
    assert arrows(analyse(scene.exchanges)) == {("body.$.id", "body.$.order")}


def test_two_tokens_of_one_composite_are_bound_each_by_itself() -> None:
    scene = Scene()
    for n in range(3):
        one, two = token(f"one {n}"), token(f"two {n}")
        scene.ask(n * 100, "POST /give", {"one": one, "two": two}, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /use", {}, body={"both": f"{two}.{one}"}, on=f"c{n}")
    assert arrows(analyse(scene.exchanges)) == {
        ("body.$.two", "body.$.both|parts[0]"),
        ("body.$.one", "body.$.both|parts[1]"),
    }


def test_a_small_number_inside_packed_json_links_by_its_name() -> None:
    scene = Scene()
    for n in range(3):
        scene.ask(n * 100, "POST /orders", {"id": 7 + n}, body={}, on=f"c{n}")
        body = {"packed": packed(json.dumps({"order_id": 7 + n, "count": 7 + n}))}
        scene.ask(n * 100 + 10, "POST /use", {}, body=body, on=f"c{n}")
    assert arrows(analyse(scene.exchanges)) == {("body.$.id", "body.$.packed|base64.$.order_id")}
