#!/usr/bin/env python3
"""Fill the bench's database: one store of a million customers and nine of a hundred thousand.

5,000,000 orders with 11,000,000 lines in the large store, skewed: few customers and products
have most of them. Made by SQL in one transaction, so that it is there as a whole or not at all;
kept in .xeno-bench/ and reused by every later run of the same scale.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from bench.machinery import ROOT, bench_home, environment, migrated, running

LARGE_SHOP = "large.myshopify.com"
TABLES = (
    "customers_customer",
    "customers_customertag",
    "customers_customeraddress",
    "customers_customercompany",
    "orders_product",
    "orders_producttag",
    "orders_order",
    "orders_lineitem",
    "orders_checkout",
)
# What the application counts of them; a client of the bench has it count.
ROLLUPS = (
    "orders_salesday",
    "orders_buyersday",
    "orders_returnday",
    "orders_productday",
    "orders_cohortcell",
    "orders_rfmcell",
    "orders_saleschange",
    "orders_stalestretch",
    "orders_rollupstate",
    "campaigns_reach",
)
RECIPE = 2  # of what the statements below make; another one fills anew


@dataclass(frozen=True)
class Store:
    """How much of everything a store gets; ids of its rows begin behind `offset`."""

    tenant_id: int
    shop: str
    customers: int
    orders: int
    products: int
    offset: int

    def params(self) -> dict[str, object]:
        """What the statements below are given."""
        return {**vars(self), "seed": self.tenant_id / 10_000}


def stores(scale: float) -> list[Store]:
    """The large store and its nine neighbours; every offset leaves room for the one before."""
    large = Store(
        1001, LARGE_SHOP, round(1_000_000 * scale), round(5_000_000 * scale), 5_000, 10_000_000
    )
    small = round(100_000 * scale)
    return [large] + [
        Store(1001 + n, f"small{n}.myshopify.com", small, small, 500, 20_000_000 + n * 1_000_000)
        for n in range(1, 10)
    ]


TENANT = """
INSERT INTO tenants_tenant (id, shop_domain, name, currency, timezone, access_token, refresh_token,
    scopes, plan, history_complete_since)
VALUES (%(tenant_id)s, %(shop)s, initcap(split_part(%(shop)s, '.', 1)), 'GBP', 'Europe/London',
    '', '', '', '', now())
"""
PRODUCTS = """
INSERT INTO orders_product (id, tenant_id, shopify_id, title, vendor, product_type, status, tags,
    category_id, category, created_at, updated_at, triggered_at)
SELECT %(offset)s + n, %(tenant_id)s, 700000000 + n, 'Product ' || n, 'Vendor ' || n %% 40,
    'Kind ' || n %% 25, 'active',
    CASE WHEN n %% 20 = 0 THEN '["new", "Sports wear"]' WHEN n %% 50 = 1 THEN '["new", "Red hats"]'
        ELSE '["new"]' END::jsonb,
    'aa-' || n %% 25, 'Apparel > Kind ' || n %% 25, at, at, at
FROM generate_series(1, %(products)s) n, (SELECT timestamptz '2022-01-01Z' AS at) t
"""
PRODUCT_TAGS = """
INSERT INTO orders_producttag (tenant_id, product_id, product_shopify_id, tag, tag_key)
SELECT p.tenant_id, p.id, p.shopify_id, tag, lower(tag)
FROM orders_product p, jsonb_array_elements_text(p.tags) AS tag WHERE p.tenant_id = %(tenant_id)s
"""
# The cube of a random number: the first tenth of the customers has half of the orders.
ORDERS = """
INSERT INTO orders_order (id, tenant_id, shopify_id, name, customer_id, email, amount,
    reported_amount, current_amount, refunded_amount, currency, financial_status,
    fulfillment_status, processed_at, test, source, discount_codes, landing_site, app_id,
    location_id, created_at, updated_at, triggered_at, synced_at)
SELECT %(offset)s + n, %(tenant_id)s, 5000000000 + n, '#' || 1000 + n,
    %(offset)s + 1 + who, 'c' || who || '@example.com', amount, amount, amount, 0, 'GBP',
    (ARRAY['paid', 'paid', 'paid', 'paid', 'pending', 'refunded', 'voided'])[n %% 7 + 1],
    (ARRAY['fulfilled', NULL])[n %% 2 + 1], at, false, 'web', '[]', '/?utm_source=mail',
    CASE WHEN n %% 10 = 0 THEN 129785 ELSE 580111 END, CASE WHEN n %% 10 = 0 THEN 71 + n %% 4 END,
    at, at, at, at
