"""Numbers over the API: what Ana gets, what is refused, and what is kept of it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache

from customers.models import Customer
from orders.rfm import recompute_scores
from orders.rollups import keeping, state
from orders.rollups.models import StaleStretch
from orders.tests.builders import make_order, make_product
from orders.totals import recompute_every_total
from tenants.actions import save_member
from tenants.models import AuditEntry
from tenants.roles import Right, Role
from tests.rows import make_row
from xeno.lib.postgres.scope import tenant_scope

MARCH = "from=2026-03-01&to=2026-03-31"
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def kim(in_anas_store):
    return make_row(Customer, email="kim@example.com", first_name="Kim", last_name="Lee")


def count(store):
    """As workers do, of orders that no batch has noted."""
    with tenant_scope(store.pk):
        recompute_every_total(tenant=store)
        state.ask_for_rebuild(tenant=store)
        keeping.keep_whole(tenant=store)


def ask(client, path, query=MARCH):
    response = client.get(f"/analytics/{path}?{query}")
    assert response.status_code == 200, response.content
    return response.json()


def test_the_overview_tells_figures_beside_those_of_the_period_before(ana_api, anas_store, kim):
    make_order(anas_store, customer=kim, amount=30, processed_at=NOON - timedelta(days=30))
    make_order(anas_store, customer=kim, amount=20, processed_at=NOON)
    make_order(anas_store, amount=Decimal("25.005"), processed_at=NOON)
    count(anas_store)

    told = ask(ana_api, "overview", f"{MARCH}&compare=previous")

    assert told["period"] == {"from": "2026-03-01", "to": "2026-03-31"}
    assert told["compared_with"] == {"from": "2026-01-29", "to": "2026-02-28"}
    assert told["figures"]["sales"] == {
        "currency": "GBP", "orders": 2, "revenue": "45.005", "average_order": "22.50",
        "new_orders": 0, "new_revenue": "0.00",
    }  # fmt: skip
    assert told["figures"]["returning_customers"] == told["figures"]["repeat_customers"] == 1
    assert told["figures"]["median_days_between"] == 30
    assert told["previous"]["sales"]["revenue"] == "30.00"
    assert told["changes"]["orders"] == 1.0
    assert told["attributed"] == {"model": "last_touch", "orders": 0, "revenue": "0.00"}
    assert told["fresh"]["waiting_since"] is None


def test_the_top_customers_are_named_and_their_reading_is_noted(ana_api, ana, anas_store, kim):
    make_order(anas_store, customer=kim, amount=20, processed_at=NOON)
    make_order(anas_store, amount=20, processed_at=NOON)
    count(anas_store)

    [row] = ask(ana_api, "top-customers")["customers"]

    assert row == {
        "customer": str(kim.pk), "name": "Kim Lee", "email": "kim@example.com", "orders": 1,
        "revenue": "20.00", "share": 0.5,
    }  # fmt: skip
    [entry] = AuditEntry.objects.filter(action="customer.listed")
    assert (entry.seen, entry.actor_id) == ([kim.pk], ana.pk)


def test_who_may_not_see_customers_gets_no_names(ben_api, ben, anas_store, kim):
    make_order(anas_store, customer=kim, amount=20, processed_at=NOON)
    count(anas_store)
    save_member(
        tenant=anas_store, user=ben, role=Role.ANALYST, exceptions={Right.VIEW_CUSTOMERS: False}
    )

    [row] = ask(ben_api, "top-customers")["customers"]

    assert (row["customer"], row["name"], row["email"]) == (str(kim.pk), None, None)
    assert not AuditEntry.objects.filter(action="customer.listed").exists()


def test_the_top_products_are_told_with_their_titles(ana_api, in_anas_store):
    product = make_product(in_anas_store, "Blue mug")
    order = make_order(in_anas_store, processed_at=NOON, lines=1)
    order.line_items.update(product_shopify_id=product.shopify_id)
    count(in_anas_store)

    [row] = ask(ana_api, "top-products")["products"]

    assert row == {
        "product": str(product.pk), "product_shopify_id": str(product.shopify_id),
        "title": "Blue mug", "orders": 1, "quantity": 2, "revenue": "20.00",
    }  # fmt: skip


def test_a_sold_product_that_the_store_no_longer_has_keeps_its_lines_title(ana_api, in_anas_store):
    order = make_order(in_anas_store, processed_at=NOON, lines=1)
    order.line_items.update(product_shopify_id=77, counted=True)
    count(in_anas_store)

    [row] = ask(ana_api, "top-products")["products"]

    assert (row["product"], row["title"]) == (None, "Mug")


@pytest.mark.parametrize(("interval", "points"), [("day", 31), ("week", 6), ("month", 1)])
def test_revenue_has_a_point_for_every_stretch(ana_api, anas_store, interval, points):
    make_order(anas_store, amount=20, processed_at=NOON)
    count(anas_store)

    told = ask(ana_api, "revenue", f"{MARCH}&interval={interval}&compare=year")

    assert len(told["points"]) == points
    assert sum(Decimal(each["revenue"]) for each in told["points"]) == 20
    assert told["compared_with"] == {"from": "2025-03-01", "to": "2025-03-31"}
    assert sum(each["orders"] for each in told["previous"]) == 0


def test_cohorts_tell_who_came_back(ana_api, anas_store, kim):
    for days in (0, 31):
        make_order(anas_store, customer=kim, amount=20, processed_at=NOON + timedelta(days=days))
    make_order(anas_store, customer=make_row(Customer), amount=20, processed_at=NOON)
    count(anas_store)

    [cohort] = ask(ana_api, "cohorts", "from=2026-03-01&to=2026-04-30")["cohorts"]

    assert (cohort["begins"], cohort["customers"]) == ("2026-03-01", 2)
    assert [each["retention"] for each in cohort["cells"]] == [1.0, 0.5]
    assert [each["revenue"] for each in cohort["cells"]] == ["40.00", "20.00"]


def test_cohorts_say_that_they_wait_when_the_days_are_counted_already(ana_api, anas_store, kim):
    make_order(anas_store, customer=kim, amount=20, processed_at=NOON)
    count(anas_store)
    with tenant_scope(anas_store.pk):
        make_row(StaleStretch, unit="month", begins="2026-03-01", stale_since=NOON)

    told = {each: ask(ana_api, each)["fresh"]["waiting_since"] for each in ("cohorts", "revenue")}

    assert told == {"cohorts": "2026-03-10T12:00:00Z", "revenue": None}
    assert ask(ana_api, "cohorts", f"{MARCH}&interval=week")["fresh"]["waiting_since"] is None


def test_customer_growth_tells_new_returning_and_all(ana_api, anas_store, kim):
    for days in (-30, 0, 1):
        make_order(anas_store, customer=kim, processed_at=NOON + timedelta(days=days))
    make_order(anas_store, customer=make_row(Customer), processed_at=NOON)
    count(anas_store)

    [point] = ask(ana_api, "customer-growth", f"{MARCH}&interval=month")["points"]

    assert point == {
        "from": "2026-03-01", "to": "2026-03-31", "customers": 2, "new_customers": 1,
        "returning_customers": 1, "total_customers": 2,
    }  # fmt: skip


def test_the_rfm_table_has_groups_and_scores(ana_api, anas_store, kim):
    make_order(anas_store, customer=kim, amount=20, processed_at=NOON)
    make_row(Customer)
    recompute_every_total(tenant=anas_store)
    recompute_scores(tenant=anas_store)

    told = ask(ana_api, "rfm", "")

    groups = {each["group"]: each["customers"] for each in told["groups"]}
    assert (groups["PROSPECTS"], sum(groups.values())) == (1, 2)
    assert told["scores"] == [
        {"recency": 1, "frequency": 1, "monetary": 1, "customers": 1, "orders": 1, "spent": "20.00"}
    ]


@pytest.mark.parametrize(("query", "attr"), [
    ("from=2026-03-02&to=2026-03-01", "from"), ("from=yesterday", "from"), ("to=9999-12-31", "to"),
    ("interval=hour", "interval"), ("compare=never", "compare"), ("since=2026-03-01", "since"),
    ("from=1990-01-01", "interval"),
])  # fmt: skip
def test_what_cannot_be_answered_is_refused_by_name(ana_api, query, attr):
    response = ana_api.get(f"/analytics/revenue?{query}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == attr


class Counted:
    """Finds nothing, and counts how often it was asked."""

    times = 0

    def __call__(self, **asked):
        self.times += 1
        return []


def test_an_answer_is_kept_until_the_numbers_move(ana_api, anas_store, monkeypatch):
    make_order(anas_store, processed_at=NOON)
    count(anas_store)
    monkeypatch.setattr("orders.analytics.viewsets.find_series", asked := Counted())
    ask(ana_api, "revenue")
    ask(ana_api, "revenue")
    once = asked.times
    make_order(anas_store, processed_at=NOON)
    count(anas_store)
    ask(ana_api, "revenue")

    assert (once, asked.times) == (1, 2)


def test_without_redis_the_answer_is_the_same(ana_api, anas_store, settings):
    make_order(anas_store, amount=20, processed_at=NOON)
    count(anas_store)
    with_redis = ask(ana_api, "revenue")
    gone = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": gone}
    cache.set("anybody", "there")
    assert cache.get("anybody") is None

    assert ask(ana_api, "revenue") == with_redis


def test_cys_store_is_told_nothing_of_anas(cy_api, anas_store, ana_api):
    make_order(anas_store, amount=20, processed_at=NOON)
    count(anas_store)

    mine, hers = ask(ana_api, "revenue"), ask(cy_api, "revenue")

    assert sum(each["orders"] for each in mine["points"]) == 1
    assert sum(each["orders"] for each in hers["points"]) == 0
