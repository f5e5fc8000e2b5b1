"""A real shop's year: the numbers are those that anybody can compute from the published file."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from bench.online_retail import clean, read_invoices
from bench.tests.shop import FULL_FILE
from conftest import make_store
from customers.data import CustomerData
from customers.models import Customer
from orders import rfm
from orders.numbers.cohorts import find_cohorts
from orders.numbers.figures import find_figures
from orders.numbers.groups import find_groups
from orders.numbers.periods import Interval, Period
from orders.numbers.series import find_growth, find_series
from orders.numbers.tops import find_top_customers
from orders.rollups import keeping
from tests.numbers import recount
from tests.numbers.test_rollups_follow import order_of
from webhooks import statistics
from webhooks.applying import apply_news
from webhooks.news import News
from xeno.lib.postgres.scope import tenant_scope

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FULL_FILE.exists(), reason=f"there is no {FULL_FILE.name} to replay"),
]
YEAR = Period(date(2010, 12, 1), date(2011, 12, 9))
BATCH = 2_000


def order_from(number, invoice):
    """A clean invoice as an order; of its lines no number here asks."""
    at = datetime.fromisoformat(invoice.date)
    blank = order_of(number, invoice.customer, 0, version=0)
    return replace(
        blank, amount=invoice.total, reported_amount=invoice.total, processed_at=at, created_at=at,
        lines=(),
    )  # fmt: skip


def load(store):
    """The whole shop through the writes of webhooks, and the rollups brought in step."""
    orders = [order_from(n, each) for n, each in enumerate(clean(read_invoices(FULL_FILE))[0], 1)]
    people = [CustomerData(number) for number in sorted({each.customer_id for each in orders})]
    apply_news(tenant=store, news=News(customers=people))
    statistics.analyze()  # a planner that knows of nobody checks every key by reading all of them
    for begin in range(0, len(orders), BATCH):
        news = News(orders=orders[begin : begin + BATCH], customers=list(people))
        apply_news(tenant=store, news=news)
        keeping.step(tenant=store)
    keeping.keep_whole(tenant=store)
    rfm.recompute_scores(tenant=store, on=date(2011, 12, 10))


def numbers_of(store):
    """What is asked of the shop, all at once: loading it takes longer than every question."""
    held, expected = recount.held(), recount.expected(store)
    return {
        "figures": find_figures(tenant=store, period=YEAR),
        "top": find_top_customers(tenant=store, period=YEAR, limit=43),
        "months": find_series(tenant=store, period=YEAR, interval=Interval.MONTH),
        "growth": find_growth(tenant=store, period=YEAR, interval=Interval.MONTH),
        "cohorts": find_cohorts(tenant=store, period=YEAR, unit=Interval.MONTH),
        "groups": find_groups(tenant=store),
        "differing": [name for name in held if held[name] != expected[name]],
        "once": Customer.objects.filter(orders_count=1).count(),
        "spent": sum(Customer.objects.values_list("total_spent", flat=True)),
        "december": recount.figures(store, Period(date(2011, 12, 1), date(2011, 12, 9))),
        "found_december": find_figures(
            tenant=store, period=Period(date(2011, 12, 1), date(2011, 12, 9))
        ),
    }


@pytest.fixture(scope="module")
def found(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        store = make_store("retail.myshopify.com", timezone="UTC")
        store.history_complete_since = timezone.now()
        store.save()
        with tenant_scope(store.pk):
            load(store)
            numbers = numbers_of(store)
        transaction.set_rollback(True)
    return numbers


def test_the_rollups_equal_a_recount_of_a_whole_year(found):
    assert found["differing"] == []


def test_revenue_orders_and_customers_are_the_published_ones(found):
    figures = found["figures"]

    assert figures.sales.revenue == Decimal("8911407.90") == found["spent"]
    assert (figures.sales.orders, figures.customers) == (18_532, 4_338)
    assert figures.customers - figures.repeat_customers == found["once"] == 1_493
    assert figures.new_customers == figures.customers


def test_the_best_of_a_hundred_customers_brought_a_third_of_the_revenue(found):
    assert len(found["top"]) == 43
    assert round(100 * sum(each.share for each in found["top"]), 2) == 31.78


def test_orders_by_month_are_the_published_ones(found):
    assert [each.sales.orders for each in found["months"]] == [
        1400, 987, 997, 1321, 1149, 1555, 1393, 1331, 1280, 1755, 1929, 2657, 778,
    ]  # fmt: skip


def test_scores_are_the_published_ones(found):
    cells = {
        (c.recency, c.frequency, c.monetary): c.scored.customers for c in found["groups"].cells
    }

    assert (cells[5, 5, 5], cells[1, 1, 1]) == (348, 185)
    assert sum(who for scores, who in cells.items() if min(scores) >= 4) == 946
    assert sum(cells.values()) == 4_338


def test_cohorts_hold_every_customer_order_and_penny(found):
    cells = [cell for cohort in found["cohorts"] for cell in cohort.cells]

    assert sum(cohort.customers for cohort in found["cohorts"]) == 4_338
    assert sum(cell.orders for cell in cells) == 18_532
    assert sum(cell.revenue for cell in cells) == Decimal("8911407.90")


def test_growth_ends_with_every_customer_and_counts_each_once(found):
    last, december = found["growth"][-1], found["found_december"]

    assert last.total == 4_338
    assert (last.customers, last.new) == (december.customers, december.new_customers)
    assert found["december"] == (
        december.customers, december.new_customers, december.repeat_customers,
    )  # fmt: skip