FROM (
    SELECT n, floor(power(random(), 3) * %(customers)s)::bigint AS who,
        500 * (1 + floor(-ln(1 - random()) * 80))::bigint AS amount,
        timestamptz '2022-01-01Z' + sqrt(n::float / %(orders)s) * interval '1500 days' AS at
    FROM generate_series(1, %(orders)s) n
) AS made
"""
# Half of the orders has one line, two in a hundred have sixteen: 2.2 on average.
LINES = """
INSERT INTO orders_lineitem (tenant_id, order_id, customer_id, ordered_at, counted, shopify_id,
    product_shopify_id, title, sku, quantity, current_quantity, price, discount)
SELECT o.tenant_id, o.id, o.customer_id, o.processed_at, o.counted, o.shopify_id * 100 + l,
    700000001 + product, 'Product ' || product, 'SKU-' || product, 1 + l %% 3, 1 + l %% 3,
    o.amount / most, 0
FROM orders_order o
CROSS JOIN LATERAL (
    SELECT CASE WHEN o.id %% 100 < 50 THEN 1 WHEN o.id %% 100 < 75 THEN 2
        WHEN o.id %% 100 < 87 THEN 3 WHEN o.id %% 100 < 94 THEN 4
        WHEN o.id %% 100 < 98 THEN 6 ELSE 16 END AS most
) AS size
CROSS JOIN LATERAL (
    SELECT l, floor(power(random(), 3) * %(products)s)::bigint AS product
    FROM generate_series(1, size.most) l
) AS line
WHERE o.tenant_id = %(tenant_id)s
"""
CUSTOMERS = """
INSERT INTO customers_customer (id, tenant_id, shopify_id, email, phone, first_name, last_name,
    state, language, country, region, city, email_consent, email_consent_level, email_consent_at,
    orders_count, total_spent, orders_count_source, total_spent_source, first_order_at,
    last_order_at, remote_rfm_group, remote_spend_tier, subscriber_status, remote_statistics_at,
    created_at, updated_at, triggered_at, version_order_id, synced_at)
SELECT %(offset)s + n, %(tenant_id)s, 6000000000 + n,
    'c' || n || CASE WHEN n %% 400 = 0 THEN '@rare.example' WHEN n %% 3 = 0 THEN '@mail.example'
        ELSE '@example.com' END, NULL,
    (ARRAY['Ada', 'Ben', 'Cora', 'Dev', 'Elsa', 'Finn', 'Gita'])[n %% 7 + 1] || n %% 997,
    (ARRAY['Abbott', 'Baker', 'Clarke', 'Doyle', 'Ellis'])[n %% 5 + 1] || n %% 4999,
    (ARRAY['enabled', 'disabled', 'disabled', 'invited'])[n %% 4 + 1],
    (ARRAY['en', 'en-GB', 'fr', 'de'])[n %% 4 + 1], country,
    country || '-R' || n %% 20, country || '-R' || n %% 20 || '-Town' || n %% 500,
    (ARRAY['subscribed', 'not_subscribed', 'unsubscribed'])[n %% 3 + 1], 'single_opt_in', made,
    COALESCE(t.n_orders, 0), COALESCE(t.spent, 0), 'computed', 'computed', t.first_at, t.last_at,
    CASE WHEN n %% 5 > 0 THEN (ARRAY['CHAMPIONS', 'LOYAL', 'ACTIVE', 'NEW', 'PROMISING',
        'NEEDS_ATTENTION', 'AT_RISK', 'ALMOST_LOST', 'PREVIOUSLY_LOYAL', 'DORMANT', 'PROSPECTS']
        )[n %% 11 + 1] END,
    CASE WHEN n %% 5 > 0 THEN (ARRAY['HIGH', 'MEDIUM', 'LOW'])[n %% 3 + 1] END,
    CASE WHEN n %% 200 = 0 THEN 'ACTIVE' ELSE 'NEVER_SUBSCRIBED' END, made,
    made, COALESCE(t.last_at, made), COALESCE(t.last_at, made), 0, COALESCE(t.last_at, made)
