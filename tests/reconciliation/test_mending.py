"""What a reconciliation says of each thing that was off, and that it is off no more."""

import json
from datetime import timedelta

import pytest
from django.db import connection

from customers.models import Customer, CustomerAddress, CustomerTag, Tombstone
from orders.models import LineItem, Order, Product, Refund
from tests.reconciliation.conftest import SPLIT
from tests.reconciliation.stream import run_out
from webhooks.applying import apply_news
from webhooks.backfill import running
from webhooks.backfill.models import SyncPart
from webhooks.models import PrivacyRequest
from webhooks.news import Kind, News
from webhooks.privacy import working
from webhooks.reconciliation import ledger, settling
from webhooks.reconciliation.models import Finding, LedgerLine
from webhooks.reconciliation.starting import start_reconciliation


@pytest.fixture
def synced(store, shop):
    """The store with its history; what is read next, is read an hour later."""
    running.start_sync(tenant=store)
    run_out(store)
    shop.clock = lambda: SPLIT + timedelta(hours=1)
    return store


def reconcile(store):
    start_reconciliation(tenant=store, whole=True)
    sync = run_out(store)
    assert sync.state == "done"
    return sync


def found():
    return [
        (f.kind, f.shopify_id, f.trouble, f.fields, f.mended)
        for f in Finding.objects.order_by("pk")
    ]


def remove_order(order):
    with connection.cursor() as cursor:
        for table, column in (("orders_lineitem", "order_id"), ("orders_refund", "order_id"),
                              ("orders_order", "id")):  # fmt: skip
            cursor.execute(f"DELETE FROM {table} WHERE {column} = %s", [order.pk])


def older(model, number, **changes):
    row = model.objects.get(shopify_id=number)
    before = {"updated_at": row.updated_at - timedelta(days=1)}
    model.objects.filter(pk=row.pk).update(**before, **changes)


def an_order(**filters):
    return Order.objects.filter(**filters).order_by("pk").first()


def test_what_is_missing_comes(synced):
    gone = an_order()
    remove_order(gone)

    sync = reconcile(synced)
    assert found() == [("orders", gone.shopify_id, "missing", [], True)]
    assert Order.objects.get(shopify_id=gone.shopify_id).line_items.exists()
    assert ledger.is_settled(sync)


DAMAGE = [
    pytest.param(
        Order, {"financial_status": "pending"}, "orders", ["financial_status"], id="order"
    ),
    pytest.param(Order, {"test": True}, "orders", ["test"], id="order's test"),
    pytest.param(Customer, {"last_name": "Lost"}, "customers", ["last_name"], id="customer"),
    pytest.param(Product, {"title": "Lost"}, "products", ["title"], id="product"),
]


@pytest.mark.parametrize(("model", "changes", "kind", "fields"), DAMAGE)
@pytest.mark.parametrize("trouble", ["late", "different"])
def test_what_is_older_or_different_is_mended(synced, model, changes, kind, fields, trouble):
    row = model.objects.order_by("pk").first()
    if trouble == "late":
        older(model, row.shopify_id, **changes)
    else:
        # As a webhook of the same second that Shopify triggered later left it.
        later = row.updated_at + timedelta(seconds=5)
        model.objects.filter(pk=row.pk).update(triggered_at=later, **changes)

    sync = reconcile(synced)
    assert found() == [(kind, row.shopify_id, trouble, fields, True)]
    after = model.objects.get(pk=row.pk)
    assert {name: getattr(after, name) for name in changes} == {
        name: getattr(row, name) for name in changes
    }
    assert ledger.is_settled(sync)


def test_addresses_are_compared_too(synced):
    away = CustomerAddress.objects.filter(is_default=False).select_related("customer").first()
    number, city = away.customer.shopify_id, away.city
    away.delete()
    # As before there were addresses: the list was never told.
    Customer.objects.filter(shopify_id=number).update(addresses_at=None)

    reconcile(synced)
    assert found() == [("customers", number, "different", ["addresses"], True)]
    again = CustomerAddress.objects.filter(customer__shopify_id=number, is_default=False)
    assert [row.city for row in again] == [city]


def test_lines_refunds_and_tags_are_compared_too(synced):
    order = an_order(refunds__isnull=False)
    tagged = CustomerTag.objects.filter(present=True).order_by("pk").first()
    LineItem.objects.filter(order=order).update(quantity=99)
    Refund.objects.filter(order=order).update(amount=0)
    CustomerTag.objects.filter(pk=tagged.pk).update(present=False)

    reconcile(synced)
    customer = Customer.objects.get(pk=tagged.customer_id).shopify_id
    assert found() == [
        ("customers", customer, "different", ["tags"], True),
        ("orders", order.shopify_id, "different", ["lines", "refunds"], True),
    ]
    assert CustomerTag.objects.get(pk=tagged.pk).present


def test_what_is_newer_here_is_not_off(synced):
    row = an_order()
    later = row.updated_at + timedelta(days=1)
    Order.objects.filter(pk=row.pk).update(updated_at=later, financial_status="voided")

    reconcile(synced)
    assert found() == []
    assert Order.objects.get(pk=row.pk).financial_status == "voided"


