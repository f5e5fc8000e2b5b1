"""A shop that came by webhook and the same shop that came by sync are equal, row by row."""

from django.conf import settings

from customers.models import Customer, CustomerAddress, CustomerCompany, CustomerTag
from orders.models import Checkout, LineItem, Order, Product, ProductTag, Refund
from tenants.models import Tenant
from webhooks import processing
from webhooks.backfill import running
from webhooks.models import Delivery
from xeno.demo.deliveries import deliver

# When and how we learnt of a row is not what the row says.
OURS = {
    "id", "tenant_id", "triggered_at", "synced_at", "version_order_id", "tags_at",
    "addresses_at", "addresses_triggered_at",
}  # fmt: skip
# Shopify's own totals are told by webhook now and then, and by a sync always; a checkout of a
# guest has no address in the Admin API. What Shopify thinks of a customer, whether their opens
# may be counted and where every address lies comes by sync alone, the shop of bricks by webhook.
TOLD_APART = {
    "remote_orders_count", "remote_total_spent", "remote_currency", "remote_totals_at",
    "remote_rfm_group", "remote_spend_tier", "subscriber_status", "remote_statistics_at",
    "latitude", "longitude", "location_id", "email_open_tracking",
}  # fmt: skip
TABLES = {
    Customer: "shopify_id",
    CustomerAddress: "shopify_id",
    Product: "shopify_id",
    ProductTag: "tag",
    Order: "shopify_id",
    LineItem: "shopify_id",
    Refund: "shopify_id",
    Checkout: "shopify_id",
    CustomerTag: "tag",
}


def rows(model, key: str) -> list[dict]:
    told, known = [], shopify_ids()
    found = model.objects.order_by(key, "pk")
    if model is CustomerTag:
        found = found.filter(present=True)
    for row in found.values():
        kept = {name: value for name, value in row.items() if name not in OURS | TOLD_APART}
        # Our own ids differ between two lives of a store; Shopify's do not.
        if kept.get("customer_id"):
            kept["customer_id"] = known[kept["customer_id"]]
        for name in ("order_id", "product_id", "changed_at"):
            kept.pop(name, None)
        if model is Customer:
            # A word on tags, consent or totals says nothing of it; in Shopify it is a change.
            kept.pop("updated_at")
        if model is Checkout and not kept["customer_id"]:
            kept.pop("email")
        told.append(kept)
    return sorted(told, key=str) if key == "tag" else told


def shopify_ids() -> dict[int, int]:
    return dict(Customer.objects.values_list("pk", "shopify_id"))


def everything() -> dict[str, list[dict]]:
    return {model.__name__: rows(model, key) for model, key in TABLES.items()}


def test_both_ways_give_the_same_rows(store, story):
    Tenant.objects.update(history_complete_since="2020-01-01T00:00:00Z")
    running.start_sync(tenant=store)
    while running.advance(tenant=store) is not None:
        running.cut_pause()
    by_sync = everything()
    belonging = (CustomerTag, CustomerAddress, CustomerCompany, ProductTag)
    for model in (*belonging, LineItem, Refund, Checkout, Order, Product):
        model.objects.all().delete()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM customers_consentchange WHERE tenant_id = %s", [store.pk])
    Customer.objects.all().delete()
    Delivery.objects.bulk_create(
        Delivery(
            webhook_id=sent.webhook_id,
            topic=sent.headers["X-Shopify-Topic"],
            triggered_at=sent.headers["X-Shopify-Triggered-At"],
            body=sent.body,
            body_hash=b"x" * 32,
        )
        for sent in (deliver(event, settings.SHOPIFY_API_SECRET) for event in story)
    )
    while processing.apply_inbox(tenant=store):
        pass

    by_webhook = everything()
    for name in by_webhook:
        assert len(by_sync[name]) == len(by_webhook[name]), name
        assert differing(by_sync[name], by_webhook[name]) == {}, name


def differing(left: list[dict], right: list[dict]) -> dict[str, tuple]:
    """The first difference of each column."""
    found: dict[str, tuple] = {}
    for one, other in zip(left, right, strict=True):
        for name in one:
            never_told = name == "language" and other[name] is None  # webhooks: by orders only
            if one[name] != other[name] and not never_told:
                found.setdefault(name, (one[name], other[name]))
    return found
