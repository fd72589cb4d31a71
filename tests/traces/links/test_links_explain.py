"""How a value was made is told by what was given before it: digests at one sighting, sums where chance makes none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traces.links.digests import DIGESTS, hashed
from tests.traces.links.scene import token
from traces.links.explain import Sighting, explain
from traces.links.model import Recipe

ITEMS, SHIPPING = (0, "body.$.items"), (0, "body.$.shipping")
cents = st.integers(1, 9_999_99).map(lambda n: f"{n // 100}.{n % 100:02d}")


def explained(sightings: Iterable[Sighting]) -> tuple[object, ...] | None:
    found = explain(list(sightings))
    return None if found is None else (found.way.recipe, *found.way.producers)


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


def single(*pairs: tuple[str, str]) -> tuple[object, ...] | None:
    """What explains the first of each pair, its text, by the second and a few numbers beside it."""
    noise = [((1, f"body.$.n{n}"), str(n)) for n in range(20)]
    return explained(Sighting(text, [*noise, (ITEMS, given)]) for text, given in pairs)


@pytest.mark.parametrize(
    ("pairs", "recipe"),
    [
        ([("K7F3-A2B9", "k7f3-a2b9")], "upper"),
        ([("k7f3-a2b9", "K7F3-A2B9")], "lower"),
        ([("81234567", "ORD81234567")] * 2, "strip"),
        ([("1712", "0001712"), ("1713", "0001713")], "number"),
        ([(f"{n}97", f"{n}.97") for n in range(11, 15)], "cents"),
        ([(f"{n}.97", f"{n}97") for n in range(11, 15)], "units"),
        ([(f"v{n}", str(n)) for n in range(107, 115)], "affix"),
        ([("EUR", "eur")], None),
        ([("7", "07"), ("8", "08")], None),
        ([("v7", "7"), ("v8", "8")], None),
        ([("size107", "107")], None),
    ],
)
def test_what_is_written_in_another_way_is_known_where_chance_would_not_do_it(
    pairs: list[tuple[str, str]], recipe: str | None
) -> None:
    assert single(*pairs) == (None if recipe is None else (recipe, ITEMS))


@given(st.sampled_from(DIGESTS), st.sampled_from([":", "", ".", "|", "&"]))
def test_a_digest_of_two_values_is_known_from_one_sighting(recipe: Recipe, joint: str) -> None:
    key, code = token("key"), token("code", 12)
    text = hashed(f"{key}{joint}{code}", recipe)
    found = explain([Sighting(text, [(ITEMS, code), (SHIPPING, key), ((1, "body.$.x"), token("x"))])])
    # In base64 a digest without signs of its own may be of either alphabet.
    way = None if found is None else (found.way.recipe.split(" ")[0], *found.way[1:])
    assert way == (recipe.split(" ")[0], (SHIPPING, ITEMS), joint)


def test_which_alphabet_a_padded_digest_is_in_say_the_sightings_that_tell() -> None:
    texts = [token(n) for n in range(8)]
    found = explain(Sighting(hashed(text, "sha256 base64url="), [(ITEMS, text)]) for text in texts)
    assert (found and found.way.recipe) == "sha256 base64url="


def test_three_amounts_of_one_answer_add_up() -> None:
    places = [(0, f"body.$.{name}") for name in ("net", "fuel", "vat", "toll")]
    sightings = []
    for n in range(3):
        amounts = [4103 + 7 * n, 390 + n, 211 + 3 * n, 55]
        given = list(zip(places, map(str, amounts), strict=True))
        sightings.append(Sighting(str(sum(amounts[:3])), given))
    found = explain(sightings, is_named=lambda _: True)
    assert (found and found.way.producers, explain(sightings)) == (tuple(sorted(places[:3])), None)


def test_sightings_are_read_no_further_than_needed() -> None:
    read = []

    def sightings() -> Iterator[Sighting]:
        for n in range(8):
            read.append(n)
            yield Sighting(hashed(f"other {n}", "sha256 hex"), [(ITEMS, token(n))])

    assert (explain(sightings()), read) == (None, [0])


def test_a_total_that_much_could_add_up_to_is_no_sum() -> None:
    numbers = [((0, f"body.$.n{n}"), str(1 + n % 9)) for n in range(60)]
    assert explained([Sighting(str(total), numbers) for total in (5, 6, 7, 8)]) is None
