"""Two slots are about the same thing when their names say so; what only counts or measures never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces.links.affinity import closeness, identifies, is_alike, is_amount, related
from traces.links.affinity import noun as noun_of
from traces.links.model import Slot


def slot(text: str) -> Slot:
    """`POST /orders body.$.id`: method, template and path."""
    endpoint, _, path = text.rpartition(" ")
    return Slot(endpoint, path)


def pair(text: str) -> bool:
    producer, _, consumer = text.partition(" -> ")
    return related(slot(producer), slot(consumer))


@pytest.mark.parametrize(
    "text",
    [
        "POST /orders body.$.id -> GET /orders/{order_id} path[2]",
        "POST /v1/orders/ body.$.id -> GET /v1/orders/{order_id}/lines path[3]",
        "POST /orders body.$.order_id -> GET /orders/{id} path[2]",
        "POST /orders body.$.data.id -> GET /orders/{order_id} path[2]",
        "POST /checkout body.$.order.id -> GET /orders/{order_id} path[2]",
        "POST /checkout body.$.data.order.result.id -> GET /orders/{order_id} path[2]",
        "GET /orders body.$.items[*].id -> GET /orders/{order_id} path[2]",
        "GET /search body.$.orders[*].id -> GET /orders/{order_id} path[2]",
        "POST /orders body.$.number -> GET /orders/{order_id} path[2]",
        "GET /orders/{order_id} body.$.lines[*].id -> PATCH /orders/{order_id}/lines/{line_id} path[4]",
        "POST /a body.$.packed|json.$.order.id -> POST /x query.order_id",
        "POST /a body.$.token|jwt.payload.$.order_id -> POST /x query.order_id",
        "POST /g#Me body.$.data.me.addresses[*].id -> POST /g#Move body.$.query|graphql.updateAddress.input.id",
        "POST /g#Add body.$.data.add.lines[*].id -> POST /g#DropLine body.$.variables.id",
    ],
)
def test_an_id_feeds_the_parameter_that_is_named_after_its_thing(text: str) -> None:
    assert pair(text)


@pytest.mark.parametrize("consumer", ["body.$.order_id", "query.orderId", "form.order[id]", "header.x-order-id"])
@pytest.mark.parametrize("producer", ["POST /orders body.$.id", "GET /a body.$.order.id", "GET /a body.$.orderId"])
def test_a_field_may_spell_its_things_id_as_it_likes(producer: str, consumer: str) -> None:
    assert pair(f"{producer} -> POST /payments {consumer}")


@pytest.mark.parametrize(
    "text",
    [
        "POST /baskets/ body.$.id -> POST /checkout body.$.basket",
        "POST /api/baskets/ body.$.id -> POST /checkout form.basket",
        "GET /a body.$.basket.id -> POST /checkout query.basket",
        "POST /addresses body.$.id -> POST /checkout body.$.shipping_address",
        "GET /a body.$.customer_id -> POST /checkout body.$.customer",
    ],
)
def test_a_field_called_after_a_thing_is_sent_the_things_id(text: str) -> None:
    assert pair(text)


@pytest.mark.parametrize("name", ["version", "revision", "cursor", "etag", "nonce", "seq", "after", "csrf"])
def test_a_state_is_sent_back_under_its_own_name(name: str) -> None:
    assert pair(f"GET /documents/{{document_id}} body.$.{name} -> PUT /documents/{{document_id}} body.$.{name}")


@pytest.mark.parametrize("consumer", ["header.if-match", "header.if-none-match", "header.if-range|parts[0]"])
def test_an_etag_feeds_the_conditions_that_are_made_of_it(consumer: str) -> None:
    assert [pair(f"GET /d {etag} -> PUT /d {consumer}") for etag in ("header.etag", "header.etag|parts[0]")] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    "name", ["quantity", "page", "limit", "price", "amount", "total", "count", "rank", "offset", "size", "status"]
)
def test_what_counts_or_measures_is_never_fed_by_its_name(name: str) -> None:
    assert not pair(f"GET /cart body.$.cart.{name} -> POST /cart body.$.cart.{name}")


@pytest.mark.parametrize("name", ["page_number", "pageNumber", "house_number"])
def test_what_is_numbered_by_people_is_never_fed_by_its_name(name: str) -> None:
    assert not pair(f"GET /products body.$.{name} -> GET /products query.{name}")


@pytest.mark.parametrize(
    "text",
    [
        "POST /orders body.$.customer_id -> GET /orders/{order_id} path[2]",
        "POST /orders body.$.customer.id -> GET /orders/{order_id} path[2]",
        "POST /customers body.$.id -> POST /payments body.$.order_id",
        "POST /customers body.$.customer_id -> POST /payments body.$.order_id",
        "POST /orders body.$.id -> POST /payments body.$.customer",
        "GET /orders/{order_id} body.$.lines[*].id -> PATCH /orders/{order_id}/lines/{line_id} path[2]",
        "GET /orders/{order_id} body.$.id -> PATCH /orders/{order_id}/lines/{line_id} path[4]",
        "GET /products body.$[*].variants[*].id -> POST /lines body.$.product_id",
        "GET /me body.$.id -> POST /payments body.$.id",
        "POST /orders body.$.order_token -> GET /orders/{order_id} path[2]",
        "POST /orders body.$.status_code -> GET /orders query.order_code",
        "GET /d header.etag -> PUT /d header.x-request-id",
        "GET /d body.$.id -> PUT /d header.if-match",
    ],
)
def test_the_id_of_another_thing_is_not_fed(text: str) -> None:
    assert not pair(text)


@pytest.mark.parametrize("segment", ["path[1]", "path[9]"])
def test_a_segment_that_is_no_parameter_has_no_name(segment: str) -> None:
    assert (
        pair(f"POST /orders body.$.id -> GET /orders/{{order_id}} {segment}"),
        pair(f"GET /a {segment} -> x y"),
    ) == (
        False,
        False,
    )


def test_the_second_of_two_parameters_of_one_name_is_called_as_the_first() -> None:
    assert pair("POST /orders body.$.id -> GET /orders/{order_id}/merge/{order_id2} path[4]")


@pytest.mark.parametrize(
    ("many", "thing"),
    [("boxes", "box"), ("addresses", "address"), ("categories", "category"), ("batches", "batch"), ("keys", "key")],
)
def test_a_collection_is_called_by_the_plural_of_its_thing(many: str, thing: str) -> None:
    assert pair(f"POST /{many} body.$.id -> POST /payments body.$.{thing}_id")


@pytest.mark.parametrize("thing", ["purchase", "warehouse", "license", "course"])
def test_a_thing_that_ends_in_se_is_called_by_its_plural_too(thing: str) -> None:
    assert pair(f"POST /{thing}s body.$.id -> POST /payments body.$.{thing}_id")


def test_the_next_cursor_is_sent_as_the_cursor() -> None:
    assert pair("GET /orders body.$.next_cursor -> GET /orders query.cursor")


@pytest.mark.parametrize("verb", ["create", "add", "start"])
def test_the_verb_at_a_paths_end_is_not_the_thing(verb: str) -> None:
    assert pair(f"POST /orders/{verb} body.$.id -> GET /orders/{{order_id}} path[2]")


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("GET /orders body.$.items[*].id", True),
        ("GET /orders/{order_id} path[2]", True),
        ("GET /orders body.$.orderRef|parts[0]", True),
        ("GET /orders body.$.quantity", False),
        ("GET /orders path[1]", False),
        ("GET /orders body.text", False),
    ],
)
def test_a_name_says_whether_its_value_names_a_thing(text: str, known: bool) -> None:
    assert identifies(slot(text)) == known


noun = st.sampled_from("order basket cart customer payment shipment line variant".split())
which = st.sampled_from("id key code ref token version cursor".split())
measure = st.sampled_from("quantity amount price page limit total weight count status currency".split())


def _spellings(*words: str) -> st.SearchStrategy[str]:
    first, *rest = words
    return st.sampled_from(["_".join(words), "-".join(words), first + "".join(map(str.capitalize, rest))])


@given(st.data(), noun, which)
def test_the_same_field_is_related_to_itself_however_each_side_spells_it(
    data: st.DataObject, thing: str, name: str
) -> None:
    given_, wanted = (data.draw(_spellings(thing, name)) for _ in range(2))
    assert pair(f"POST /a body.$.{given_} -> POST /b body.$.{wanted}")


@given(st.data(), noun, measure, noun, st.sampled_from(["body.$.", "query.", "form.", "header.x-", "body.$.items[*]."]))
def test_no_measure_is_related_to_anything(data: st.DataObject, thing: str, name: str, other: str, where: str) -> None:
    given_ = data.draw(_spellings(thing, name))
    wanted = data.draw(_spellings(thing, name) | which.flatmap(lambda end: _spellings(other, end)))
    assert not pair(f"GET /{thing}s body.$.{given_} -> POST /{other}s {where}{wanted}")


@given(noun, noun)
def test_a_things_id_is_related_to_its_own_parameter_and_to_no_others(thing: str, other: str) -> None:
    consumer = f"GET /{other}s/{{{other}_id}} path[2]"
    assert pair(f"POST /{thing}s body.$.id -> {consumer}") == (thing == other)


@pytest.mark.parametrize(
    ("leads", "same"),
    [
        ("(/baskets/{}/lines)[*]", True),
        ("(/baskets/{}/vouchers/)[*]", True),
        ("(/orders/{}/lines)[*]", False),
        ("", True),
    ],
)
def test_a_segment_is_of_the_same_thing_where_both_paths_lead_the_same_way(leads: str, same: bool) -> None:
    given = f"GET /shop html.form{leads}.action|url.path[2]" if leads else "POST /shop header.location|url.path[2]"
    assert pair(f"{given} -> DELETE /baskets/{{id}}/lines/ path[2]") is same


@pytest.mark.parametrize(
    ("near", "far", "consumer"),
    [
        ("body.$.shippingMethods[*].id", "body.$.paymentMethods[*].id", "shipping_method_id"),
        ("body.$.order.lines[*].id", "body.$.order.id", "order_line_id"),
        ("body.$.order.id", "body.$.order.lines[*].name", "order_id"),
    ],
)
def test_of_two_that_are_related_the_one_that_is_called_so_is_closer(near: str, far: str, consumer: str) -> None:
    wanted = slot(f"POST /checkout body.$.{consumer}")
    assert closeness(slot(f"GET /a {near}"), wanted) > closeness(slot(f"GET /a {far}"), wanted)


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("POST /carts body.$.data.id", "cart"),
        ("GET /carts/{cart_id} path[2]", "cart"),
        ("POST /a body.$.billing_address_id", "address"),
        ("POST /a body.$.lines[*].id", "line"),
        ("POST /a body.$.lines[*]{name}", "line"),
        ("POST /a query.cart", "cart"),
        ("POST /a body.$.quantity", "quantity"),
        ("POST /a body.$.version", ""),
        ("POST /{id} body.$.id", ""),
    ],
)
def test_a_number_is_of_the_thing_that_its_place_speaks_of(text: str, thing: str) -> None:
    assert noun_of(slot(text)) == thing


@pytest.mark.parametrize("path", ["total", "items_total", "shipping.price", "fees.fuel", "amount.value", "totalPrice"])
def test_money_is_known_by_its_name(path: str) -> None:
    assert is_amount(slot(f"POST /a body.$.{path}"))


@pytest.mark.parametrize("path", ["quantity", "id", "page", "items[*].count", "year"])
def test_what_is_no_money_is_not(path: str) -> None:
    assert not is_amount(slot(f"POST /a body.$.{path}"))


def test_names_are_alike_where_they_share_a_word() -> None:
    price = slot("GET /a body.$.shipping.price")
    assert [is_alike(price, slot(f"POST /b body.$.{name}")) for name in ("shipping", "goods")] == [True, False]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("GET /a html.form(ship).select.zone.option[*] -> POST /b form.zone", True),
        ("GET /a html.form(ship)[*].input.speed.option[*] -> POST /b query.speed", True),
        ("GET /a html.form(ship).select.zone.option[*] -> POST /b form.city", False),
        ("GET /a html.form(ship).input.quantity -> POST /b form.quantity", False),
        ("GET /a header.last-modified -> GET /a header.if-modified-since", True),
        ("GET /a header.last-modified -> GET /a header.if-match", False),
        ("POST /a body.$.version -> POST /b header.x-version", True),
    ],
)
def test_what_forms_and_standards_say_is_for_one_another_is_related(text: str, known: bool) -> None:
    assert pair(text) == known
