"""Working the inbox off: beside COPY of the same rows, and beside get_or_create row by row."""

import cProfile
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import django
import psycopg

from bench.arrival import make_store, wait_applied
from bench.bodies import TRIGGERED_AT, Post, posts
from bench.figures import REPETITIONS, Figure, in_turn, middle, spread
from bench.machinery import process, worker

BATCH = 500  # payloads of one commit, here as in webhooks.processing
ROW_BY_ROW = 100  # payloads of one repetition of the slow way
TABLES = ("customers_customer", "orders_order", "orders_lineitem")
COPY_DELIVERIES = """
    COPY webhooks_delivery (tenant_id, webhook_id, topic, event_id, api_version, triggered_at,
        body, body_hash) FROM STDIN WITH (FORMAT binary)
"""
DELIVERY_TYPES = ["int8", "text", "text", "text", "text", "text", "bytea", "bytea"]


KEYS = """
    SELECT pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype = 'f'
"""


class Shop:
    """The store that is measured, and a supply of orders that nobody has seen."""

    def __init__(self, env: dict[str, str], each: int) -> None:
        self.admin_url, self.each, self.next = env["DATABASE_ADMIN_URL"], each, 600_000
        self.tenant_id = make_store(self.admin_url)

    def posts(self, count: int) -> list[Post]:
        """So many new orders, five a customer."""
        self.next += count
        return list(posts(self.next - count, count))

    def put_in_inbox(self, arriving: Sequence[Post]) -> None:
        """As if their webhooks had come."""
        headers = ("orders/create", "", "2026-07", TRIGGERED_AT)
        with (
            psycopg.connect(self.admin_url) as admin,
            admin.cursor() as cursor,
            cursor.copy(COPY_DELIVERIES) as copy,
        ):
            copy.set_types(DELIVERY_TYPES)
            for post in arriving:
                copy.write_row((self.tenant_id, post.webhook_id, *headers, post.body, b""))

    def apply(self, profile: cProfile.Profile | None = None) -> float:
        """Payloads a second through the applier, in this process."""
        from tenants.models import Tenant
        from webhooks.processing import apply_inbox
        from xeno.lib.postgres.scope import tenant_scope

        self.put_in_inbox(self.posts(self.each))
        with tenant_scope(self.tenant_id):
            tenant = Tenant.objects.get(pk=self.tenant_id)
            with profile or nullcontext():
                began = time.perf_counter()
                apply_inbox(tenant=tenant, seconds=600)
                seconds = time.perf_counter() - began
        self.check_applied(self.each)
        return self.each / seconds

    def check_applied(self, count: int) -> None:
        """Every one of the last deliveries made its order."""
        sql = "SELECT count(*) FROM orders_order WHERE tenant_id = %s AND shopify_id >= %s"
        with psycopg.connect(self.admin_url) as admin:
            found = admin.execute(sql, [self.tenant_id, 10**12 + self.next - count]).fetchone()
        if found != (count,):
            raise RuntimeError(f"{count} payloads made {found} orders")


