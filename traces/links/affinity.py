"""Do two slots speak of the same thing, by their names? `POST /orders body.$.id` and `/orders/{order_id}` do.

Small numbers are equal by accident all the time; that a number stands where its name says it should is evidence that
no count of sightings replaces.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from traces.lens.leaf import NAME
from traces.links.model import Slot
from traces.shapes import names_thing, words

#: Names that say "which one" and nothing of what.
_WHICH: Final = frozenset("id ids uuid guid gid pk number no nr key code ref reference handle slug sku".split())
#: Steps of a document that say nothing of what is below them.
_FRAME: Final = frozenset(
    "data item result record node edge object attribute list content value payload body variable input".split()
)
_MONEY: Final = frozenset(
    "amount total subtotal price cost fee tax vat shipping net gross sum discount charge due balance money".split()
)
#: `POST /orders/create` makes an order.
_VERBS: Final = frozenset("create add start new init make search query find get list begin open".split())
_WHEN: Final = frozenset({"next", "prev", "previous", "last", "current"})
_STEP: Final = re.compile(r"\.([^.\[\]|{}()]+)")
_SEGMENT: Final = re.compile(r"path\[(\d+)\]")
_GIVEN_SEGMENT: Final = re.compile(r"\|url\.path\[(\d+)\]$")
#: Where a page's link or form leads to.
_LEADS: Final = re.compile(r"html\.(?:a|form)\((/[^)]*)\)")
_OPTION: Final = re.compile(r"html\.form.*\.(?:select|input)\.([^.]+?)(?:\[\*\])?\.option\[\*\]")
_FIELD: Final = re.compile(r"(?:form|multipart|query)\.([^.|]+)")
#: What fields are called by whose names hold ids.
_GIVEN_NAME: Final = re.compile(r"html\.(?:form.*\.)?(?:input|select|textarea|button)\.(.+)\[\*\]\{name\}")
_WANTED_NAME: Final = re.compile(r"(?:form|multipart|query)\.(.+)\{name\}")
_PIECE: Final = re.compile(r"\|(?:parts|url\.path)\[")
_CONDITIONAL: Final = frozenset({"header.if-match", "header.if-none-match", "header.if-range"})

_SINCE: Final = frozenset({"header.if-modified-since", "header.if-unmodified-since", "header.if-range"})

Words = tuple[str, ...]


@lru_cache(maxsize=1 << 14)
def related(producer: Slot, consumer: Slot) -> bool:
    """Is it likely by the names alone that the consumer is sent what the producer gave?"""
    if any(rule(producer, consumer) for rule in _RULES):
        return True
    given, wanted = _name(producer), _name(consumer)
    if not wanted or not names_thing(given):
        return False
    if given == wanted and (len(given) > 1 or given[-1] not in _WHICH):
        return True
    own = set(given[:-1]) or _thing(producer)
    if given[-1] in _WHICH and wanted[-1] not in _WHICH and not names_thing(wanted):
        # `basket` is sent what a basket's `id` was.
        return wanted[-1] in own
    alike = given[-1] == wanted[-1] or (given[-1] in _WHICH and wanted[-1] in _WHICH)
    return alike and bool(own & (set(wanted[:-1]) or _thing(consumer)))


@lru_cache(maxsize=1 << 14)
def closeness(producer: Slot, consumer: Slot) -> int:
    """How much of what two related slots are called is the same, 0 for unrelated ones; to choose between producers.

    `shippingMethodId` is sent the id of one of `shippingMethods` sooner than of one of `paymentMethods`, and `lineId`
    that of a line sooner than that of the order it is in.
    """
    if not related(producer, consumer):
        return 0
    given, wanted = (set(_name(slot)[:-1]) or _thing(slot) for slot in (producer, consumer))
    return 1 + len(given & wanted) + 8 * (noun(producer) == noun(consumer))


@lru_cache(maxsize=1 << 14)
def identifies(slot: Slot) -> bool:
    """Does the slot's name say that its value names a thing?"""
    return names_thing(_name(slot))


def is_alike(producer: Slot, consumer: Slot) -> bool:
    """Have their names a word in common, as `shipping.price` and `shipping`?"""
    return not (set(_name(producer)) | _thing(producer)).isdisjoint(_name(consumer))


@lru_cache(maxsize=1 << 14)
def is_amount(slot: Slot) -> bool:
    """Does the slot's name say that money stands there: `total`, `items_total`, `fees.fuel`?"""
    name = _name(slot)
    return bool(name) and (name[-1] in _MONEY or not _MONEY.isdisjoint(_thing(slot)))