FROM generate_series(1, %(customers)s) n
CROSS JOIN LATERAL (
    SELECT timestamptz '2021-06-01Z' + n * interval '1 minute' AS made,
        (ARRAY['GB', 'GB', 'GB', 'FR', 'DE', 'US', 'NL', 'IE'])[n %% 8 + 1] AS country
) AS m
LEFT JOIN (
    SELECT customer_id, count(*) AS n_orders, sum(current_amount)::bigint AS spent,
        min(processed_at) AS first_at, max(processed_at) AS last_at
    FROM orders_order WHERE tenant_id = %(tenant_id)s AND counted GROUP BY customer_id
) AS t ON t.customer_id = %(offset)s + n
"""
TAGS = """
INSERT INTO customers_customertag (tenant_id, customer_id, tag, tag_key, present, changed_at)
SELECT %(tenant_id)s, %(offset)s + n, tag, lower(tag), true, timestamptz '2024-01-01Z'
FROM generate_series(1, %(customers)s, 5) n,
    LATERAL (SELECT (ARRAY['VIP', 'Wholesale', 'Returning', 'Press'])[n %% 4 + 1] AS tag) AS t
"""
# Everybody's default address, every fourth's second one in another country; one in two is told
# with coordinates, around a capital.
ADDRESSES = """
INSERT INTO customers_customeraddress (tenant_id, customer_id, shopify_id, country, region, city,
    latitude, longitude, is_default)
SELECT tenant_id, id, 9000000000 + id, country, region, city,
    CASE WHEN id %% 2 = 0 THEN 51507400 + (id %% 997 - 498) * 20000 END,
    CASE WHEN id %% 2 = 0 THEN -127800 + (id %% 991 - 495) * 20000 END, true
FROM customers_customer WHERE tenant_id = %(tenant_id)s
UNION ALL
SELECT tenant_id, id, 9500000000 + id, 'CA', 'CA-R' || id %% 13,
    'CA-R' || id %% 13 || '-Town' || id %% 300,
    43653200 + (id %% 997 - 498) * 20000, -79383200 + (id %% 991 - 495) * 20000, false
FROM customers_customer WHERE tenant_id = %(tenant_id)s AND id %% 4 = 0
"""
COMPANIES = """
INSERT INTO customers_customercompany (tenant_id, customer_id, company_id)
SELECT %(tenant_id)s, %(offset)s + n, 300 + n %% 1000
FROM generate_series(1, %(customers)s, 50) n
"""
# A tenth of the customers left a basket behind; every third of them came back for it.
CHECKOUTS = """
INSERT INTO orders_checkout (tenant_id, shopify_id, customer_id, email, amount, currency,
    completed_at, created_at, updated_at, triggered_at)
SELECT %(tenant_id)s, 8000000000 + n, %(offset)s + n, NULL, 5000, 'GBP',
    CASE WHEN n %% 3 = 0 THEN at END, at, at, at
FROM generate_series(1, %(customers)s, 10) n
CROSS JOIN LATERAL (
    SELECT timestamptz '2022-01-01Z' + n::float / %(customers)s * interval '1500 days' AS at
) AS t
"""
STEPS = {
    "store": TENANT,
    "products": PRODUCTS,
    "tags of products": PRODUCT_TAGS,
    "orders": ORDERS,
    "lines": LINES,
    "customers": CUSTOMERS,
    "tags": TAGS,
    "addresses": ADDRESSES,
    "companies": COMPANIES,
    "checkouts": CHECKOUTS,
}
# A constraint's own index comes and goes with the constraint.
CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype
    FROM pg_constraint
    WHERE contype = 'u' AND conrelid = ANY(%(tables)s::regclass[])
        OR contype = 'f' AND (conrelid = ANY(%(tables)s::regclass[])
            OR confrelid = ANY(%(tables)s::regclass[]))
    ORDER BY contype = 'f', conrelid, conname
"""
INDEXES = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
    FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid
    WHERE i.indrelid = ANY(%s::regclass[]) AND c.oid IS NULL