class Floor:
    """COPY of the rows that the applier would have written, into tables of the same shape.

    With `keys` the tables have the foreign keys too, which the applier's own cannot do without.
    """

    def __init__(self, shop: Shop, *, keys: bool) -> None:
        self.shop, self.schema = shop, "floor_with_keys" if keys else "floor"
        with psycopg.connect(shop.admin_url, autocommit=True) as admin:
            admin.execute(f"CREATE SCHEMA {self.schema}")
            for table in TABLES:
                own = f"{self.schema}.{table}"
                admin.execute(f"CREATE TABLE {own} (LIKE {table} INCLUDING ALL)")
                if keys:
                    for (definition,) in admin.execute(KEYS, [table]).fetchall():
                        here = definition.replace("REFERENCES c", f"REFERENCES {self.schema}.c")
                        here = here.replace("REFERENCES o", f"REFERENCES {self.schema}.o")
                        admin.execute(f"ALTER TABLE {own} ADD {here}")
            self.columns = {table: self.own_columns(admin, table) for table in TABLES}

    def own_columns(self, admin: psycopg.Connection, table: str) -> str:
        """Every column that is not generated."""
        found = admin.execute(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND attgenerated = ''"
            " AND NOT attisdropped",
            [table],
        ).fetchone()
        return str(found[0]) if found else ""

    def copy(self) -> float:
        """Payloads a second: the rows of the last repetition of `apply`, a commit a batch."""
        with psycopg.connect(self.shop.admin_url, autocommit=True) as admin:
            batches = [self.rows(admin, first) for first in range(0, self.shop.each, BATCH)]
            began = time.perf_counter()
            for batch in batches:
                with admin.transaction(), admin.cursor() as cursor:
                    for table, data in batch.items():
                        own, columns = f"{self.schema}.{table}", self.columns[table]
                        with cursor.copy(f"COPY {own} ({columns}) FROM STDIN") as copy:
                            copy.write(data)
            return self.shop.each / (time.perf_counter() - began)

    def rows(self, admin: psycopg.Connection, first: int) -> dict[str, bytes]:
        """The rows of one batch's orders as COPY takes them; a customer comes with the first."""
        low = 10**12 + self.shop.next - self.shop.each + first
        orders = f"SELECT id FROM orders_order WHERE shopify_id BETWEEN {low} AND {low + BATCH - 1}"
        chosen = {
            "customers_customer": "id IN (SELECT customer_id FROM orders_order GROUP BY 1"
            f" HAVING min(shopify_id) BETWEEN {low} AND {low + BATCH - 1})",
            "orders_order": f"id IN ({orders})",
            "orders_lineitem": f"order_id IN ({orders})",
        }
        found = {}
        with admin.cursor() as cursor:
            for table, where in chosen.items():
                query = f"SELECT {self.columns[table]} FROM {table} WHERE {where}"
                with cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
                    found[table] = b"".join(bytes(part) for part in copy)
        return found


def row_by_row(shop: Shop) -> float:
    """Payloads a second as a plain Django handler writes them: get_or_create, one by one."""
    from xeno.lib.postgres.scope import tenant_scope

    arriving = shop.posts(ROW_BY_ROW)
    began = time.perf_counter()
    with tenant_scope(shop.tenant_id):
        for each in arriving:
            write_one(json.loads(each.body))
    return len(arriving) / (time.perf_counter() - began)


def write_one(payload: dict[str, Any]) -> None:
    """One order with its customer and lines, each commit its own, then the customer's totals."""
    from django.db.models import Count, Max, Min, Sum

    from customers.models import Customer
    from orders.models import LineItem, Order

    told, at = payload["customer"], datetime.fromisoformat(payload["updated_at"])
    amount = Decimal(payload["total_price"])
    customer, _ = Customer.objects.get_or_create(
        shopify_id=told["id"],
        defaults={
            name: told[name]
            for name in ("email", "first_name", "last_name", "state", "created_at", "updated_at")
        },
    )
    order, _ = Order.objects.get_or_create(
        shopify_id=payload["id"],
        defaults={
            "customer": customer, "name": payload["name"], "email": payload["email"],
            "amount": amount, "reported_amount": amount, "current_amount": amount,
            "currency": payload["currency"], "financial_status": payload["financial_status"],
            "processed_at": at, "created_at": at, "updated_at": at,
            "triggered_at": datetime.now(UTC),
        },
    )  # fmt: skip
    for line in payload["line_items"]:
        LineItem.objects.get_or_create(
            order=order,
            shopify_id=line["id"],
            defaults={
                "customer": customer, "ordered_at": at, "title": line["title"],
                "sku": line["sku"], "product_shopify_id": line["product_id"],
                "quantity": line["quantity"], "current_quantity": line["current_quantity"],
                "price": Decimal(line["price"]),
            },
        )  # fmt: skip
    totals = Order.objects.filter(customer=customer, counted=True).aggregate(
        orders_count=Count("id"),
        total_spent=Sum("current_amount"),
        first_order_at=Min("processed_at"),
        last_order_at=Max("processed_at"),
    )
    Customer.objects.filter(pk=customer.pk).update(**totals)