@lru_cache(maxsize=1 << 14)
def noun(slot: Slot) -> str:
    """What a thing is called whose number stands at the slot, in one word; "" when its name says of none.

    `POST /carts body.$.data.id`, `/carts/{cart_id}`, `billing_cart_no` and `cart` are all of a cart.
    """
    name = _name(slot)
    if not name:
        return ""
    if name[-1] not in _WHICH:
        return name[-1] if not names_thing(name) else ""
    if name[:-1]:
        return name[-2]
    for step in reversed(_STEP.findall(slot.path)[:-1]):
        if own := [word for word in words(step) if word not in _FRAME]:
            return own[-1]
    literal = [part for part in _before(slot) if not _VERBS.issuperset(words(part))]
    return words(literal[-1])[-1] if literal and words(literal[-1]) else ""


def _is_condition(producer: Slot, consumer: Slot) -> bool:
    """Conditional requests carry what the answer before said of its version (RFC 9110, 13.1)."""
    given, wanted = producer.path.partition("|")[0], consumer.path.partition("|")[0]
    if given == "header.last-modified":
        return wanted in _SINCE
    return "etag" in words(given) and wanted in _CONDITIONAL


def _is_same_segment(producer: Slot, consumer: Slot) -> bool:
    """`Location: /orders/17` gives what stands third in `/orders/17/pay`; a page's link to `/baskets/17` does not."""
    given, wanted = _GIVEN_SEGMENT.search(producer.path), _SEGMENT.fullmatch(consumer.path)
    if given is None or wanted is None or given[1] != wanted[1]:
        return False
    parts, number = consumer.endpoint.partition(" ")[2].split("/"), int(wanted[1])
    if number >= len(parts) or not parts[number].startswith("{"):
        return False
    leads = _LEADS.match(producer.path)
    before = [] if leads is None else leads[1].split("/")[:number]
    return all(a == b or "{" in a + b for a, b in zip(before, parts, strict=False))


def _is_option(producer: Slot, consumer: Slot) -> bool:
    """The values that a form lets one choose from are what is sent in its field."""
    given, wanted = _OPTION.fullmatch(producer.path), _FIELD.fullmatch(consumer.path)
    return given is not None and wanted is not None and given[1] == wanted[1]


def _is_field(producer: Slot, consumer: Slot) -> bool:
    """A form is sent with the fields that it has, whatever ids are in their names."""
    given, wanted = _GIVEN_NAME.fullmatch(producer.path), _WANTED_NAME.fullmatch(consumer.path)
    return given is not None and wanted is not None and given[1] == wanted[1]


def _is_for_scripts(producer: Slot, consumer: Slot) -> bool:
    """`data-product` is what a page has for its own scripts to send as `product`."""
    given = _name(producer)
    return given[:1] == ("data",) and len(given) > 1 and given[1:] == _name(consumer)


_RULES: Final = (_is_condition, _is_same_segment, _is_for_scripts, _is_option, _is_field)


def _name(slot: Slot) -> Words:
    """The words of the field a slot is called by; a path segment is called as the template calls it."""
    segment = _SEGMENT.match(slot.path)
    if segment is not None:
        parts = slot.endpoint.partition(" ")[2].split("/")
        number = int(segment[1])
        own = parts[number] if number < len(parts) else ""
        return words(own.strip("{}").rstrip("23456789")) if own.startswith("{") else ()
    # A piece has no name but that of the value it is a piece of.
    steps = _STEP.findall(_PIECE.split(slot.path)[0])
    if len(steps) > 1 and steps[-1] == "option" and slot.path.startswith("html."):
        steps.pop()
    name = words(steps[-1]) if steps else ()
    if len(name) > 1 and name[0] == "x" and slot.path.startswith("header."):
        name = name[1:]
    if slot.path.endswith(NAME):
        # What an object calls its items by: `lines` has the ids of lines.
        return (*name, "id")
    # The next cursor is sent as the cursor.
    return name[1:] if len(name) > 1 and name[0] in _WHEN else name


def _thing(slot: Slot) -> set[str]:
    """What the slot's value is one of: the nearest step above it that says so, else the last word of its path."""
    for step in reversed(_STEP.findall(slot.path)[:-1]):
        named = set(words(step)) - _FRAME
        if named:
            return named
    literal = [part for part in _before(slot) if not _VERBS.issuperset(words(part))]
    return set(words(literal[-1])) if literal else set()


def _before(slot: Slot) -> list[str]:
    """The words of the endpoint's path, of a segment those before it."""
    # (Behind a `#` stands what an operation is called that shares its path with all others.)
    parts = slot.endpoint.partition(" ")[2].replace("#", "/").split("/")
    segment = _SEGMENT.match(slot.path)
    return [part for part in (parts[: int(segment[1])] if segment else parts) if part and not part.startswith("{")]
