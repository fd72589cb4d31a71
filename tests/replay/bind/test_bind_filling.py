"""Which values of a request are not sent as recorded, and what is sent in their place: the surest knowledge first."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replay.bind import Answer, Choices, Context, Program, compile_sessions, place
from replay.wire import parse
from tests.traces.links.scene import Scene, token
from traces.analysis import analyse
from traces.model import HeaderPairs

WHERE = place("http://127.0.0.1:8001", [b"shop"])
#: When the recordings were made: unix seconds.
THEN = 1_795_339_815


class Asked(NamedTuple):
    line: str = "POST /use"
    body: Any = None
    headers: HeaderPairs = ()


def uuid(seed: object) -> str:
    return str(UUID(int=random.Random(str(seed)).getrandbits(128), version=4))


def packed(document: Any) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


def jwt(claims: Any) -> str:
    header, payload = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "HS256"}, claims)
    )
    return f"{header}.{payload}.{token(json.dumps(claims), 43)}"


def programs(scene: Scene, **choices: Any) -> list[Program]:
    return compile_sessions(analyse(scene.exchanges), WHERE, Choices(epoch_ns=THEN * 10**9, **choices))


def kinds(program: Program, step: int = -1) -> dict[str, str]:
    """What fills each hole of a step, by its path."""
    return {hole.slot: type(hole.fill).__name__ for hole in program.steps[step].holes}


def ok(document: Any, *headers: tuple[bytes, bytes]) -> Answer:
    body = json.dumps(document).encode()
    return Answer(status=200, headers=((b"content-type", b"application/json"), *headers), body=body)


def sent(
    program: Program,
    step: int,
    *answers: Answer,
    key: bytes = b"clone",
    jar: Mapping[bytes, bytes] | None = None,
    later: int = 0,
) -> tuple[bytes, dict[bytes, bytes], bytes]:
    """(target, headers, body) of a step, `later` seconds after it was recorded."""
    cookies = jar or {}
    now = (THEN + later) * 10**9 + program.start + program.steps[step].offset
    context = Context(key=key, now=now, answers=dict(enumerate(answers)), cookies=cookies)
    wire = program.steps[step].template.render(
        [hole.text(context) for hole in program.steps[step].holes], lambda _: cookies
    )
    _, target, headers, body = parse(wire)
    return target, dict(headers), body


def uses(body: Any = None, *, headers: HeaderPairs = (), sessions: int = 1) -> Scene:
    """Sessions that are given an id, `token(number)`, and then send this."""
    scene = Scene()
    for n in range(sessions):
        scene.ask(n * 100, "POST /give", {"id": token(n)}, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /use", {}, body=body, headers=headers, on=f"c{n}")
    return scene


# Which leaves become holes.


def test_nothing_but_what_must_change_becomes_a_hole() -> None:
    body = {
        "id": token(0),
        "quantity": 1,
        "status": "open",
        "note": "ring twice",
        "born": "1984-02-29",
        "email": "ann@shop.example",
        "day": "2026-11-25",
        "idempotency_key": uuid(1),
    }
    (program,) = programs(uses(body))
    assert kinds(program) == {
        "body.$.id": "Live",
        "body.$.email": "Person",
        "body.$.day": "Moved",
        "body.$.idempotency_key": "Fresh",
    }


def test_a_request_of_constants_has_no_hole_at_all() -> None:
    (program,) = programs(uses({"quantity": 1, "status": "open"}, headers=((b"accept", b"*/*"),)))
    assert kinds(program) == {}


def test_a_whole_target_that_an_answer_gave_is_one_hole() -> None:
    scene = Scene()
    scene.ask(0, "POST /buy", body={}, gives=((b"location", b"/orders/7/thanks?from=ann@shop.example"),))
    scene.ask(10, "GET /orders/7/thanks?from=ann@shop.example")
    (program,) = programs(scene)
    assert kinds(program)["target"] == "Live"
    assert sent(program, 1, Answer(status=303, headers=((b"location", b"/orders/9/thanks?x=1"),)))[0] == (
        b"/orders/9/thanks?x=1"
    )


# The order of precedence.


def test_what_the_operator_sets_counts_more_than_what_an_answer_gave() -> None:
    (program,) = programs(uses({"order": token(0)}), given={"order": "mine"})
    assert (kinds(program), sent(program, 1)[2]) == ({"body.$.order": "Constant"}, b'{"order": "mine"}')


def test_what_an_answer_gave_counts_more_than_what_a_client_would_make_up() -> None:
    scene = Scene()
    for n in range(3):
        scene.ask(n * 100, "POST /give", {"nonce": uuid(n)}, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /use", {}, body={"nonce": uuid(n)}, on=f"c{n}")
    assert [kinds(program) for program in programs(scene)] == [{"body.$.nonce": "Live"}] * 3


def test_what_a_client_makes_up_counts_more_than_a_person_in_it() -> None:
    # A key with somebody's card in it, or what passes for one, is still another for each clone.
    scene = Scene()
    for n in range(3):
        scene.ask(n * 100, "POST /use", {}, body={"idempotency_key": f"k-4111111111111111-{uuid(n)}"}, on=f"c{n}")
    assert [set(kinds(program).values()) for program in programs(scene)] == [{"Fresh"}] * 3


def test_a_person_counts_more_than_a_date_beside_them() -> None:
    (program,) = programs(uses({"said": "ann@shop.example on 2026-11-25", "day": "2026-11-25"}))
    assert kinds(program) == {"body.$.said": "Person", "body.$.day": "Moved"}


def test_what_an_answer_gave_counts_more_than_that_it_is_a_date() -> None:
    scene = Scene()
    for n in range(9):
        day = f"2026-11-{10 + n}T10:00:00.{n:03d}Z"
        scene.ask(n * 100, "GET /slots", {"slots": [{"slot_id": day}]}, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /use", {}, body={"slot_id": day}, on=f"c{n}")
    assert kinds(programs(scene)[0]) == {"body.$.slot_id": "Live"}


def test_the_operators_word_replaces_what_all_sessions_share_and_leaves_the_rest() -> None:
    scene = uses({"product_id": token("product"), "plan": "pro"}, sessions=3)
    (first, *_) = programs(scene, defaults={"product_id": "theirs", "plan": "free"})
    assert sent(first, 1)[2] == b'{"product_id": "theirs", "plan": "pro"}'


def test_a_recorded_person_is_sent_where_the_operator_wants_people_as_recorded() -> None:
    (program,) = programs(uses({"email": "ann@shop.example"}), fresh_people=False)
    assert (kinds(program), sent(program, 1)[2], program.people) == (
        {},
        b'{"email": "ann@shop.example"}',
        {"ann@shop.example": 1},
    )


def test_who_logs_in_goes_by_the_recorded_name_though_it_looks_made_up() -> None:
    scene = Scene()
    for n in range(3):
        body = {"username": f"shopper{n:04d}", "password": f"Winter2024x{n}"}
        scene.ask(n * 100, "POST /login", {"token": token(n)}, body=body, on=f"c{n}")
        scene.ask(n * 100 + 10, "GET /me", {}, headers=((b"x-token", token(n).encode()),), on=f"c{n}")
    assert [kinds(program, 0) for program in programs(scene)] == [{}] * 3


# Nothing inside a hole.


def test_what_stands_in_a_value_that_the_operator_set_is_not_looked_for() -> None:
    scene = Scene()
    for n in range(3):
        scene.ask(n * 100, "POST /give", {"id": token(n)}, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /use", {}, body={"pass": packed({"id": token(n), "n": uuid(n)})}, on=f"c{n}")
    (program, *_) = programs(scene, given={"pass": "mine"})
    # The answer lacks the id: without need for it, the request goes all the same.
    assert (kinds(program), sent(program, 1, ok({}))[2]) == ({"body.$.pass": "Constant"}, b'{"pass": "mine"}')


def test_a_person_inside_a_value_that_an_answer_gave_is_the_answers() -> None:
    scene = Scene()
    for n in range(3):
        own = packed({"id": token(n), "email": f"ann{n}@shop.example", "day": "2026-11-25"})
        scene.ask(n * 100, "POST /give", {"pass": own}, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /use", {}, body={"pass": own}, on=f"c{n}")
    assert [kinds(program) for program in programs(scene)] == [{"body.$.pass": "Live"}] * 3


MAILS: dict[str, Callable[[str], str]] = {
    "JSON in a string": lambda mail: json.dumps({"to": {"email": mail}, "n": 1}),
    "base64 of JSON": lambda mail: packed({"email": mail}),
    "a URL": lambda mail: f"https://me/back?email={mail}&x=1",
    "a form": lambda mail: f"email={mail.replace('@', '%40')}&x=1&y=2",
    "a sentence": lambda mail: f"Please write to {mail}, not to me.",
}


@pytest.mark.parametrize("wrapped", MAILS)
def test_a_person_inside_another_value_is_replaced_inside_it(wrapped: str) -> None:
    wrap = MAILS[wrapped]
    (program,) = programs(uses({"said": wrap("ann@shop.example"), "email": "ann@shop.example"}))
    body = json.loads(sent(program, 1)[2])
    assert (body["email"] != "ann@shop.example", body["said"]) == (True, wrap(body["email"]))


def test_a_person_and_a_live_value_in_one_text_are_both_replaced() -> None:
    (program,) = programs(uses({"said": json.dumps({"email": "ann@shop.example", "order": token(0), "n": 1})}))
    body = json.loads(json.loads(sent(program, 1, ok({"id": "live-77"}))[2])["said"])
    assert (body["email"].endswith("@example.com"), body["order"], body["n"]) == (True, "live-77", 1)


def test_a_person_beside_a_live_piece_is_replaced_too() -> None:
    (program,) = programs(uses({"ref": f"ann@shop.example {token(0)}"}))
    body = json.loads(sent(program, 1, ok({"id": "live-77"}))[2])["ref"].split()
    assert (body[0].endswith("@example.com"), body[1]) == (True, "live-77")


def test_the_claims_of_a_recorded_token_are_sent_as_they_were_signed() -> None:
    bearer = b"Bearer " + jwt({"email": "ann@shop.example", "iat": THEN, "sub": "7"}).encode()
    (program,) = programs(uses(headers=((b"authorization", bearer),)))
    assert sent(program, 1, later=86_400)[1][b"authorization"] == bearer


# What is sent.


def test_a_clone_sends_other_people_keys_and_days_than_another_and_the_same_ones_again() -> None:
    (program,) = programs(uses({"email": "ann@shop.example", "idempotency_key": uuid(1), "day": "2026-11-25"}))
    one, again, other = (json.loads(sent(program, 1, key=key, later=86_400)[2]) for key in (b"1", b"1", b"2"))
    assert (one == again, {name for name in one if one[name] == other[name]}, one["day"]) == (
        True,
        {"day"},
        "2026-11-26",
    )


def test_what_a_client_made_up_is_the_same_fresh_one_wherever_it_stands() -> None:
    scene = Scene()
    for n in range(3):
        scene.ask(n * 100, f"PUT /orders/{uuid(n)}", {}, body={"key": uuid(n)}, on=f"c{n}")
        said = json.dumps({"order": uuid(n), "n": 1})
        headers = ((b"x-order", f"order {uuid(n)}".encode()),)
        scene.ask(n * 100 + 10, "POST /pay", {}, body={"said": said}, headers=headers, on=f"c{n}")
    (program, *_) = programs(scene)
    target, _, body = sent(program, 0)
    _, headers_, paid = sent(program, 1)
    fresh = target.rpartition(b"/")[2].decode()
    assert (fresh != uuid(0), json.loads(body), json.loads(json.loads(paid)["said"]), headers_[b"x-order"]) == (
        True,
        {"key": fresh},
        {"order": fresh, "n": 1},
        f"order {fresh}".encode(),
    )


# Cookies.


def visitor(n: int, cookie: str, sets: HeaderPairs, scene: Scene) -> None:
    scene.ask(n * 100, "GET /", {}, gives=sets, on=f"c{n}")
    scene.ask(n * 100 + 10, "GET /cart", {}, headers=((b"cookie", cookie.encode()),), on=f"c{n}")


def test_a_cookie_however_small_is_the_jars_if_a_server_set_it() -> None:
    scene = Scene()
    for n in range(3):
        sets = ((b"set-cookie", b"sid=%s; Path=/" % token(n).encode()), (b"set-cookie", b"cart=%d" % (17 + n)))
        visitor(n, f"sid={token(n)}; cart={17 + n}; theme=dark", sets, scene)
    (program, *_) = programs(scene)
    answer = Answer(status=200, headers=((b"set-cookie", b"sid=live"), (b"set-cookie", b"cart=99")))
    jar = {b"sid": b"live", b"cart": b"99"}
    assert (program.keeps_cookies, sent(program, 1, answer, jar=jar)[1][b"cookie"]) == (
        True,
        b"sid=live; cart=99; theme=dark",
    )


def test_a_visitor_who_came_back_with_a_cookie_from_before_the_recording_comes_as_a_new_one() -> None:
    scene = Scene()
    for n in range(20):
        visitor(n, f"sid={token(n)}", ((b"set-cookie", b"sid=" + token(n).encode()),), scene)
    stale = f"sid={token('stale')}; theme=dark".encode()
    scene.ask(9_000, "GET /cart", {}, headers=((b"cookie", stale),), on="back")
    scene.ask(9_010, "GET /cart", {}, headers=((b"cookie", stale),), on="back")
    last = programs(scene)[-1]
    assert [sent(last, n, jar=jar)[1][b"cookie"] for n, jar in enumerate([{}, {b"sid": b"live"}])] == [
        b"theme=dark",
        b"sid=live; theme=dark",
    ]


def test_a_client_that_never_sends_cookies_back_keeps_none() -> None:
    scene = Scene()
    for n in range(3):
        scene.ask(
            n * 100, "GET /", {"id": token(n)}, gives=((b"set-cookie", b"sid=" + token(-n).encode()),), on=f"c{n}"
        )
        scene.ask(n * 100 + 10, f"GET /a/{token(n)}", {}, on=f"c{n}")
    assert {program.keeps_cookies for program in programs(scene)} == {False}


# Whatever was recorded: with the answers of another server, what is sent is what its own client would have sent there.

#: How a request says a token.
PLACES: dict[str, Callable[[str], Asked]] = {
    "path": lambda t: Asked(f"POST /use/{t}/x"),
    "query": lambda t: Asked(f"POST /use?a=1&t={t}"),
    "header": lambda t: Asked(headers=((b"x-token", t.encode()),)),
    "bearer": lambda t: Asked(headers=((b"authorization", b"Bearer " + t.encode()),)),
    "basic": lambda t: Asked(headers=((b"authorization", b"Basic " + base64.b64encode(f"me:{t}".encode())),)),
    "cookie": lambda t: Asked(headers=((b"cookie", f"a=1; t={t}; b=2".encode()),)),
    "referer": lambda t: Asked(headers=((b"referer", f"http://shop/use/{t}".encode()),)),
    "body": lambda t: Asked(body={"t": t, "n": 1}),
    "string": lambda t: Asked(body={"t": json.dumps({"t": [t, 1]})}),
    "packed": lambda t: Asked(body={"t": packed({"a": {"t": t}})}),
    "packed in a URL": lambda t: Asked(body={"next": f"https://me/back?state={quote(packed({'t': t}))}&x=1"}),
    "composite": lambda t: Asked(body={"t": f"client {t} v1"}),
    "digest": lambda t: Asked(f"POST /use/{t}", {"t": hashlib.sha256(t.encode()).hexdigest()}),
    "everywhere": lambda t: Asked(
        f"POST /use/{t}", {"t": t, "u": f"https://me/{t}?x=1"}, ((b"x-t", f'"{t}"'.encode()),)
    ),
}

#: Of each request: which of its session's four tokens it says, where, and which its answer says again, if one.
Steps = list[tuple[int, str, int | None]]
journeys = st.lists(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(sorted(PLACES)), st.none() | st.integers(0, 3)),
        min_size=1,
        max_size=8,
    ),
    min_size=1,
    max_size=4,
)


def recorded(sessions: list[Steps], server: str) -> Scene:
    """These sessions as they go on a server, whose tokens are its own."""
    scene = Scene()
    for n, steps in enumerate(sessions):
        issued = [token((server, n, k)) for k in range(4)]
        at = n * 1000.0
        scene.ask(at, "POST /give", {f"v{k}": text for k, text in enumerate(issued)}, body={}, on=f"c{n}")
        for which, where, again in steps:
            at += 10
            line, body, headers = PLACES[where](issued[which])
            # A place of its own for each: what is a digest here and a token there is no recipe.
            line = line.replace("/use", f"/use/{sorted(PLACES).index(where)}x{which}")
            answer = {} if again is None else {"again": issued[again]}
            scene.ask(at, line, answer, body=body, headers=headers, on=f"c{n}")
    return scene


@settings(deadline=None)
@given(journeys)
def test_with_another_servers_answers_its_own_requests_are_sent(sessions: list[Steps]) -> None:
    there = recorded(sessions, "there").exchanges
    wrong = []
    for program in programs(recorded(sessions, "here")):
        answers = {
            step.index: Answer(status=200, headers=response.headers, body=response.body)
            for step in program.steps
            if (response := there[step.exchange].response) is not None
        }
        for step in program.steps:
            values = [hole.text(Context(key=b"k", answers=answers)) for hole in step.holes]
            _, target, headers, body = parse(step.template.render(values))
            request = there[step.exchange].request
            expected = [(name, WHERE.move(value)) for name, value in request.headers]
            mine = [(name, value) for name, value in headers if name not in {b"host", b"content-length"}]
            if (target, mine, body) != (request.target, expected, request.body):
                wrong.append((target, headers, body, request))
    assert wrong == []


@settings(deadline=None)
@given(journeys)
def test_no_issued_value_that_a_request_carried_stands_in_what_is_compiled(sessions: list[Steps]) -> None:
    scene = recorded(sessions, "here")
    issued = [token(("here", n, k)).encode() for n in range(len(sessions)) for k in range(4)]
    rendered = [
        step.template.render(["LIVE"] * len(step.holes)) for program in programs(scene) for step in program.steps
    ]
    assert [text for text in issued if any(text in wire for wire in rendered)] == []
