"""Values that are made of an answer's: digests at one sighting, sums only where chance would not add up so often."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traces.links.scene import Scene, token
from traces.analysis import Analysis, analyse
from traces.links.explain import Sighting, explain
from traces.links.model import Recipe
from traces.links.recipes import add, digest, digest_recipes

DIGESTS: tuple[Recipe, ...] = tuple(recipe for recipe in get_args(Recipe) if " " in recipe)
ITEMS, SHIPPING = (0, "body.$.items"), (0, "body.$.shipping")


def explained(sightings: Iterable[Sighting]) -> tuple[object, ...] | None:
    found = explain(list(sightings))
    return None if found is None else (found.recipe, *found.producers)


def hashed(text: str, recipe: str) -> str:
    """The digest, made here and not by what is tested."""
    algorithm, _, form = recipe.partition(" ")
    raw = hashlib.new(algorithm, text.encode(), usedforsecurity=False).digest()
    if form in {"hex", "HEX"}:
        return raw.hex() if form == "hex" else raw.hex().upper()
    written = (base64.b64encode if form == "base64" else base64.urlsafe_b64encode)(raw).decode()
    return written.rstrip("=") if form == "base64url" else written


@given(st.text(max_size=40), st.sampled_from(DIGESTS))
def test_a_digest_is_known_by_its_look_and_made_anew(text: str, recipe: Recipe) -> None:
    own = hashed(text, recipe)
    assert (recipe in digest_recipes(own), digest(text, recipe)) == (True, own)


@pytest.mark.parametrize("text", ["", "deadbeef", "a" * 31, "g" * 64, "1.50", "Bearer abc", "=" * 44, "ü" * 32])
def test_what_has_no_digests_length_and_letters_is_none(text: str) -> None:
    assert digest_recipes(text) == ()


@pytest.mark.parametrize("recipe", ["copy", "sum"])
def test_what_is_no_digest_makes_none(recipe: Recipe) -> None:
    assert digest("text", recipe) is None


@given(st.text(max_size=60))
def test_no_text_whatever_breaks_the_look_at_it(text: str) -> None:
    assert {*digest_recipes(text)} <= {*DIGESTS}


@pytest.mark.parametrize(
    ("a", "b", "like", "total"),
    [
        ("12.50", "4.90", "17.40", "17.40"),
        ("12.5", "4.9", "0.00", "17.40"),
        ("1250", "490", "1740", "1740"),
        ("10", "4.90", "0.00", "14.90"),
        ("12.50", "-2.50", "10.00", "10.00"),
        ("0.1", "0.2", "0.3", "0.3"),
        ("999999999", "1", "5", "1000000000"),
        ("12.50", "EUR", "17.40", None),
        ("12,50", "4.90", "17.40", None),
        ("1795339815", "1", "1795339816", None),
        ("NaN", "1", "1", None),
        ("", "1", "1", None),
    ],
)
def test_a_sum_is_exact_and_written_with_the_recorded_decimals(a: str, b: str, like: str, total: str | None) -> None:
    assert add(a, b, like) == total


cents = st.integers(1, 9_999_99).map(lambda n: f"{n // 100}.{n % 100:02d}")


@given(cents, cents)
def test_a_sum_of_cents_is_never_off_by_one(a: str, b: str) -> None:
    assert add(a, b, a) == str(Decimal(a) + Decimal(b))


def sums(pairs: Sequence[tuple[str, str]], *, less: int = 0) -> list[Sighting]:
    return [Sighting(str(Decimal(a) + Decimal(b) - less), [(ITEMS, a), (SHIPPING, b)]) for a, b in pairs]


@given(st.lists(st.tuples(cents, cents), min_size=4, max_size=8))
def test_a_total_is_items_and_shipping_wherever_three_totals_differ(pairs: list[tuple[str, str]]) -> None:
    sightings = sums(pairs)
    enough = len({sighting.text for sighting in sightings}) >= 3
    assert explained(sightings) == (("sum", ITEMS, SHIPPING) if enough else None)


@given(st.lists(st.tuples(cents, cents), max_size=3))
def test_fewer_than_four_sessions_make_no_sum(pairs: list[tuple[str, str]]) -> None:
    assert explained(sums(pairs)) is None


def test_what_adds_up_now_and_then_is_no_sum() -> None:
    pairs = [(f"{n}.25", "4.90") for n in range(10, 16)]
    assert explained([*sums(pairs), *sums(pairs[:2], less=1)]) is None


def test_nothing_is_no_summand() -> None:
    sightings = [Sighting(f"{n}.50", [(ITEMS, f"{n}.50"), (SHIPPING, "0.00")]) for n in range(10, 18)]
    assert explained(sightings) is None


def test_a_time_in_seconds_is_no_sum() -> None:
    begun = 1_795_339_815
    sightings = [Sighting(str(begun + n * 7), [(ITEMS, str(begun)), (SHIPPING, str(n * 7))]) for n in range(1, 9)]
    assert explained(sightings) is None


def test_a_number_is_not_the_sum_of_itself_and_itself() -> None:
    assert explained([Sighting(str(2 * n), [(ITEMS, str(n))]) for n in range(10, 18)]) is None


def test_of_a_place_that_was_read_twice_the_later_number_counts() -> None:
    sightings = [Sighting(f"{n + 5}", [(ITEMS, f"{n}"), (SHIPPING, "5"), (ITEMS, f"{n - 1}")]) for n in range(10, 18)]
    assert explained(sightings) == ("sum", ITEMS, SHIPPING)


def test_of_two_answers_that_gave_the_digested_text_the_later_counts() -> None:
    sightings = [Sighting(hashed(token(n), "sha1 hex"), [((2, "b"), token(n)), ((1, "a"), token(n))]) for n in range(3)]
    assert explained(sightings) == ("sha1 hex", (2, "b"))


def test_a_digest_of_something_else_is_not_explained() -> None:
    sightings = [Sighting(hashed(f"other {n}", "sha256 hex"), [(ITEMS, token(n))]) for n in range(8)]
    assert explained(sightings) is None


def test_nothing_is_made_of_nothing() -> None:
    assert (explained([]), explained([Sighting(hashed("a", "md5 hex"), [])])) == (None, None)


# Learned from a recording.


def recipes(analysis: Analysis) -> set[tuple[str, str, str | None, str]]:
    return {
        (str(link.producer), link.recipe, " ".join(map(str, link.plus)) or None, str(link.consumer))
        for link in analysis.graph.links
    }


def digests(write: str, sessions: int = 3) -> Analysis:
    """Sessions that are given a token and send its digest in a header."""
    scene = Scene()
    for n in range(sessions):
        scene.ask(n * 100, "POST /login", {"token": token(n)}, body={}, on=f"c{n}")
        own = write.format(hashed(token(n), "sha256 hex")).encode()
        scene.ask(n * 100 + 10, "POST /pay", body={}, on=f"c{n}", headers=((b"x-digest", own),))
    return analyse(scene.exchanges)


LOGIN = "POST /login body.$.token"


@pytest.mark.parametrize("sessions", [1, 3, 12])
def test_the_digest_of_a_token_in_a_header_is_a_link(sessions: int) -> None:
    assert recipes(digests("{}", sessions)) == {(LOGIN, "sha256 hex", None, "POST /pay header.x-digest")}


def test_a_digest_inside_another_value_is_a_link_to_its_piece() -> None:
    assert recipes(digests("algorithm=sha256; digest={}")) == {
        (LOGIN, "sha256 hex", None, "POST /pay header.x-digest|parts[3]")
    }


def test_a_digest_in_capitals_is_a_link_too() -> None:
    scene = Scene()
    for n in range(3):
        scene.ask(n * 100, "POST /login", {"token": token(n)}, body={}, on=f"c{n}")
        own = hashed(token(n), "sha256 hex").upper()
        scene.ask(n * 100 + 10, "POST /pay", body={"digest": own}, on=f"c{n}")
    assert {(producer, consumer) for producer, _, _, consumer in recipes(analyse(scene.exchanges))} == {
        (LOGIN, "POST /pay body.$.digest")
    }


def test_a_digest_says_where_its_text_is_read_live() -> None:
    analysis = digests("{}")
    found = {
        (source.step, source.path, source.recipe)
        for session in analysis.sessions
        for binding in analysis.bindings(session)
        for source in binding.sources
    }
    assert found == {(0, "body.$.token", "sha256 hex")}


def totals(sessions: int, *, late: bool = False) -> Analysis:
    """Sessions whose total is what the items cost and what shipping costs, from one answer or from two."""
    scene = Scene()
    for n in range(sessions):
        items, shipping = f"{20 + 7 * n}.{25 + n:02d}", f"{3 + n % 3}.90"
        cart = {"items": items} if late else {"items": items, "shipping": shipping}
        scene.ask(n * 100, "GET /cart", cart, on=f"c{n}")
        scene.ask(n * 100 + 10, "GET /rates", {"shipping": shipping} if late else {}, on=f"c{n}")
        total = str(Decimal(items) + Decimal(shipping))
        scene.ask(n * 100 + 20, "POST /pay", body={"amount": total}, on=f"c{n}")
    return analyse(scene.exchanges)


@pytest.mark.parametrize(("sessions", "known"), [(3, False), (4, True), (20, True)])
def test_a_total_of_items_and_shipping_is_a_link_from_four_sessions_on(sessions: int, known: bool) -> None:
    link = ("GET /cart body.$.items", "sum", "GET /cart body.$.shipping", "POST /pay body.$.amount")
    assert recipes(totals(sessions)) == ({link} if known else set())


def test_the_summands_may_come_from_two_answers_and_each_is_read_where_it_came() -> None:
    analysis = totals(6, late=True)
    found = {
        (source.step, source.path, source.plus.step, source.plus.path, source.like)
        for binding in analysis.bindings(analysis.sessions[0])
        for source in binding.sources
        if source.plus is not None
    }
    assert found == {(0, "body.$.items", 1, "body.$.shipping", "24.15")}


def test_an_amount_that_was_given_as_it_is_needs_no_sum() -> None:
    scene = Scene()
    for n in range(10):
        items, total = 2000 + 13 * n, 2490 + 13 * n
        scene.ask(n * 100, "GET /cart", {"items": items, "shipping": 490, "total": total}, on=f"c{n}")
        scene.ask(n * 100 + 20, "POST /pay", body={"amount": total}, on=f"c{n}")
    assert recipes(analyse(scene.exchanges)) == {("GET /cart body.$.total", "copy", None, "POST /pay body.$.amount")}
