"""The words in a document that tell success from failure."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traces.outcome.answers import told


@pytest.mark.parametrize(
    ("recorded", "live", "why"),
    [
        ({"status": "succeeded"}, {"status": "failed"}, "$.status is failed, recorded succeeded"),
        ({"order": {"state": "paid"}}, {"order": {"state": "Frozen"}}, "$.order.state is Frozen, recorded paid"),
        ({"payment_status": "paid"}, {"payment_status": "unpaid"}, "$.payment_status is unpaid, recorded paid"),
        ({"resultCode": "Authorised"}, {"resultCode": "Refused"}, "$.resultCode is Refused, recorded Authorised"),
        ({"success": True}, {"success": False}, "$.success is false, recorded true"),
        ({"success": "1"}, {"success": 0}, "$.success is false, recorded true"),
        ({"status": 200}, {"status": 402}, "$.status is 402, recorded 200"),
        ({"code": 0, "msg": "ok"}, {"code": 40001, "msg": "no"}, "$.code is 40001, recorded 0"),
        ({"type": "order"}, {"type": "cart"}, "$.type is cart, recorded order"),
        ({"id": 1}, {"id": 1, "error": "card_declined"}, "error card_declined, recorded none"),
        ({"id": 1}, {"id": 1, "error": "Your card was declined."}, "$.error is there, recorded none"),
        ({"last_payment_error": None}, {"last_payment_error": {"code": "expired_card"}}, "expired_card"),
        ({"userErrors": []}, {"userErrors": [{"code": "INVALID", "field": ["a"]}]}, "userErrors INVALID, recorded"),
        ({"hasErrors": False}, {"hasErrors": True}, "hasErrors true, recorded none"),
        ({"id": 1, "errcode": 0}, {"id": 1, "errcode": 40001}, "errcode 40001, recorded none"),
        ({"status": "failed"}, {"status": "succeeded"}, "$.status is succeeded, recorded failed"),
        ({"error": {"code": "a"}}, {"error": {"code": "b"}}, "error b, recorded a"),
        ({"id": 1, "error": "a"}, {"id": 1}, "no failure at $.error, recorded a"),
    ],
)
def test_another_outcome_is_told_by_a_word(recorded: Any, live: Any, why: str) -> None:
    assert why in (told(recorded, live) or "")


@pytest.mark.parametrize(
    ("recorded", "live"),
    [
        ({"status": "Your order is on its way, thank you"}, {"status": "We have received your order, thank you"}),
        ({"result": 17}, {"result": 18}),
        ({"state": "CA", "city": "Ardenholm"}, {"state": "NY", "city": "Ardenholm"}),
        ({"status": "2026-11-22T09:09:32Z"}, {"status": "2026-11-23T09:09:32Z"}),
        ({"currency": "usd", "country": "DE"}, {"currency": "eur", "country": "FR"}),
        ({"items": [{"status": "paid"}]}, {"items": [{"status": "cancelled"}, {"status": "refunded"}]}),
        ({"error": None, "errors": []}, {"error": "none", "errors": {}}),
        ({"product": {"type": "book"}}, {"product": {"type": "pen"}}),
        ({"code": "QHXYZ", "total": 5}, {"code": "KLMNO", "total": 5}),
        ({"message": "Thank you"}, {"message": "failed"}),
    ],
)
def test_what_is_no_word_of_an_outcome_may_change(recorded: Any, live: Any) -> None:
    assert told(recorded, live) is None


def test_a_word_that_the_recording_had_at_this_endpoint_is_a_matter_of_time() -> None:
    seen = ({"status": "open"}, {"status": "confirmed"}, {"status": "succeeded"})
    assert [told(seen, {"status": word}) for word in ("open", "confirmed", "expired", "mystery")] == [
        None,
        None,
        "$.status is expired, recorded succeeded",
        "$.status is mystery, recorded succeeded",
    ]


def test_a_word_of_recorded_failures_is_no_excuse_for_a_step_that_succeeded() -> None:
    seen = ({"status": "declined"}, {"status": "succeeded"})
    assert told(seen, {"status": "declined"}) == "$.status is declined, recorded succeeded"


@pytest.mark.parametrize(("endpoint", "alike"), [("GET /orders/{id}", True), ("POST /confirm", False)])
@pytest.mark.parametrize(
    ("recorded", "live"), [({"status": "succeeded"}, {"status": "processing"}), ({"paid": True}, {"paid": False})]
)
def test_who_only_asks_may_be_told_to_wait(endpoint: str, recorded: Any, live: Any, alike: bool) -> None:
    assert (told(recorded, live, endpoint) is None) == alike


def test_words_that_vary_freely_are_no_vocabulary() -> None:
    many = tuple({"result": word} for word in ("apple", "pear", "plum", "fig"))
    assert (told(many, {"result": "quince"}), told((*many, *many), {"result": "quince"})) == (
        None,
        "$.result is quince, recorded fig",
    )


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_field_of_any_name_and_value_can_be_judged(key: str, value: str) -> None:
    assert told({key: value, "a": 1}, {key: value, "a": 2}) is None
