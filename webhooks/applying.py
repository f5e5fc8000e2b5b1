"""Writing what a batch tells: kind by kind, in the order in which one needs the other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from campaigns import leaving as campaigns_leaving
from customers import actions as customer_actions
from customers import importing, statistics, tagging
from customers.models import Tombstone
from orders import actions as order_actions
from orders import refunds, totals
from tenants import connection
from tenants.models import Tenant
from webhooks import recomputing, segmenting
from webhooks.news import Kind, News
from webhooks.outbox import carrying, keeping, queueing
from webhooks.privacy import late, requests


def apply_news(*, tenant: Tenant, news: News) -> set[int]:
    """Write all of it within the caller's transaction; gives our ids of the touched customers.

    Refunds whose order is not held here must have been taken out before.
    """
    apply_store_news(tenant=tenant, news=news)
    requests.save_requests(tenant=tenant, requests=news.privacy)
    late.veil(tenant=tenant, news=news)
    before = segmenting.look_before(news)
    touched = bury_deleted(tenant=tenant, news=news)
    leave_out_deleted(news)
    touched |= take_in_imported(tenant=tenant, news=news)
    keeping.keep_edits(news)
    ids = customer_actions.save_customers(tenant=tenant, customers=news.customers)
    customer_actions.save_consents(tenant=tenant, consents=news.consents, ids=ids)
    tagging.save_tags(tenant=tenant, words=news.tags, ids=ids)
    customer_actions.save_totals(tenant=tenant, totals=news.totals, ids=ids)
    statistics.save_statistics(tenant=tenant, words=news.statistics, ids=ids)
    order_actions.save_products(tenant=tenant, products=news.products)
    order_actions.save_checkouts(tenant=tenant, checkouts=news.checkouts, customers=ids)
    touched |= save_orders(tenant=tenant, news=news, customers=ids)
    touched |= {ids[told.customer_id] for told in news.totals if told.customer_id in ids}
    totals.recompute_totals(tenant=tenant, customer_ids=touched)
    touched |= set(ids.values())
    segmenting.note_changes(tenant=tenant, news=news, touched=touched, before=before)
    return touched


def save_orders(*, tenant: Tenant, news: News, customers: dict[int, int]) -> set[int]:
    """Write orders, then refunds, then what the refunds leave; gives the touched customers."""
    saved = order_actions.save_orders(tenant=tenant, orders=news.orders, customers=customers)
    refunds.save_refunds(tenant=tenant, refunds=news.refunds)
    refunded = refunds.find_orders(shopify_ids=[refund.order_id for refund in news.refunds])
    # A refreshed order may have refunds from before that its new word does not count yet.
    settled = [*saved.refreshed_ids, *refunded.values()]
    refunds.settle_refunds(tenant=tenant, order_ids=settled)
    return saved.customer_ids | order_actions.note_refunded(
        tenant=tenant, shopify_ids=list(refunded)
    )


def apply_store_news(*, tenant: Tenant, news: News) -> None:
    """What was said of the store itself: its details, its scopes, that the app was removed."""
    currency = tenant.currency
    for told in news.stores:
        connection.save_details(tenant=tenant, details=told)
    if tenant.currency != currency:
        # Every total was a sum in the other currency: all of them, chunk by chunk, elsewhere.
        recomputing.ask_for_recompute(tenant=tenant)
    for at, scopes in news.scopes:
        connection.save_scopes(tenant=tenant, scopes=scopes, told_at=at)
    for at in news.uninstalls:
        connection.note_uninstall(tenant=tenant, uninstalled_at=at)


def bury_deleted(*, tenant: Tenant, news: News) -> set[int]:
    """Delete what Shopify deleted or merged away, each with a tombstone."""
    touched: set[int] = set()
    for kind, numbers in news.deletions.items():
        customer_actions.bury(tenant=tenant, kind=kind, shopify_ids=numbers)
    if numbers := news.deletions[Kind.ORDER]:
        touched |= order_actions.remove_orders(tenant=tenant, shopify_ids=numbers)
    if numbers := news.deletions[Kind.PRODUCT]:
        order_actions.remove_products(tenant=tenant, shopify_ids=numbers)
    if numbers := news.deletions[Kind.CHECKOUT]:
        touched |= segmenting.owners_of_checkouts(shopify_ids=numbers)
        order_actions.remove_checkouts(tenant=tenant, shopify_ids=numbers)
    if news.merges:
        customer_actions.bury_merged(tenant=tenant, merges=news.merges)
    leaving = {merge.deleted_id for merge in news.merges}
    leaving |= news.deletions.get(Kind.CUSTOMER, set())
    if leaving:
        owners = customer_actions.find_deleted(kind=Kind.CUSTOMER, shopify_ids=leaving)
        kept = sorted({owner for owner in owners.values() if owner})
        customer_actions.make_missing(tenant=tenant, shopify_ids=kept)
        touched |= set(customer_actions.find_customers(kept).values())
        touched |= order_actions.hand_over_orders(tenant=tenant, owners=owners)
        carrying.carry_over(tenant=tenant, owners=owners, merges=news.merges)
        queueing.forget_edits(shopify_ids=leaving)
        segmenting.forget_members(tenant=tenant, shopify_ids=leaving)
        hand_over_messages(tenant=tenant, owners=owners)
        touched -= set(customer_actions.remove_customers(tenant=tenant, shopify_ids=leaving))
    return touched


def take_in_imported(*, tenant: Tenant, news: News) -> set[int]:
    """Let imported people be the customers that are told now; two rows of one person become one."""
    merges = importing.adopt(tenant=tenant, customers=news.customers)
    if not merges:
        return set()
    news.merges += merges
    return bury_deleted(tenant=tenant, news=News(merges=merges))


def hand_over_messages(*, tenant: Tenant, owners: Mapping[int, int | None]) -> None:
    """Give the leaving customers' messages and what came back of them to whoever is kept."""
    ids = customer_actions.find_customers({*owners, *filter(None, owners.values())})
    theirs = {ids[gone]: ids.get(kept or 0) for gone, kept in owners.items() if gone in ids}
    campaigns_leaving.hand_over(tenant=tenant, owners=theirs)


