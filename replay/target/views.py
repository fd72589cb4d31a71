"""What the target's rows look like as JSON: the real API's fields, its nulls included."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from replay.target.store import Checkout, Order, Product


def product(row: Product) -> dict[str, Any]:
    created = _instant(row.created)
    price: dict[str, Any] = {
        "created_at": created,
        "modified_at": None,
        "id": row.price_id,
        "source": "catalog",
        "amount_type": "free" if row.is_free else "fixed",
        "amount": row.amount,
        "price_currency": "usd",
        "is_archived": False,
        "product_id": row.id,
        "type": "one_time",
        "recurring_interval": None,
    }
    return {
        "id": row.id,
        "created_at": created,
        "modified_at": None,
        "name": row.name,
        "description": None,
        "is_free": row.is_free,
        "is_recurring": False,
        "is_archived": False,
        "recurring_interval": None,
        "prices": [price],
        "benefits": [],
        "medias": [],
    }


def checkout(row: Checkout, bought: Product, base: str) -> dict[str, Any]:
    """base: the shop's own address, "http://127.0.0.1:8000"."""
    url = f"{base}/checkout/{row.secret}"
    return {
        "id": row.id,
        "created_at": _instant(row.created),
        "modified_at": None if row.modified is None else _instant(row.modified),
        "custom_field_data": {},
        "payment_processor": "stripe",
        "status": row.status,
        "client_secret": row.secret,
        "url": url,
        "expires_at": _instant(row.expires),
        "success_url": f"{url}/confirmation",
        "return_url": None,
        "embed_origin": None,
        "amount": bought.amount,
        "seats": None,
        "discount_amount": 0,
        "net_amount": bought.amount,
        "tax_amount": 0,
        "total_amount": bought.amount,
        "currency": "usd",
        "trial_end": None,
        "product_id": bought.id,
        "product_price_id": bought.price_id,
        "discount_id": None,
        "allow_discount_codes": True,
        "require_billing_address": False,
        "is_free_product_price": bought.is_free,
        "is_payment_required": not bought.is_free,
        "is_payment_form_required": not bought.is_free,
        "customer_id": row.customer_id,
        "is_business_customer": False,
        "customer_name": row.name,
        "customer_email": row.email,
        "customer_ip_address": row.ip,
        "customer_billing_name": None,
        "customer_billing_address": None if row.address is None else orjson.loads(row.address),
        "customer_tax_id": None,
        "locale": None,
        "payment_processor_metadata": {"publishable_key": "pk_test_embedded"},
        "product": product(bought),
    }


def order(row: Order, bought: Product) -> dict[str, Any]:
    return {
        "id": row.id,
        "created_at": _instant(row.created),
        "modified_at": None,
        "status": "paid",
        "paid": True,
        "amount": row.amount,
        "tax_amount": 0,
        "total_amount": row.amount,
        "currency": "usd",
        "billing_reason": "purchase",
        "customer_id": row.customer_id,
        "product_id": row.product_id,
        "checkout_id": row.checkout_id,
        "discount_id": None,
        "subscription_id": None,
        "product": product(bought),
    }


def page(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A list as the first and only page."""
    return {"items": items, "pagination": {"total_count": len(items), "max_page": 1}}


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
