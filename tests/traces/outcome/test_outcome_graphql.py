"""GraphQL says 200 to everything: answers written as Vendure, Saleor and Shopify give them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.traces.outcome.answers import answer, told
from traces.outcome import Learner, differs

ORDER = {"__typename": "Order", "id": "17", "code": "QH7XK2", "state": "AddingItems", "totalWithTax": 11990}
ADDED = {"data": {"addItemToOrder": {**ORDER, "lines": [{"id": "1", "quantity": 2}]}}}
SETTLED = {"data": {"addPaymentToOrder": {**ORDER, "state": "PaymentSettled"}}}
SALEOR = {
    "data": {"checkoutComplete": {"order": {"id": "T3JkZXI6MQ==", "status": "UNFULFILLED"}, "errors": []}},
    "extensions": {"cost": {"requestedQueryCost": 0, "maximumAvailable": 50000}},
}
SHOPIFY = {"data": {"cartCreate": {"cart": {"id": "gid://shopify/Cart/c1-9f", "totalQuantity": 1}, "userErrors": []}}}


def vendure(name: str, kind: str, code: str) -> dict[str, Any]:
    return {"data": {name: {"__typename": kind, "errorCode": code, "message": "That did not work."}}}


@pytest.mark.parametrize(
    ("recorded", "live", "why"),
    [
        (
            ADDED,
            vendure("addItemToOrder", "InsufficientStockError", "INSUFFICIENT_STOCK_ERROR"),
            "__typename InsufficientStockError, recorded Order",
        ),
        (
            SETTLED,
            vendure("addPaymentToOrder", "PaymentDeclinedError", "PAYMENT_DECLINED_ERROR"),
            "__typename PaymentDeclinedError, recorded Order",
        ),
        (
            {"data": {"transitionOrderToState": {"id": "17", "state": "ArrangingPayment"}}},
            {"data": {"transitionOrderToState": {"errorCode": "ORDER_STATE_TRANSITION_ERROR", "message": "No."}}},
            "errorCode ORDER_STATE_TRANSITION_ERROR, recorded none",
        ),
        (
            SETTLED,
            {"data": {"addPaymentToOrder": {**ORDER, "state": "PaymentAuthorized"}}},
            "$.data.addPaymentToOrder.state is PaymentAuthorized, recorded PaymentSettled",
        ),
        (
            ADDED,
            {"errors": [{"message": "You are not allowed to.", "extensions": {"code": "FORBIDDEN"}}], "data": None},
            "errors in a GraphQL answer that had none: FORBIDDEN",
        ),
        (
            ADDED,
            {"errors": [{"message": 'Variable "$id" got invalid value', "locations": [{"line": 1}]}]},
            "errors in a GraphQL answer that had none",
        ),
        (ADDED, {"data": {"addItemToOrder": None}}, "$.data.addItemToOrder is null, never so when it was recorded"),
        (
            SALEOR,
            {"data": {"checkoutComplete": {"order": None, "errors": [{"code": "INSUFFICIENT_STOCK", "field": "l"}]}}},
            "errors INSUFFICIENT_STOCK, recorded none",
        ),
        (
            SHOPIFY,
            {"data": {"cartCreate": {"cart": None, "userErrors": [{"code": "INVALID", "message": "No"}]}}},
            "userErrors INVALID, recorded none",
        ),
        (
            [SALEOR, SETTLED],
            [SALEOR, vendure("addPaymentToOrder", "PaymentFailedError", "PAYMENT_FAILED_ERROR")],
            "__typename PaymentFailedError, recorded Order",
        ),
    ],
)
def test_a_refusal_with_status_200_is_noticed(recorded: Any, live: Any, why: str) -> None:
    assert told(recorded, live, "POST /shop-api") == why


@pytest.mark.parametrize(
    ("recorded", "live"),
    [
        (ADDED, {"data": {"addItemToOrder": {**ORDER, "id": "9", "lines": [{"id": "5", "quantity": 1}] * 3}}}),
        (SALEOR, {**SALEOR, "extensions": {"cost": {"requestedQueryCost": 7, "maximumAvailable": 49000}}}),
        (SHOPIFY, {"data": {"cartCreate": {"cart": {"id": "gid://x/2", "totalQuantity": 9}, "userErrors": []}}}),
    ],
)
def test_the_same_outcome_with_other_values_is_the_same(recorded: Any, live: Any) -> None:
    assert told(recorded, live, "POST /shop-api") is None


def test_one_endpoint_answers_many_queries_and_none_is_taken_for_another() -> None:
    mixed = (SALEOR, SHOPIFY, SETTLED, ADDED)
    short = {"data": {"addItemToOrder": {"__typename": "Order", "id": "17", "code": "A", "state": "AddingItems"}}}
    assert [told(mixed, live, "POST /graphql") for live in (ADDED, short)] == [
        None,
        "$.data.addItemToOrder.lines is missing",
    ]


def test_a_refusal_that_was_recorded_must_be_the_same_refusal() -> None:
    stock = vendure("addItemToOrder", "InsufficientStockError", "INSUFFICIENT_STOCK_ERROR")
    limit = vendure("addItemToOrder", "OrderLimitError", "ORDER_LIMIT_ERROR")
    assert [told((ADDED, stock), live, "POST /shop-api") for live in (stock, limit, ADDED)] == [
        None,
        "__typename OrderLimitError, recorded InsufficientStockError",
        "__typename Order, recorded InsufficientStockError",
    ]


def test_a_recorded_refusal_does_not_excuse_a_live_one() -> None:
    refused = vendure("addItemToOrder", "OrderLimitError", "ORDER_LIMIT_ERROR")
    assert told((refused, ADDED), refused, "POST /shop-api") == "__typename OrderLimitError, recorded Order"


@pytest.mark.parametrize(
    "error",
    [
        {"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}},
        {"message": "PersistedQueryNotFound"},
    ],
)
def test_a_query_that_the_server_knows_by_now_is_answered_as_well_as_one_that_it_asks_for(error: object) -> None:
    missed = {"errors": [error]}
    assert told((ADDED, missed), ADDED) is None
    assert told((ADDED, missed), missed) is None
    assert told(ADDED, missed) == "errors in a GraphQL answer that had none: PERSISTED_QUERY_NOT_FOUND"


def test_a_state_that_a_posted_query_tells_depends_on_when_it_was_asked() -> None:
    learner, pending, queued = Learner(), *({"data": {"order": {"state": word}}} for word in ("Pending", "Queued"))
    read, written = (learner.make("POST /g", answer(pending), reads=reads) for reads in (True, False))
    assert differs(read, answer(queued)) is None
    assert differs(written, answer(queued)) == "$.data.order.state is Queued, recorded Pending"


def test_beside_a_miss_another_error_is_a_failure_still() -> None:
    recorded = {"errors": [{"message": "You may not.", "extensions": {"code": "FORBIDDEN"}}]}
    assert told(recorded, ADDED) == "no failure at $.errors, recorded FORBIDDEN"
