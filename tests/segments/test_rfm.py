"""RFM scores by the definition of NTILE, in plain Python, against the product's one statement."""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from customers.models import Customer
from orders.models import CustomerScore
from orders.rfm import recompute_scores
from tests.segments.days import day_at
from tests.segments.facts import Store
from tests.segments.oracle import Oracle
from tests.segments.stores import make_case
from tests.segments.writing import write_store
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.django_db
UCI = Path(__file__).parents[3] / "shared" / "data" / "online_retail.csv.gz"
Scores = dict[int, tuple[int, int, int]]
NOW = datetime(2026, 6, 15, tzinfo=UTC)


def fifths(keys: Iterable[Sequence[Any]]) -> dict[int, int]:
    """NTILE(5): in order, five parts as equal as can be, the larger ones first; by the last of
    each key, the customer's id."""
    ordered = sorted(keys)
    size, larger = divmod(len(ordered), 5)
    found, start = {}, 0
    for tile in range(1, 6):
        end = start + size + (1 if tile <= larger else 0)
        found |= {key[-1]: tile for key in ordered[start:end]}
        start = end
    return found


def scored(figures: dict[int, tuple[date | None, int, Decimal]]) -> Scores:
    """The scores of customers with orders: last day, number and spend of each."""
    days = fifths((last or date.min, who) for who, (last, _, _) in figures.items())
    orders = fifths((number, who) for who, (_, number, _) in figures.items())
    spend = fifths((spent, who) for who, (_, _, spent) in figures.items())
    return {who: (days[who], orders[who], spend[who]) for who in figures}


def figures_of(store: Store) -> dict[int, tuple[date | None, int, Decimal]]:
    """Last day of an order, number and spend of whoever has orders, by the oracle."""
    oracle = Oracle(store, NOW, store.zone, store.currency)
    found = {}
    for who in store.customers:
        number, last = oracle.number_of_orders(who), oracle.value("last_order_date", who)
        if number:
            day = None if last is None else day_at(last, store.zone)
            found[who.id] = (day, number, oracle.amount_spent(who))
    return found


def stored() -> dict[int, CustomerScore]:
    """The scores as the open store has them, by Shopify's id."""
    rows = CustomerScore.objects.select_related("customer")
    return {row.customer.shopify_id: row for row in rows}


@pytest.mark.parametrize("seed", range(8))
def test_the_scores_of_a_random_store_are_fifths_by_their_definition(seed):
    store = make_case(Random(seed), most=40).store
    tenant = write_store(store)
    with tenant_scope(tenant.pk):
        recompute_scores(tenant=tenant)
        rows = stored()

    expected = scored(figures_of(store))
    found = {who: (r.recency, r.frequency, r.monetary) for who, r in rows.items() if r.recency}
    assert found == expected
    assert set(rows) == {who.id for who in store.customers}


@pytest.mark.parametrize("seed", range(3))
def test_shopifys_group_and_tier_stand_before_ours_and_say_so(seed):
    store = make_case(Random(seed), most=20).store
    tenant = write_store(store)
    with tenant_scope(tenant.pk):
        recompute_scores(tenant=tenant)
        rows = stored()

    for who in store.customers:
        row = rows[who.id]
        assert row.group_source == ("shopify" if who.remote_group else "computed")
        assert row.tier_source == ("shopify" if who.remote_tier else "computed")
        assert row.rfm_group == who.remote_group or not who.remote_group
        assert row.spend_tier == who.remote_tier or not who.remote_tier
        assert (row.rfm_group == "PROSPECTS") == (
            (who.remote_group or ("" if row.recency else "PROSPECTS")) == "PROSPECTS"
        )


def uci_figures() -> dict[int, tuple[date, int, Decimal]]:
    """What the customers of the UCI shop bought, before anything came back."""
    invoices: dict[int, set[str]] = defaultdict(set)
    spent: dict[int, Decimal] = defaultdict(Decimal)
    last: dict[int, str] = defaultdict(str)
    with gzip.open(UCI, "rt") as file:
        for row in csv.DictReader(file):
            quantity, price = int(row["Quantity"]), Decimal(row["UnitPrice"])
            if row["CustomerID"] and quantity > 0 and price > 0:
                who = int(row["CustomerID"])
                invoices[who].add(row["InvoiceNo"])
                spent[who] += quantity * price
                last[who] = max(last[who], row["InvoiceDate"])
    return {
        who: (datetime.fromisoformat(last[who]).date(), len(invoices[who]), spent[who])
        for who in invoices
    }


@pytest.mark.slow  # reads half a million lines
@pytest.mark.skipif(not UCI.exists(), reason="the UCI file is not beside this checkout")
def test_the_known_truth_of_the_uci_shop(in_anas_store):
    figures = uci_figures()
    Customer.objects.bulk_create(
        Customer(
            shopify_id=who,
            orders_count=number,
            total_spent=spent,
            last_order_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        )
        for who, (day, number, spent) in figures.items()
    )

    recompute_scores(tenant=in_anas_store, on=date(2011, 12, 10))

    rows = CustomerScore.objects.values_list(
        "customer__shopify_id", "recency", "frequency", "monetary"
    )
    found = {who: tuple(scores) for who, *scores in rows}
    assert found == scored(figures)
    shares = Counter(found.values())
    assert len(found) == 4338
    assert (shares[5, 5, 5], shares[1, 1, 1]) == (348, 185)
    assert sum(min(each) >= 4 for each in found.values()) == 946
