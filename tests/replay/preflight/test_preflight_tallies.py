"""What is alike is counted: memory is bounded by what is told apart, and values are read without upset."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.preflight.instants import instant, until
from replay.preflight.marks import mark
from replay.preflight.tallies import Key, Tallies

EPOCH = 1_795_339_815.0


def test_a_session_counts_once_however_often_it_has_it() -> None:
    tallies = Tallies()
    for session in ("s0", "s1"):
        for _ in range(5):
            tallies.count(Key("host", "app.example"), "POST /x body.$.url")
        tallies.end(session, counts=True)
    ((_, group),) = tallies.of("host")
    assert (group.sessions, group.requests, group.examples, dict(group.places)) == (
        2,
        10,
        ["s0", "s1"],
        {"POST /x body.$.url": 10},
    )


def test_what_was_seen_of_a_session_that_does_not_count_is_forgotten() -> None:
    tallies = Tallies()
    tallies.count(Key("host", "app.example"), "POST /x")
    tallies.end("s0", counts=False)
    tallies.end("s1", counts=True)
    assert tallies.of("host") == []


def test_the_thousands_of_hosts_that_somebody_sends_are_one_in_the_end() -> None:
    tallies = Tallies()
    for number in range(5000):
        tallies.count(Key("host", f"h{number}.example"), f"POST /x{number}")
        tallies.end(f"s{number}", counts=True)
    others = tallies.groups[Key("host", "others")]
    assert (len(tallies.groups), others.sessions, len(others.places) < 100) == (1001, 4000, True)


def test_so_are_those_of_one_session() -> None:
    tallies = Tallies()
    for number in range(5000):
        tallies.count(Key("host", f"h{number}.example"), "POST /x")
    tallies.end("s0", counts=True)
    assert (len(tallies.groups), tallies.groups[Key("host", "others")].requests) == (1001, 4000)


def test_of_those_seen_as_often_the_order_is_always_the_same() -> None:
    tallies = Tallies()
    for host in ("b", "a", "c", "c"):
        tallies.count(Key("host", host), "POST /x")
    tallies.end("s0", counts=True)
    tallies.count(Key("host", "c"), "POST /x")
    tallies.end("s1", counts=True)
    assert [key.about for key, _ in tallies.of("host")] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1795339815", EPOCH),
        ("1795339815.5", EPOCH + 0.5),
        ("1795339815000", EPOCH),
        ("1795339815000000000", EPOCH),
        ("2026-11-22T10:10:15Z", 1_795_342_215.0),
        ("2026-11-22T10:10:15", 1_795_342_215.0),
        ("2026-11-22T12:10:15.000+02:00", 1_795_342_215.0),
        ("20261122T101015Z", 1_795_342_215.0),
        ("Sun, 22 Nov 2026 10:10:15 GMT", 1_795_342_215.0),
        ("2026-11-22", None),
        ("3600", None),
        ("1228", None),
        ("never", None),
        ("", None),
    ],
)
def test_instants_are_read_as_fields_write_them(text: str, seconds: float | None) -> None:
    assert instant(text) == seconds


@given(
    st.text(max_size=50) | st.from_regex(r"[0-9]{8,20}(\.[0-9]{0,9})?|\d{4}-\d\d-\d\dT[\d:.Z+-]{0,20}", fullmatch=True)
)
def test_no_text_upsets_the_reading_of_instants(text: str) -> None:
    found = instant(text)
    assert found is None or found == float(found)


@given(st.dictionaries(st.sampled_from(["x-amz-date", "x-amz-expires", "x-amz-signature", "se", "sig"]), st.text()))
def test_no_fields_upset_the_reading_of_signed_urls(fields: dict[str, str]) -> None:
    assert isinstance(until(fields), float | None)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("auth.bearer|jwt.payload.$.exp", "expires"),
        ("body.$.card.exp_month", ""),
        ("body.$.expiresAt", "expires"),
        ("body.$.expires_in", ""),
        ("body.$.offer.valid_until", "expires"),
        ("query.Expires", "signed"),
        ("body.$.image|url.query.X-Amz-Date", "signed"),
        ("form.Expires", "expires"),
        ("body.$.otp", "once"),
        ("body.$.verificationCode", "once"),
        ("form.two_factor|url.query.mfa_code", "once"),
        ("body.$.footprint", ""),
        ("body.$.lines[3].sku", ""),
        ("query.code", "code"),
        ("query.token", "ticket"),
        ("body.$.query", "query"),
        ("header.x-request-id", ""),
    ],
)
def test_names_say_what_their_values_are(path: str, said: str) -> None:
    assert mark(path) == said
