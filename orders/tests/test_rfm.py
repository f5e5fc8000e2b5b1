"""Scores, groups and tiers: by fifths of the store's customers with orders."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.db import IntegrityError, transaction

from bench.online_retail import clean, read_invoices
from bench.tests.shop import FIXTURE, FULL_FILE, REPOSITORY
from customers.models import Customer
from orders import rfm
from orders.actions import hand_over_orders
from orders.models import CustomerScore, RfmGroup

PAGE = REPOSITORY / "docs" / "segment-language.md"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def buyer(number, *, orders=1, spent=10, last=NOON):
    return Customer(
        shopify_id=number, orders_count=orders, total_spent=Decimal(spent), last_order_at=last
    )


def put(store, customers):
    for customer in customers:
        customer.tenant = store
    return Customer.objects.bulk_create(customers)


def scores():
    """(recency, frequency, monetary) by Shopify's id."""
    rows = CustomerScore.objects.values_list(
        "customer__shopify_id", "recency", "frequency", "monetary"
    )
    return {number: tuple(each) for number, *each in rows}


def shop_of(path):
    """The customers of a file's clean invoices, with their totals."""
    found = {}
    for invoice in clean(read_invoices(path))[0]:
        number, at = invoice.customer, datetime.fromisoformat(invoice.date)
        one = found.setdefault(number, buyer(number, orders=0, spent=0, last=at))
        one.orders_count += 1
        one.total_spent += invoice.total
        one.last_order_at = max(one.last_order_at, at)
    return list(found.values())


def oracle(customers):
    """The scores in plain Python, for a store in UTC."""
    keys = [
        lambda one: one.last_order_at.date(),
        lambda one: one.orders_count,
        lambda one: one.total_spent,
    ]
    found = {one.shopify_id: () for one in customers}
    size, larger = divmod(len(customers), 5)
    for key in keys:
        ranked = sorted(customers, key=lambda one: (key(one), one.shopify_id))
        fifths = [fifth for fifth in range(5) for _ in range(size + (fifth < larger))]
        for one, fifth in zip(ranked, fifths, strict=True):
            found[one.shopify_id] += (fifth + 1,)
    return found


def test_the_most_recent_fifth_has_recency_5(in_anas_store):
    put(in_anas_store, [buyer(n, last=NOON - timedelta(days=n)) for n in range(1, 11)])

    rfm.recompute_scores(tenant=in_anas_store)

    assert [scores()[n][0] for n in range(1, 11)] == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]


def test_orders_and_spending_rank_upwards_and_ties_go_by_shopifys_id(in_anas_store):
    put(in_anas_store, [buyer(n, orders=3, spent=60 - n) for n in range(1, 6)])

    rfm.recompute_scores(tenant=in_anas_store)

    assert scores() == {n: (n, n, 6 - n) for n in range(1, 6)}


def test_days_are_whole_days_of_the_stores_zone(in_anas_store):
    """23:30 and 00:30 in London are two days; in New York they are one."""
    in_anas_store.timezone = "Europe/London"
    late, early = NOON.replace(hour=23, minute=30), NOON + timedelta(hours=12, minutes=30)
    put(in_anas_store, [buyer(n, last=late if n > 1 else early) for n in range(1, 6)])

    rfm.recompute_scores(tenant=in_anas_store)
    london = scores()[1][0]
    in_anas_store.timezone = "America/New_York"
    rfm.recompute_scores(tenant=in_anas_store)

    assert (london, scores()[1][0]) == (5, 1)


def test_who_has_no_order_is_a_prospect_without_scores(in_anas_store):
    put(in_anas_store, [buyer(1, orders=0, spent=0, last=None), buyer(2)])

    rfm.recompute_scores(tenant=in_anas_store)

    prospect = CustomerScore.objects.get(customer__shopify_id=1)
    assert (prospect.rfm_group, prospect.recency, prospect.spend_tier) == ("PROSPECTS", None, None)
    assert CustomerScore.objects.get(customer__shopify_id=2).rfm_group == "DORMANT"