"""


def fill(admin_url: str, scale: float, report: Callable[[str], None] = print) -> bool:
    """Fill the database, or leave it alone when it holds this scale; True when it filled."""
    with psycopg.connect(admin_url) as connection:
        if held_scale(connection) == scale:
            return False
        report(f"filling the large store, scale {scale:g} (once)")
        connection.execute("SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'")
        connection.execute(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY CASCADE")
        connection.execute(f"TRUNCATE {', '.join(ROLLUPS)}")
        connection.execute("DELETE FROM tenants_tenant WHERE id > 1000 AND id <= 1010")
        # Keys of tables that stay are checked now: what waits for the commit forbids an ALTER.
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with without_indexes(connection, report):
            for store in stores(scale):
                fill_store(connection, store, report)
        connection.execute("DROP TABLE IF EXISTS bench_filled")
        connection.execute(
            "CREATE TABLE bench_filled AS SELECT %s::float AS scale, %s::int AS recipe",
            [scale, RECIPE],
        )
    report("vacuum and statistics")
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(f"VACUUM (ANALYZE) {', '.join(TABLES)}")
    return True


def held_scale(connection: psycopg.Connection) -> float | None:
    """The scale that the database was filled with by today's recipe, or None."""
    if connection.execute("SELECT to_regclass('bench_filled')").fetchone() == (None,):
        return None
    # As JSON: the table of an older recipe lacks the column.
    row = connection.execute(
        "SELECT scale FROM bench_filled f WHERE to_jsonb(f) ->> 'recipe' = %s", [str(RECIPE)]
    ).fetchone()
    return float(row[0]) if row else None


def fill_store(connection: psycopg.Connection, store: Store, report: Callable[[str], None]) -> None:
    """One store's rows."""
    connection.execute("SELECT setseed(%(seed)s)", store.params())
    for name, sql in STEPS.items():
        began = time.monotonic()
        rows = connection.execute(sql, store.params()).rowcount
        seconds = time.monotonic() - began
        if seconds > 1:
            report(f"  {store.shop}: {rows:,} {name} in {seconds:.0f} s")
    # What is inserted later, by whoever, must not meet the ids that were given here.
    for table in TABLES:
        connection.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
        )


@contextmanager
def without_indexes(
    connection: psycopg.Connection, report: Callable[[str], None]
) -> Iterator[None]:
    """Drop the tables' keys and indexes, and make them again when the rows are there."""
    constraints = connection.execute(CONSTRAINTS, {"tables": list(TABLES)}).fetchall()
    indexes = connection.execute(INDEXES, [list(TABLES)]).fetchall()
    for table, name, _, _ in reversed(constraints):
        connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    began = time.monotonic()
    uniques = [row for row in constraints if row[3] == "u"]
    keys = [row for row in constraints if row[3] == "f"]
    for table, name, definition, _ in uniques:
        connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    for _, definition in indexes:
        connection.execute(definition)
    for table, name, definition, _ in keys:
        connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    report(
        f"  {len(constraints)} keys and {len(indexes)} indexes, {time.monotonic() - began:.0f} s"
    )


def count_rollups(admin_url: str, env: Mapping[str, str], report: Callable[[str], None]) -> None:
    """Have the application count the large store's rollups, where that was not done yet."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        counted = "SELECT 1 FROM orders_rollupstate WHERE tenant_id = %s AND counted_at IS NOT NULL"
        waiting = "SELECT 1 FROM orders_stalestretch WHERE tenant_id = %s LIMIT 1"
        large = [stores(1)[0].tenant_id]
        if connection.execute(counted, large).fetchone() and not (
            connection.execute(waiting, large).fetchone()
        ):
            return
        began = time.monotonic()
        for command in (["recount_numbers"], ["recompute_scores"]):
            subprocess.run(
                [sys.executable, "manage.py", *command, LARGE_SHOP],
                env=dict(env), cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        connection.execute(f"VACUUM (ANALYZE) {', '.join(ROLLUPS)}")
        report(f"  {LARGE_SHOP}: rollups and scores in {time.monotonic() - began:.0f} s")


def main(arguments: Sequence[str] | None = None) -> None:
    """Fill the engines of .xeno-bench/ by themselves, without measuring anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="0.01: a hundredth of all rows")
    scale = parser.parse_args(arguments).scale
    with running(bench_home(scale)) as engines:
        migrated(engines.database_url, engines.database_admin_url, engines.redis_url)
        print("filled" if fill(engines.database_admin_url, scale) else "was filled already")
        urls = engines.database_url, engines.database_admin_url, engines.redis_url
        count_rollups(engines.database_admin_url, environment(*urls), print)


if __name__ == "__main__":
    main()
