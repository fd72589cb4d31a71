"""A value that now this answer gives and now that one."""

from __future__ import annotations

import base64
import json

from tests.traces.links.scene import Scene, token
from traces.analysis import analyse


def visits(*, login: int, lost: int = 0) -> set[tuple[str, str]]:
    """(from, to) of what is linked, of six visitors with a packed ticket of whom some log in, which gives another.

    lost: so many got their ticket before the recording began.
    """
    scene = Scene()
    for n in range(6):
        at, on = n * 100.0, f"c{n}"
        inner, again = token(n), token(f"again {n}")
        packed = [base64.b64encode(json.dumps({"token": text, "n": n}).encode()).decode() for text in (inner, again)]
        if n >= lost:
            scene.ask(at, "GET /shop", {"ticket": packed[0], "token": inner}, on=on)
        else:
            scene.ask(at, "GET /shop", {"token": inner}, on=on)
        if n >= 6 - login:
            scene.ask(at + 10, "POST /login", {"ticket": packed[1], "token": again}, body={}, on=on)
        scene.ask(at + 20, "POST /pay", {}, body={"ticket": packed[n >= 6 - login]}, on=on)
    return {(str(link.producer), str(link.consumer)) for link in analyse(scene.exchanges).graph.links}


WHOLE = {
    ("GET /shop body.$.ticket", "POST /pay body.$.ticket"),
    ("POST /login body.$.ticket", "POST /pay body.$.ticket"),
}


def test_what_stands_inside_a_value_that_one_of_two_answers_always_gave_is_not_linked() -> None:
    assert visits(login=3) == WHOLE


def test_it_is_where_the_value_was_sometimes_given_by_none() -> None:
    assert visits(login=2, lost=2) > WHOLE