def test_shopifys_own_word_stands_where_it_told_one_that_we_know(in_anas_store):
    put(in_anas_store, [buyer(n) for n in range(1, 6)])
    rows = Customer.objects.order_by("shopify_id")
    rows.filter(shopify_id=1).update(remote_rfm_group="LOYAL", remote_spend_tier="HIGH")
    rows.filter(shopify_id=2).update(remote_rfm_group="HALF_A_GROUP")

    rfm.recompute_scores(tenant=in_anas_store)

    told, unknown = CustomerScore.objects.order_by("customer__shopify_id")[:2]
    assert (told.rfm_group, told.group_source) == ("LOYAL", "shopify")
    assert (told.spend_tier, told.tier_source, told.recency) == ("HIGH", "shopify", 1)
    assert (unknown.rfm_group, unknown.group_source) == ("ALMOST_LOST", "computed")


def test_orders_that_only_shopify_knows_of_were_long_ago(in_anas_store):
    put(in_anas_store, [buyer(n, last=None if n == 5 else NOON) for n in range(1, 6)])

    rfm.recompute_scores(tenant=in_anas_store)

    assert scores()[5][0] == 1


def test_only_what_changed_is_written(in_anas_store):
    put(in_anas_store, [buyer(n) for n in range(1, 6)])
    first = rfm.recompute_scores(tenant=in_anas_store, on=date(2026, 3, 1))
    Customer.objects.filter(shopify_id=1).update(total_spent=Decimal(11))

    second = rfm.recompute_scores(tenant=in_anas_store, on=date(2026, 3, 2))

    # One moved to the top, and all the others one down.
    assert (first, second) == (5, 5)
    assert rfm.recompute_scores(tenant=in_anas_store, on=date(2026, 3, 3)) == 0
    assert set(CustomerScore.objects.values_list("scored_on", flat=True)) == {date(2026, 3, 2)}


def test_the_database_refuses_a_score_of_6(in_anas_store):
    put(in_anas_store, [buyer(1)])
    rfm.recompute_scores(tenant=in_anas_store)

    with pytest.raises(IntegrityError), transaction.atomic():
        CustomerScore.objects.update(recency=6)


def test_a_score_goes_with_its_customer(in_anas_store):
    put(in_anas_store, [buyer(1), buyer(2)])
    rfm.recompute_scores(tenant=in_anas_store)

    hand_over_orders(tenant=in_anas_store, owners={1: 2})

    assert set(scores()) == {2}


def test_every_group_can_be_reached_and_the_statement_chooses_it_as_the_table_does(in_anas_store):
    put(in_anas_store, shop_of(FIXTURE))

    rfm.recompute_scores(tenant=in_anas_store)

    for score in CustomerScore.objects.all():
        chosen = rfm.group_of(
            recency=score.recency, frequency=score.frequency, monetary=score.monetary
        )
        assert score.rfm_group == chosen
        assert score.spend_tier == rfm.TIERS[score.monetary - 1]
    reachable = {
        rfm.group_of(recency=r, frequency=f, monetary=m)
        for r, f, m in product(range(1, 6), repeat=3)
    }
    assert reachable == set(RfmGroup) - {RfmGroup.PROSPECTS}


def test_the_page_of_the_language_prints_the_tables_of_the_code():
    section = PAGE.read_text().partition("## RFM groups")[2].partition("\n## ")[0]
    rows = {
        int(recency): re.findall(r"`(\w+)`", groups)
        for recency, groups in re.findall(r"(?m)^\| (\d) \|(.*)$", section)
    }
    assert rows == {recency: list(groups) for recency, groups in rfm.GROUPS.items()}

    told = dict(re.findall(r"([\d and]+) (?:is|are) `(HIGH|MEDIUM|LOW)`", section))
    tiers = {
        int(score): tier for scores, tier in told.items() for score in re.findall(r"\d", scores)
    }
    assert tiers == dict(enumerate(rfm.TIERS, 1))


def test_the_scores_of_a_real_shop_equal_the_plain_computation(in_anas_store):
    in_anas_store.timezone = "UTC"
    customers = shop_of(FIXTURE)
    put(in_anas_store, customers)

    rfm.recompute_scores(tenant=in_anas_store)

    assert scores() == oracle(customers)


@pytest.mark.slow
@pytest.mark.skipif(not FULL_FILE.exists(), reason="the whole file is not here")
def test_the_known_truth_of_the_whole_uci_shop(in_anas_store):
    in_anas_store.timezone = "UTC"
    put(in_anas_store, shop_of(FULL_FILE))

    rfm.recompute_scores(tenant=in_anas_store, on=date(2011, 12, 10))

    found = list(scores().values())
    best = sum(min(each) >= 4 for each in found)
    assert (found.count((5, 5, 5)), found.count((1, 1, 1)), best) == (348, 185, 946)
