"""A number that equals an answer's is no accident where the odds say so, or where its neighbours come from there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traces.links.scene import Scene, token
from traces.analysis import analyse
from traces.links.evidence import Company, Sighting, digits, is_evident
from traces.links.model import Link, Slot

GIVEN = [(f"body.$.n{n}", str(n)) for n in range(100)]
PRODUCER, CONSUMER = Slot("POST /a", "body.$.window"), Slot("POST /b", "body.$.place")


def evident(*texts: str, consumer: Slot = CONSUMER, producer: Slot = PRODUCER, links: tuple[Link, ...] = ()) -> bool:
    sightings = [Sighting(text, [*GIVEN, (producer.path, text)], 1, 0.1) for text in texts]
    return is_evident(consumer, producer, sightings, Company(links))


@pytest.mark.parametrize(
    ("text", "known"),
    [("7", 1), ("2029", 4), ("0002029", 4), ("15000", 2), ("12.50", 3), ("0", 0), ("EUR", 0), ("", 0), ("HS256", 3)],
)
def test_what_chance_would_have_to_guess_are_a_numbers_own_digits(text: str, known: int) -> None:
    assert digits(text) == known


def test_a_short_code_is_harder_to_guess_than_a_number_as_long() -> None:
    assert digits("K7F3A2") > digits("173482") > digits("standard") == 0


@given(st.from_regex(r"1[0-9]{12}", fullmatch=True))
def test_of_a_clocks_milliseconds_only_the_last_are_unknown(text: str) -> None:
    assert digits(text) == 3


def test_one_number_of_seven_digits_is_enough_and_of_five_two_are() -> None:
    assert (evident("7312894"), evident("73129"), evident("73129", "48213")) == (True, False, True)


def test_small_numbers_are_never_enough_by_themselves() -> None:
    assert not evident(*(str(n) for n in range(100, 999, 7)))


def test_what_all_sessions_say_is_a_word_of_the_api() -> None:
    assert not evident("7312894", "7312894")


def test_beside_a_value_from_the_same_object_four_digits_are_enough() -> None:
    order = Slot("POST /a", "body.$.order.year")
    link = Link(producer=Slot("POST /a", "body.$.order.id"), consumer=Slot("POST /b", "body.$.id"))
    other = Link(producer=Slot("POST /a", "body.$.user.id"), consumer=Slot("POST /b", "body.$.id"))
    found = [evident("2029", producer=order, links=links) for links in ((link,), (other,), ())]
    assert found == [True, False, False]


@pytest.mark.parametrize(("name", "known"), [("total", True), ("window", False)])
def test_of_amounts_only_amounts_could_have_been_meant(name: str, known: bool) -> None:
    assert (
        evident("7129", producer=Slot("POST /a", f"body.$.{name}"), consumer=Slot("POST /b", "body.$.amount")) == known
    )


@pytest.mark.parametrize(
    ("gap", "sessions", "known"), [(0.2, 8, False), (0.8, 8, True), (3.0, 1, False), (3.0, 3, True)]
)
def test_two_clocks_that_agree_too_long_are_one(gap: float, sessions: int, known: bool) -> None:
    seen = [Sighting(str(1_795_338_000 + 7 * n), GIVEN, 1, gap) for n in range(sessions)]
    assert is_evident(CONSUMER, PRODUCER, seen, Company(())) == known


# Learned from a recording.


def learned(scene: Scene) -> set[tuple[str, str]]:
    return {(str(link.producer), str(link.consumer)) for link in analyse(scene.exchanges).graph.links}


@pytest.mark.parametrize("sessions", [1, 6])
def test_the_year_in_a_files_name_comes_from_where_its_number_does(sessions: int) -> None:
    scene = Scene()
    for n in range(sessions):
        order = {"id": 400_013 + 13 * n, "year": 2021 + n, "stars": n}
        scene.ask(n * 100, "POST /orders", order, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, f"GET /files/invoice_{order['id']}_{order['year']}.pdf", on=f"c{n}")
    assert {producer for producer, _ in learned(scene)} == {"POST /orders body.$.id", "POST /orders body.$.year"}


def proofs(scene: Scene, n: int, at: float, proof: str, issued: int) -> None:
    scene.ask(at, "POST /intents", {"nonce": token(n), "issued_at": issued}, body={}, on=f"c{n}")
    scene.ask(at + 200, "POST /confirm", {}, body={}, on=f"c{n}", headers=((b"x-proof", proof.encode()),))


def test_the_instant_beside_a_nonce_is_the_nonces() -> None:
    scene = Scene()
    for n in range(6):
        issued = 1_795_338_001 + 9 * n
        proofs(scene, n, n * 9000.0, f"t={issued},n={token(n)}", issued)
    assert "POST /intents body.$.issued_at" in {producer for producer, _ in learned(scene)}


def test_a_clients_own_clock_is_not_the_servers_though_they_agree_now_and_then() -> None:
    scene = Scene()
    for n in range(6):
        issued = 1_795_338_001 + 9 * n
        proofs(scene, n, n * 9000.0, f"t={issued + (n == 3)},n={token(n)}", issued)
    assert "POST /intents body.$.issued_at" not in {producer for producer, _ in learned(scene)}


def test_a_code_of_six_that_an_answer_gave_is_sent_on() -> None:
    scene = Scene()
    for n in range(3):
        scene.ask(n * 100, "POST /bookings", {"code": f"K{n}F3A{n}", "seat": n}, body={}, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /mails", {}, body={"about": f"K{n}F3A{n}"}, on=f"c{n}")
    assert learned(scene) == {("POST /bookings body.$.code", "POST /mails body.$.about")}


def test_a_document_that_came_as_a_text_is_sent_back_whole() -> None:
    scene = Scene()
    for n in range(3):
        cart = '{\n "ref" : "' + token(n) + '" }'
        scene.ask(n * 100, "GET /quote", {"cart": cart}, on=f"c{n}")
        scene.ask(n * 100 + 10, "POST /orders", {}, body={"quoted": cart}, on=f"c{n}")
    assert learned(scene) == {("GET /quote body.$.cart", "POST /orders body.$.quoted")}
