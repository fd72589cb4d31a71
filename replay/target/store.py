"""What the target remembers: checkouts, customers, jobs and orders in one SQLite file.

Rule 1: one connection, used from the event loop's thread only; every statement takes microseconds, so none is awaited.
Rule 2: instants are seconds since 1970, for they outlive the process; everything issued here is random in every start.
"""

from __future__ import annotations

import secrets
import sqlite3
import string
import uuid
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import orjson

_SCHEMA: Final = """
create table if not exists products (id text primary key, price_id text, name text, amount integer, created real);
create table if not exists checkouts (
    secret text primary key, id text, status text, product_id text, created real, modified real, expires real,
    ip text, email text, name text, address text, customer_id text);
create table if not exists customers (id text primary key, email text unique, created real);
create table if not exists tokens (token text primary key, customer_id text);
create table if not exists jobs (secret text primary key, due real);
create index if not exists jobs_due on jobs (due);
create table if not exists orders (
    id text primary key, checkout_id text, customer_id text, product_id text, amount integer, created real);
create index if not exists orders_customer on orders (customer_id, created);
"""
_ALPHABET: Final = string.digits + string.ascii_letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """amount: in cents; 0 is free."""

    id: str
    price_id: str
    name: str
    amount: int
    created: float

    @property
    def is_free(self) -> bool:
        return self.amount == 0


@dataclass(frozen=True, slots=True)
class Checkout:
    """One checkout, fields in the order of its table.

    status:  "open", "confirmed" or "succeeded".
    address: JSON text, or None.
    """

    secret: str
    id: str
    status: str
    product_id: str
    created: float
    modified: float | None
    expires: float
    ip: str | None
    email: str | None
    name: str | None
    address: str | None
    customer_id: str | None


@dataclass(frozen=True, slots=True)
class Order:
    """One order, fields in the order of its table; amount in cents."""

    id: str
    checkout_id: str
    customer_id: str
    product_id: str
    amount: int
    created: float


_INSERT_CHECKOUT: Final = "insert into checkouts values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class Store:
    """The database of one target; `now` is passed in everywhere, in seconds since 1970."""

    def __init__(self, path: Path, now: float) -> None:
        """Opens or creates the file; a new one gets a free and a paid product."""
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        # A crash of the machine may lose the last orders of a demo; a crash of the process loses nothing.
        self._db.execute("pragma synchronous=off")
        self._db.executescript(_SCHEMA)
        if not self._read_products():
            for name, amount in (("Field Guide (sample)", 0), ("Field Guide", 1900)):
                row = (str(uuid.uuid4()), str(uuid.uuid4()), name, amount, now)
                self._db.execute("insert into products values (?, ?, ?, ?, ?)", row)
        self.products: Final = self._read_products()

    def close(self) -> None:
        self._db.close()

    def create_checkout(
        self, product: Product, *, email: str | None, ip: str | None, now: float, ttl: float
    ) -> Checkout:
        secret = f"polar_c_{_random()}"
        checkout = Checkout(
            secret, str(uuid.uuid4()), "open", product.id, now, None, now + ttl, ip, email, None, None, None
        )
        self._db.execute(_INSERT_CHECKOUT, _row(checkout))
        return checkout

    def checkout(self, secret: str) -> Checkout | None:
        row = self._db.execute("select * from checkouts where secret = ?", (secret,)).fetchone()
        return None if row is None else Checkout(*row)

    def update(
        self, secret: str, *, email: str | None, name: str | None, address: dict[str, str | None] | None, now: float
    ) -> None:
        """Set what is not None."""
        self._db.execute(
            "update checkouts set email = coalesce(?, email), name = coalesce(?, name),"
            " address = coalesce(?, address), modified = ? where secret = ?",
            (email, name, None if address is None else orjson.dumps(address).decode(), now, secret),
        )

    def confirm(self, secret: str, email: str, *, now: float, due: float) -> str | None:
        """Confirm an open checkout and leave a job for the worker.

        Returns a customer session token when this confirm created the customer, who is known by e-mail, else None.
        """
        token = None
        with self._transaction():
            row = self._db.execute("select id from customers where email = ?", (email,)).fetchone()
            customer = str(uuid.uuid4()) if row is None else row[0]
            if row is None:
                token = f"polar_cst_{_random()}"
                self._db.execute("insert into customers values (?, ?, ?)", (customer, email, now))
                self._db.execute("insert into tokens values (?, ?)", (token, customer))
            self._db.execute(
                "update checkouts set status = 'confirmed', customer_id = ?, modified = ? where secret = ?",
                (customer, now, secret),
            )
            self._db.execute("insert into jobs values (?, ?)", (secret, due))
        return token

    def due_jobs(self, now: float) -> list[str]:
        """Client secrets of the confirmed checkouts whose order is due, the longest waiting first."""
        return [secret for (secret,) in self._db.execute("select secret from jobs where due <= ? order by due", (now,))]

    def fulfil(self, secret: str, now: float) -> None:
        """Make the order of a job, and end the job."""
        order_id = str(uuid.uuid4())
        with self._transaction():
            self._db.execute(
                "insert into orders select ?, c.id, c.customer_id, c.product_id, p.amount, ?"
                " from checkouts c join products p on p.id = c.product_id where c.secret = ?",
                (order_id, now, secret),
            )
            self._db.execute("update checkouts set status = 'succeeded', modified = ? where secret = ?", (now, secret))
            self._db.execute("delete from jobs where secret = ?", (secret,))

    def customer_of(self, token: str) -> str | None:
        row = self._db.execute("select customer_id from tokens where token = ?", (token,)).fetchone()
        return None if row is None else str(row[0])

    def orders_of(self, customer_id: str) -> list[Order]:
        """The newest first."""
        rows = self._db.execute("select * from orders where customer_id = ? order by created desc", (customer_id,))
        return [Order(*row) for row in rows]

    def _read_products(self) -> tuple[Product, ...]:
        """The free ones first."""
        rows = self._db.execute("select id, price_id, name, amount, created from products order by amount")
        return tuple(Product(id=i, price_id=p, name=n, amount=a, created=c) for i, p, n, a, c in rows)

    def _transaction(self) -> sqlite3.Connection:
        self._db.execute("begin immediate")
        return self._db  # as a context manager: commits, or rolls back on an exception


def _row(checkout: Checkout) -> tuple[object, ...]:
    return tuple(getattr(checkout, field.name) for field in fields(checkout))


def _random() -> str:
    """43 random letters and digits: 256 bits, as long as the real API's secrets."""
    number = secrets.randbits(256)
    digits = []
    for _ in range(43):
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return "".join(digits)