def test_whom_shopify_deleted_meanwhile_nobody_misses(synced):
    news = News()
    news.deletions[Kind.ORDER].add(an_order().shopify_id)
    apply_news(tenant=synced, news=news)

    reconcile(synced)
    assert found() == []


def test_what_is_gone_in_shopify_goes_here(synced, shop):
    order = an_order()
    shop.objects["orders"].pop(order.shopify_id)
    Order.objects.update(synced_at="2020-01-01T00:00:00Z")

    sync = reconcile(synced)
    assert found() == [("orders", order.shopify_id, "extra", [], True)]
    assert not Order.objects.filter(pk=order.pk).exists()
    assert Tombstone.objects.filter(kind="order", shopify_id=order.shopify_id).exists()
    assert ledger.is_settled(sync)


def test_a_store_that_seems_to_have_lost_a_lot_is_left_as_it_is(synced, shop, monkeypatch):
    monkeypatch.setattr(settling, "MOST_GONE", 3)
    shop.objects["orders"].clear()
    Order.objects.update(synced_at="2020-01-01T00:00:00Z")
    before = Order.objects.count()

    sync = reconcile(synced)
    line = LedgerLine.objects.get(sync=sync, kind="orders")
    assert Order.objects.count() == before
    assert (line.here, line.there, line.in_step) == (before, 0, False)
    assert not ledger.is_settled(sync)


def test_a_batch_that_is_done_again_is_counted_once(synced, monkeypatch):
    gone = an_order()
    remove_order(gone)
    written = running.apply_groups

    def dies_before_the_mark(**given):
        told = written(**given)
        if given["kind"] == "orders":
            monkeypatch.setattr(running, "apply_groups", written)
            raise KeyboardInterrupt
        return told

    monkeypatch.setattr(running, "apply_groups", dies_before_the_mark)
    start_reconciliation(tenant=synced, whole=True)
    with pytest.raises(KeyboardInterrupt):
        run_out(synced)
    sync = run_out(synced)

    assert SyncPart.objects.get(sync=sync, kind="orders").state == "done"
    assert LedgerLine.objects.get(sync=sync, kind="orders").missing == 1
    assert [each[2] for each in found()] == ["missing"]


def test_the_list_is_bounded_and_the_counts_are_whole(synced, monkeypatch):
    monkeypatch.setattr(ledger, "MOST_LISTED", 2)
    Product.objects.update(title="Lost")

    sync = reconcile(synced)
    line = LedgerLine.objects.get(sync=sync, kind="products")
    assert line.different == Product.objects.count() > 2
    assert Finding.objects.count() == 2


def test_a_finding_holds_no_value(synced):
    customer = Customer.objects.order_by("pk").first()
    older(Customer, customer.shopify_id, last_name="Lost", email="lost@mail.example")

    reconcile(synced)
    told = json.dumps(list(Finding.objects.values()), default=str)
    assert "email" in told
    assert not {"Lost", customer.last_name, customer.email} & set(told.replace('"', " ").split())


def test_f040_an_order_by_webhook_and_by_sync_is_one(synced, shop, story):
    from tests.reconciliation.stream import empty_inbox, put_in_inbox

    number = an_order().shopify_id
    put_in_inbox([e for e in story if e.topic.startswith("orders/") and e.body["id"] == number])
    empty_inbox(synced)
    running.start_sync(tenant=synced)
    run_out(synced)

    lines = shop.objects["orders"][number]["line_items"]
    assert Order.objects.filter(shopify_id=number).count() == 1
    assert LineItem.objects.filter(order__shopify_id=number).count() == len(lines)


def erase(store, number):
    PrivacyRequest.objects.create(
        kind="redact", customer_shopify_id=number, due_at="2030-01-01T00:00Z"
    )
    working.work_off(tenant=store)


@pytest.mark.parametrize("kept_in_shopify", [True, False])
def test_whoever_was_erased_is_neither_missed_nor_compared(synced, shop, kept_in_shopify):
    buyer = an_order(customer__isnull=False).customer
    erase(synced, buyer.shopify_id)
    if not kept_in_shopify:
        shop.objects["customers"].pop(buyer.shopify_id)

    sync = reconcile(synced)
    assert found() == []
    assert not Customer.objects.filter(shopify_id=buyer.shopify_id).exists()
    assert ledger.is_settled(sync)


def test_an_erasure_hides_nobody_elses_absence():
    count = {"exact": True, "slack": 0, "erased": 1}

    assert ledger.Count(here=9, there=10, **count).fits
    assert ledger.Count(here=9, there=9, **count).fits
    assert not ledger.Count(here=9, there=11, **count).fits
    assert not ledger.Count(here=9, there=8, **count).fits


def test_the_ledger_forgets_whom_it_found_when_they_are_erased(synced):
    lost, kept = Customer.objects.order_by("pk")[:2]
    for row in (lost, kept):
        older(Customer, row.shopify_id, last_name="Lost")
    sync = reconcile(synced)
    assert len(found()) == 2

    erase(synced, lost.shopify_id)
    assert found() == [("customers", kept.shopify_id, "late", ["last_name"], True)]
    assert LedgerLine.objects.get(sync=sync, kind="customers").late == 2
