"""A stand-in is valid, says nothing of whom it stands for, and is the same under one key."""

from __future__ import annotations

import json
import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.mint.cards import STRIPE, Card, Outcome
from traces.anonymize import personal, stand_in, subkey
from traces.anonymize.detect import Kind, is_card
from traces.anonymize.published import PUBLISHED
from traces.lens import body_leaves, encode
from traces.shapes import EMAIL

KEY, OTHER = subkey(b"k", "run"), subkey(b"k", "run", "clone", 1)
names = st.from_regex(r"[A-Z][a-z]{3,9}( [A-Z][a-z]{3,9})?", fullmatch=True)
emails = st.from_regex(r"[a-z]{1,9}\.[a-z]{1,9}@[a-z]{2,9}\.(com|org|de)", fullmatch=True)
phones = st.from_regex(r"\+?[1-9][0-9]{1,2} ?\(?[0-9]{3}\)?[ -][0-9]{4,7}|0[1-9][0-9]{6,9}", fullmatch=True)
users = st.from_regex(r"[a-z]{2,9}[._]?[0-9]{0,4}|[1-9][0-9]{7,11}", fullmatch=True)
kinds: st.SearchStrategy[tuple[Kind, str]] = st.one_of(
    st.tuples(st.just("email"), emails),
    st.tuples(st.just("phone"), phones),
    st.tuples(st.just("name"), names),
    st.tuples(st.just("user"), users),
)


def anonymous(body: bytes) -> bytes:
    """The body with everything personal in it replaced, as the sender does it."""
    out, position = [], 0
    for leaf in body_leaves((), body):
        text, done = "", 0
        for person in personal(leaf):
            text, done = text + leaf.text[done : person.start] + stand_in(KEY, person.kind, person.text), person.end
        out += [body[position : leaf.start], encode(text + leaf.text[done:], "raw" if leaf.number else leaf.coding)]
        position = leaf.end
    return b"".join([*out, body[position:]])


@given(kinds)
def test_one_key_gives_one_stand_in_however_a_value_is_cased(value: tuple[Kind, str]) -> None:
    kind, text = value
    assert stand_in(KEY, kind, text).casefold() == stand_in(KEY, kind, text.upper()).casefold()


def test_two_keys_share_no_address() -> None:
    people = [f"person{n}@shop.com" for n in range(2000)]
    mine, theirs = ({stand_in(key, "email", p) for p in people} for key in (KEY, OTHER))
    assert (len(mine), len(theirs), mine & theirs) == (2000, 2000, set())


@given(emails)
def test_an_addresss_stand_in_is_an_address_of_nobody(text: str) -> None:
    replaced = stand_in(KEY, "email", text)
    assert (EMAIL.fullmatch(replaced) is not None, replaced.endswith("@example.com")) == (True, True)


@given(phones)
def test_a_phones_stand_in_passes_the_validation_that_shops_use(text: str) -> None:
    replaced = stand_in(KEY, "phone", text)
    international = replaced if replaced.startswith(("+", "0")) else f"+{replaced}"
    assert phonenumbers.is_valid_number(phonenumbers.parse(international, "GB"))


@given(phones)
def test_a_phones_stand_in_is_kept_for_fiction_and_keeps_its_plus(text: str) -> None:
    replaced = stand_in(KEY, "phone", text)
    fiction = re.fullmatch(r"\+?442079460\d{3}|02079460\d{3}|\+?1\d{3}55501\d\d", replaced)
    assert (fiction is not None, replaced.startswith("+")) == (True, text.startswith("+"))


@given(st.integers(4_000_000_000_000_000 // 10, 5_599_999_999_999_999 // 10), st.sampled_from(["", " ", "-"]))
def test_a_cards_stand_in_is_a_published_test_card_written_alike(base: int, separator: str) -> None:
    digits = next(f"{base}{check}" for check in range(10) if _luhn(f"{base}{check}"))
    text = separator.join(digits[i : i + 4] for i in range(0, 16, 4))
    replaced = stand_in(KEY, "card", text)
    plain = re.sub(r"\D", "", replaced)
    assert (plain in PUBLISHED, is_card(replaced), len(replaced)) == (True, True, len(text))


@pytest.mark.parametrize("number", sorted(PUBLISHED))
def test_a_published_test_card_stays_what_it_is_however_it_is_written(number: str) -> None:
    spaced = " ".join(number[n : n + 4] for n in range(0, len(number), 4))
    body = json.dumps({"number": number, "again": spaced}).encode()
    assert (anonymous(body), stand_in(KEY, "card", number)) == (body, number)


def test_only_the_card_that_is_there_to_be_refused_for_its_number_is_no_card() -> None:
    assert [number for number in PUBLISHED if not is_card(number)] == ["4242424242424241"]


@pytest.mark.parametrize("card", [card for outcome, card in STRIPE.items() if outcome is not Outcome.SUCCEEDED])
def test_a_card_that_a_provider_declines_is_not_replaced_by_one_it_takes(card: Card) -> None:
    assert stand_in(KEY, "card", card.number) == card.number


@given(users)
def test_a_users_stand_in_is_a_name_that_any_service_takes_and_a_number_stays_one(text: str) -> None:
    replaced = stand_in(KEY, "user", text)
    number = text.isdecimal() and len(replaced) == len(text) and replaced[0] != "0"
    assert (replaced.isdecimal(), number or bool(re.fullmatch(r"[a-z][a-z0-9]{9,14}", replaced))) == (number, True)


@given(names, st.sampled_from([str.upper, str.lower, str.title]))
def test_a_names_stand_in_is_cased_as_the_name_was(name: str, case: object) -> None:
    text = case(name)  # type: ignore[operator]  # str.upper and its kind
    replaced = stand_in(KEY, "name", text)
    assert (case(replaced), len(replaced.split())) == (replaced, len(text.split()))  # type: ignore[operator]  # as above


@given(kinds)
def test_a_stand_in_is_not_what_it_stands_for(value: tuple[Kind, str]) -> None:
    assert stand_in(KEY, *value) != value[1]


@given(emails, phones, names, st.sampled_from(["5555341244441115", "4916338506082832"]))
def test_nothing_personal_is_left_and_nothing_else_is_changed(email: str, phone: str, name: str, card: str) -> None:
    person = {"first_name": name, "contact": {"phone": phone, "email": email, "note": f"mail {email} pay {card}."}}
    order = {"amount": 1999, "order_number": "ORD-100234", "at": "2024-11-22T10:51:00Z", "url": "https://shop/7"}
    after = json.loads(anonymous(json.dumps(person | order).encode()))
    text = json.dumps(after)
    kept = {key: after[key] for key in order}
    assert (kept, [value for value in (email, card, f'"{phone}"', f'"{name}"') if value in text]) == (order, [])


@pytest.mark.parametrize("number", [493090182000, 447911123456, 12015550123, 4111111111111111])
def test_a_number_stays_a_number(number: int) -> None:
    after = json.loads(anonymous(json.dumps({"phone": number, "card": number}).encode()))
    assert [type(value) for value in after.values()] == [int, int]


def _luhn(digits: str) -> bool:
    return sum(sum(divmod(int(d) * (1 + i % 2), 10)) for i, d in enumerate(reversed(digits))) % 10 == 0