def leave_out_deleted(news: News) -> None:
    """Take out what is about something deleted; words on a merged customer mean the kept one."""
    gone = gone_of(Kind.CUSTOMER, customer_numbers(news))
    if gone:
        for name in ("customers", "consents", "tags", "totals", "statistics"):
            setattr(news, name, redirect(getattr(news, name), gone))
        news.orders = [with_owner(order, gone) for order in news.orders]
        news.checkouts = [with_owner(checkout, gone) for checkout in news.checkouts]
    news.orders = living(news.orders, "shopify_id", Kind.ORDER)
    news.refunds = living(news.refunds, "order_id", Kind.ORDER)
    news.products = living(news.products, "shopify_id", Kind.PRODUCT)
    news.checkouts = living(news.checkouts, "shopify_id", Kind.CHECKOUT)


def gone_of(kind: Tombstone.Kind, numbers: Iterable[int]) -> dict[int, int | None]:
    """The deleted among these, each with whom it was merged into."""
    wanted = set(numbers)
    if not wanted:
        return {}
    return customer_actions.find_deleted(kind=kind, shopify_ids=wanted)


def customer_numbers(news: News) -> set[int]:
    """Shopify's ids of all customers that the batch is about."""
    buyers = {order.customer_id for order in news.orders}
    buyers |= {checkout.customer_id for checkout in news.checkouts}
    return {buyer for buyer in buyers if buyer} | {
        customer.shopify_id for customer in news.customers
    }


def redirect(items: Sequence[Any], gone: dict[int, int | None]) -> list[Any]:
    """The items without those of deleted customers; a merged one's own fields say nothing."""
    kept = []
    for item in items:
        key = "shopify_id" if hasattr(item, "shopify_id") else "customer_id"
        number = getattr(item, key)
        if number not in gone:
            kept.append(item)
        elif key == "shopify_id" and gone[number]:
            # Only that the kept customer exists: the merged one's fields are not its own.
            kept.append(type(item)(gone[number]))
    return kept


def with_owner(item: Any, gone: dict[int, int | None]) -> Any:
    """The order or checkout with the customer who owns it now."""
    if item.customer_id not in gone:
        return item
    return replace(item, customer_id=gone[item.customer_id])


def living(items: Sequence[Any], key: str, kind: Tombstone.Kind) -> list[Any]:
    """The items that are not about something deleted."""
    gone = gone_of(kind, (getattr(item, key) for item in items))
    return [item for item in items if getattr(item, key) not in gone]
