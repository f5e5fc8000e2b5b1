"""Questions of the segment language, each with the SQL that somebody would write by hand for it.

The bench's day is 10 February 2026: the large store's last orders are of the day before.
"""

import re
from datetime import UTC, datetime

NOW = datetime(2026, 2, 10, 10, tzinfo=UTC)
ZONE, CURRENCY = "Europe/London", "GBP"
LITERAL = re.compile(r"\d{4}-\d\d-\d\d(T[\d:]+)?|today|yesterday|[+-]?\d[\d.]*[dwmy]?")
ALIKE = re.compile(
    r"^(storefront|shopify_email|store_credit)\S+ (NOT )?MATCHES \(\w"
    r"|NOT MATCHES \((?!\)|count [<=]|date [>=]|coordinates.*<=)"
)

WHO = "SELECT count(*) FROM customers_customer c WHERE c.tenant_id = %(t)s AND "
# By text: the condition on a customer `c`.
BY_HAND = {
    "number_of_orders > 1": "c.orders_count > 1",
    "amount_spent > 1000 AND number_of_orders >= 5": (
        "c.total_spent > 1000000 AND c.orders_count >= 5"
    ),
    "last_order_date BETWEEN -90d AND -30d AND number_of_orders >= 2": (
        "c.last_order_at >= '2025-11-12Z' AND c.last_order_at < '2026-01-12Z'"
        " AND c.orders_count >= 2"
    ),
    "email_subscription_status = 'SUBSCRIBED' AND customer_countries CONTAINS 'CA'": (
        "c.email_consent = 'subscribed' AND EXISTS (SELECT FROM customers_customeraddress a"
        " WHERE a.tenant_id = %(t)s AND a.customer_id = c.id AND a.country = 'CA')"
    ),
    "customer_tags CONTAINS 'wholesale' OR amount_spent > 2000": (
        "(EXISTS (SELECT FROM customers_customertag t WHERE t.tenant_id = %(t)s AND t.present"
        " AND t.tag_key = 'wholesale' AND t.customer_id = c.id) OR c.total_spent > 2000000)"
    ),
    "last_order_date < -180d AND customer_tags NOT CONTAINS 'vip'": (
        "c.last_order_at < '2025-08-13 23:00Z' AND NOT EXISTS (SELECT FROM customers_customertag t"
        " WHERE t.tenant_id = %(t)s AND t.present AND t.tag_key = 'vip' AND t.customer_id = c.id)"
    ),
    "rfm_group = 'CHAMPIONS' OR rfm_group = 'LOYAL'": (
        "EXISTS (SELECT FROM orders_customerscore s WHERE s.tenant_id = %(t)s"
        " AND s.customer_id = c.id AND s.rfm_group IN ('CHAMPIONS', 'LOYAL'))"
    ),
    "abandoned_checkout_date >= -30d": (
        "EXISTS (SELECT FROM orders_checkout o WHERE o.tenant_id = %(t)s AND o.customer_id = c.id"
        " AND o.completed_at IS NULL AND o.created_at >= '2026-01-11Z')"
    ),
    "customer_email_domain = 'rare.example' AND number_of_orders = 0": (
        "c.email_domain = 'rare.example' AND c.orders_count = 0"
    ),
    "products_purchased MATCHES (id = 700000010)": (
        "EXISTS (SELECT FROM orders_lineitem l WHERE l.tenant_id = %(t)s AND l.counted"
        " AND l.product_shopify_id = 700000010 AND l.customer_id = c.id)"
    ),
    "products_purchased MATCHES (tag = 'Sports wear', date >= -12m)": (
        "EXISTS (SELECT FROM orders_producttag t JOIN orders_lineitem l"
        " ON l.product_shopify_id = t.product_shopify_id WHERE t.tenant_id = %(t)s"
        " AND t.tag_key = 'sports wear' AND l.tenant_id = %(t)s AND l.counted"
        " AND l.ordered_at >= '2025-02-10Z' AND l.customer_id = c.id)"
    ),
    "products_purchased MATCHES (id = 700000001, count > 1)": (
        "c.id IN (SELECT l.customer_id FROM orders_lineitem l WHERE l.tenant_id = %(t)s"
        " AND l.counted AND l.product_shopify_id = 700000001 GROUP BY l.customer_id"
        " HAVING count(DISTINCT l.order_id) > 1)"
    ),
    "products_purchased NOT MATCHES (date > -3m)": (
        "NOT EXISTS (SELECT FROM orders_lineitem l WHERE l.tenant_id = %(t)s AND l.counted"
        " AND l.ordered_at >= '2025-11-11Z' AND l.customer_id = c.id)"
    ),
    "orders_placed MATCHES (date > -90d, count >= 2)": (
        "c.id IN (SELECT o.customer_id FROM orders_order o WHERE o.tenant_id = %(t)s"
        " AND o.counted AND o.processed_at >= '2025-11-13Z' GROUP BY o.customer_id"
        " HAVING count(*) >= 2)"
    ),
    "orders_placed NOT MATCHES (date > -6m)": (
        "NOT EXISTS (SELECT FROM orders_order o WHERE o.tenant_id = %(t)s AND o.counted"
        " AND o.processed_at >= '2025-08-10 23:00Z' AND o.customer_id = c.id)"
    ),
    "orders_placed MATCHES (date >= -30d, sum_amount > 200)": (
        "c.id IN (SELECT o.customer_id FROM orders_order o WHERE o.tenant_id = %(t)s"
        " AND o.counted AND o.processed_at >= '2026-01-11Z' AND o.currency = 'GBP'"
        " GROUP BY o.customer_id HAVING sum(o.current_amount) > 200000)"
    ),
    "customer_within_distance MATCHES (coordinates = '51.5,-0.12', distance_km <= 25)": (
        "EXISTS (SELECT FROM customers_customeraddress a WHERE a.tenant_id = %(t)s"
        " AND a.latitude BETWEEN 51275168 AND 51724832 AND a.longitude BETWEEN -481162 AND 241162"
        " AND 12742.0176 * asin(sqrt(power(sin(radians(a.latitude / 1e6::float8 - 51.5) / 2), 2)"
        " + cos(radians(51.5)) * cos(radians(a.latitude / 1e6::float8))"
        " * power(sin(radians(a.longitude / 1e6::float8 + 0.12) / 2), 2))) <= 25"
        " AND a.customer_id = c.id)"
    ),
}


def offered() -> list[str]:
    """Each attribute with each of its operators and parameters; of literals, one of each place.

    What has no data is asked once by each operator. The complement of a function is asked of
    the parameters that make another statement of it.
    """
    from tests.segments.offered import every_question

    by_shape = {LITERAL.sub("?", text): text for text in reversed(list(every_question()))}
    return [text for text in reversed(by_shape.values()) if not ALIKE.search(text)]
