"""Row-level security keeps the indexes of every question that the language offers.

HAVING stands above every index; the trigonometry of a distance comes after its box.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from segments.compiling.compiler import matching
from segments.language import parse
from segments.language.clock import Clock
from tests.plans import access_path, explain, leaky_functions, sql_of, with_id
from tests.segments.offered import every_question
from tests.test_walls_speed import FILL, STORE, filled_by
from tests.test_walls_speed import application as application
from tests.test_walls_speed import owner as owner
from tests.test_walls_speed import transactional_db as transactional_db
from xeno.lib.postgres.scope import tenant_scope

CLOCK = Clock(datetime(2024, 9, 1, 10, tzinfo=UTC), ZoneInfo("Europe/London"), "GBP")
# What a distance is made of, of float8.
TRIGONOMETRY = {
    "asin(double precision)", "cos(double precision)", "sin(double precision)",
    "sqrt(double precision)", "dsqrt(double precision)", "power(double precision,double precision)",
    "dpow(double precision,double precision)", "float8(integer)", "radians(double precision)",
    "float8mul(double precision,double precision)", "float8pl(double precision,double precision)",
    "float8mi(double precision,double precision)", "float8div(double precision,double precision)",
    "MINMAXEXPR",
}  # fmt: skip
MORE = """
UPDATE customers_customer SET language = 'en', state = 'enabled', email_consent = 'subscribed';

INSERT INTO customers_customeraddress (tenant_id, customer_id, country, region, city, latitude,
    longitude, is_default)
SELECT tenant_id, id, country, country || '-' || shopify_id % 20,
    country || '-' || shopify_id % 400, shopify_id * 15000 - 45000000,
    shopify_id * 30000 - 90000000, true
FROM customers_customer;

INSERT INTO customers_customercompany (tenant_id, customer_id, company_id)
SELECT tenant_id, id, shopify_id % 60 FROM customers_customer WHERE shopify_id % 20 = 0;

INSERT INTO orders_lineitem (tenant_id, order_id, customer_id, ordered_at, counted, shopify_id,
    product_shopify_id, title, sku, quantity, current_quantity, price, discount)
SELECT tenant_id, id, customer_id, processed_at, true, shopify_id, shopify_id % 300, '', '',
    shopify_id % 4 + 1, 1, 1000, 0
FROM orders_order;

INSERT INTO orders_producttag (tenant_id, product_id, product_shopify_id, tag, tag_key)
SELECT tenant_id, id, shopify_id, 'T', 't' || shopify_id % 50 FROM orders_product;

INSERT INTO orders_checkout (tenant_id, shopify_id, customer_id, amount, currency, created_at,
    updated_at, triggered_at)
SELECT tenant_id, shopify_id, id, 1, 'GBP', created_at, created_at, created_at
FROM customers_customer WHERE shopify_id % 7 = 0;

INSERT INTO orders_customerscore (tenant_id, customer_id, recency, frequency, monetary, rfm_group,
    spend_tier, group_source, tier_source, scored_on)
SELECT tenant_id, id, shopify_id % 5 + 1, shopify_id % 5 + 1, shopify_id % 5 + 1,
    (ARRAY['CHAMPIONS', 'LOYAL', 'DORMANT', 'NEW'])[shopify_id % 4 + 1],
    (ARRAY['HIGH', 'MEDIUM', 'LOW'])[shopify_id % 3 + 1], 'computed', 'computed', '2024-09-01'
FROM customers_customer;

ANALYZE customers_customer, customers_customeraddress, customers_customercompany, orders_order,
    orders_lineitem, orders_product, orders_producttag, orders_checkout, orders_customerscore;
"""


@pytest.fixture(scope="module")
def filled(django_db_setup, django_db_blocker):
    """The stores, with all that segments ask of."""
    with filled_by(django_db_blocker, FILL, MORE):
        yield


def statements():
    """Each question with its SQL; made within the scope."""
    for text in every_question():
        yield text, sql_of(matching(parse(text), clock=CLOCK).values("pk"))


def test_every_operator_and_its_types_are_leakproof(owner):
    leaks, asked = {}, 0
    with tenant_scope(STORE):
        for text, sql in statements():
            asked += 1
            exempt = TRIGONOMETRY if text.startswith("customer_within_distance") else set()
            if leaky := leaky_functions(owner, with_id(sql, STORE), in_having=False) - exempt:
                leaks[text] = leaky

    assert leaks == {}
    assert asked > 300


def test_the_policies_do_not_change_an_access_path(application, owner):
    changed = {}
    with tenant_scope(STORE):
        for text, sql in statements():
            # How each table is read; of two sides of a join that cost the same, either may
            # come first.
            theirs = sorted(access_path(explain(owner, sql, STORE)))
            ours = sorted(access_path(explain(application, sql, STORE)))
            if ours != theirs:
                changed[text] = theirs, ours

    assert changed == {}
