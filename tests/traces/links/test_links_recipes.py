"""Values that are made of an answer's: what each recipe makes, and that such links are learned from a recording."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traces.links.digests import DIGESTS, hashed
from tests.traces.links.scene import Scene, token
from traces.analysis import Analysis, analyse
from traces.links.model import Recipe
from traces.links.recipes import add, combined, digest, digest_recipes, made, of_several, single_recipes


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


@pytest.mark.parametrize(
    ("recipe", "joint", "text", "carried"),
    [
        ("upper", "", "k7f3-a2b9", "K7F3-A2B9"),
        ("lower", "", "K7F3-A2B9", "k7f3-a2b9"),
        ("upper", "", "K7F3-A2B9", None),
        ("number", "", "0001017", "1017"),
        ("number", "", "000", "0"),
        ("number", "", "1017", None),
        ("cents", "", "12.50", "1250"),
        ("cents", "", "0.05", "5"),
        ("cents", "", "12.5", None),
        ("units", "", "1250", "12.50"),
        ("units", "", "12.50", None),
        ("affix", "v{}", "107", "v107"),
        ("affix", "{}.json", "8", "8.json"),
        ("strip", "ORD{}", "ORD81234567", "81234567"),
        ("strip", "ORD{}", "ORD", None),
        ("strip", "ORD{}", "81234567", None),
        ("strip", "ORD", "ORD81234567", None),
    ],
)
def test_what_is_written_in_another_way_is_made_or_left(recipe: Recipe, joint: str, text: str, carried: str) -> None:
    assert made(text, recipe, joint) == carried


@given(st.text("abcXYZ019", min_size=1), st.sampled_from(["v{}", "{}.pdf", "a{}z", "{}"]))
def test_what_was_glued_on_is_cut_off(text: str, joint: str) -> None:
    assert made(made(text, "affix", joint) or "", "strip", joint) == text


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(DIGESTS), st.sampled_from([":", "", "|"]))
def test_the_digest_of_two_is_that_of_both_with_what_stands_between(a: str, b: str, recipe: Recipe, like: str) -> None:
    assert of_several([a, b], recipe, like) == combined(a, b, recipe, like) == hashed(a + like + b, recipe)


def test_three_numbers_are_summed_from_the_last() -> None:
    assert (of_several(["1.25", "2.50", "4.00"], "sum", "0.00"), of_several(["1", "x", "2"], "sum", "0")) == (
        "7.75",
        None,
    )


@given(st.text(max_size=40))
def test_no_text_whatever_breaks_a_recipe_of_one_value(text: str) -> None:
    for recipe in single_recipes(text):
        made(text, recipe)


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
