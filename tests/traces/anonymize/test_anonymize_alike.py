"""A made-up token could have been made by whoever made the recorded one, and has nothing of it."""

from __future__ import annotations

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces.anonymize.alike import alike

KEY = b"k" * 32


@given(st.uuids(version=4))
def test_a_uuid_stays_one_of_its_version(recorded: uuid.UUID) -> None:
    made = uuid.UUID(alike(KEY, str(recorded)))
    assert (made.version, made.variant, made != recorded) == (4, uuid.RFC_4122, True)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("sess_8f3a21bc99d0", "sess_"),
        ("order-2931844", "order-"),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-"),
    ],
)
def test_the_words_around_a_tokens_chance_stay(text: str, kept: str) -> None:
    made = alike(KEY, text)
    assert (made.startswith(kept), made != text, len(made)) == (True, True, len(text))


@given(st.from_regex(r"[A-Za-z0-9]{8,40}", fullmatch=True), st.binary(min_size=1, max_size=64))
def test_it_is_the_same_each_time_and_of_the_same_alphabet(text: str, key: bytes) -> None:
    made = alike(key, text)
    assert made == alike(key, text)
    assert re.fullmatch("[0-9]*" if text.isdigit() else "[A-Za-z0-9]*", made)
    assert len(made) == len(text)


def test_hex_stays_hex_and_a_number_keeps_its_length() -> None:
    assert re.fullmatch("[0-9a-f]{32}", alike(KEY, "d41d8cd98f00b204e9800998ecf8427e"))
    assert re.fullmatch("[1-9][0-9]{9}", alike(KEY, "1795339815"))


def test_another_key_or_another_text_gives_another_token() -> None:
    made = {alike(key, text) for key in (b"a", b"b") for text in ("8f3a21bc99d0aa01", "8f3a21bc99d0aa02")}
    assert len(made) == 4