def measure(
    env: dict[str, str], each: int, payloads: int, on_done: Callable[[], object]
) -> list[Figure]:
    """The rows of the table that are about applying."""
    shop = Shop(env, each)
    floor, with_keys = Floor(shop, keys=False), Floor(shop, keys=True)
    shop.apply()  # warm: prepared statements, caches, the tables' first pages
    ours, copied, kept, slow = in_turn(
        shop.apply, floor.copy, with_keys.copy, lambda: row_by_row(shop), on_done=on_done
    )
    of_kept = middle([o / k for o, k in zip(ours, kept, strict=True)])
    of_copy = middle([o / c for o, c in zip(ours, copied, strict=True)])
    of_slow = middle([o / s for o, s in zip(ours, slow, strict=True)])
    us = f"{middle(ours):,.0f} payloads/s ({spread(ours)})"
    return [
        Figure(
            f"apply, batches of {BATCH}",
            f"COPY of the pre-parsed rows, {BATCH} payloads a commit, the same columns and indexes",
            us,
            f"{middle(copied):,.0f}/s ({spread(copied)})",
            of_copy,
            f"{of_copy:.2f}",
            0.15,
            0.2,
            rate=middle(ours),
        ),
        Figure(
            "the same",
            "the same COPY into tables that have the foreign keys too",
            us,
            f"{middle(kept):,.0f}/s ({spread(kept)})",
            of_kept,
            f"{of_kept:.2f}",
        ),
        Figure(
            f"apply, batches of {BATCH}",
            "`get_or_create` row by row",
            us,
            f"{middle(slow):,.0f}/s ({spread(slow)})",
            of_slow,
            f"{of_slow:.0f}",
            30,
            60,
        ),
        memory(env, shop, payloads, on_done),
    ]


def memory(env: dict[str, str], shop: Shop, payloads: int, on_done: Callable[[], object]) -> Figure:
    """A Celery worker's memory through so many payloads, beside the same worker idle."""
    with process(worker(env), env) as applier, psycopg.connect(shop.admin_url) as admin:
        admin.autocommit = True
        shop.put_in_inbox(shop.posts(BATCH))
        wake(shop.tenant_id)
        wait_applied(admin)
        time.sleep(1)
        idle, seen = applier.resident_bytes(), []
        for _ in range(payloads // 5_000):
            shop.put_in_inbox(shop.posts(5_000))
            wake(shop.tenant_id)
            wait_applied(admin)
            seen.append(applier.resident_bytes())
            on_done()
    grown, most = (seen[-1] - idle) / 2**20, (max(seen) - idle) / 2**20
    later = (seen[-1] - seen[len(seen) // 2]) / 2**20
    return Figure(
        f"memory of a worker through {payloads:,} payloads",
        "the idle worker",
        f"+ {grown:.0f} MB at the end, + {most:.0f} MB at most, {later:+.0f} MB in the second half",
        f"{idle / 2**20:.0f} MB",
        most,
        f"+ {most:.0f} MB",
        100,
        50,
        more_is_better=False,
    )


def wake(tenant_id: int) -> None:
    """Queue the inbox, as a nudge does."""
    from webhooks.tasks import apply_inbox

    with suppress(OSError):
        apply_inbox.delay(tenant_id)


def main() -> None:
    """`python -m bench.apply EACH PAYLOADS`: figures as JSON."""
    django.setup()
    each, payloads = map(int, sys.argv[1:3])

    def on_done() -> None:
        print("done", flush=True)

    for figure in measure(dict(os.environ), each, payloads, on_done):
        print(json.dumps(figure.as_dict()), flush=True)


assert REPETITIONS >= 5
if __name__ == "__main__":
    main()
