"""Filters keep their indexes under row-level security: only leakproof operators are emitted."""

import pytest
from django.db import connection
from django.http import QueryDict

from customers.filters import CustomerFilter
from customers.models import Customer
from customers.tests.test_pages import plan_of


@pytest.fixture
def many_customers(in_anas_store):
    """Enough rows, and statistics of them, that one index is better than another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_customer (tenant_id, shopify_id, total_spent, orders_count,"
            " total_spent_source, orders_count_source, version_order_id,"
            " synced_at, updated_at, last_order_at)"
            " SELECT %s, n, n, 0, 'computed', 'computed', 0, d, d, d FROM ("
            "   SELECT n, timestamptz '2026-01-01' + n * interval '10 minutes' AS d"
            "   FROM generate_series(1, 5000) n) AS days",
            [in_anas_store.pk],
        )
        cursor.execute(
            "INSERT INTO customers_customertag"
            " (tenant_id, customer_id, tag, tag_key, present, changed_at)"
            " SELECT tenant_id, id, 't' || id, 't' || id, true, now() FROM customers_customer"
        )
        cursor.execute("SELECT xeno_analyze()")


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("email=zoe@example.com", "customer_by_email"),
        ("country=GB", "customer_by_country"),
        ("tag=vip", "customer_by_tag"),
        ("total_spent_min=4990.5", "customer_by_spend"),
        ("last_order_after=2026-03-01", "customer_by_last_order"),
        ("updated_after=2026-03-01", "customer_by_update"),
        ("synced_after=2026-03-01T00:00:00Z", "customer_by_sync"),
    ],
)
def test_a_filter_reads_a_range_of_its_index(many_customers, query, index):
    found = CustomerFilter(QueryDict(query), queryset=Customer.objects.all()).qs

    plan = plan_of(found)

    assert f"using {index}" in plan
    assert plan.split(index)[1].split("Index Cond")[1].count(" AND ") >= 1


def test_a_search_by_two_names_reads_an_index(many_customers):
    plan = plan_of(Customer.objects.search("zoe ad"))

    assert "^@" in plan
    assert "customer_by_first_name" in plan or "customer_by_last_name" in plan
