"""Telling segments what a batch has written: whose rows, and which kinds of them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from customers.actions import find_customers
from customers.models import Customer
from orders.models import Checkout, Product
from segments import changes
from tenants.models import Tenant
from webhooks.news import Kind, News

# What a list of the news changes, in the words of the segments' sources.
KINDS_OF_NEWS: dict[str, tuple[str, ...]] = {
    "customers": ("customer", "addresses", "companies"),
    "consents": ("email_consent", "sms_consent"),
    "tags": ("tags",),
    "totals": ("totals",),
    "statistics": ("customer", "scores"),
    "orders": ("orders", "lines", "totals"),
    "refunds": ("orders", "lines", "totals"),
    "checkouts": ("checkouts",),
}
KINDS_OF_DELETIONS = {
    Kind.ORDER: ("orders", "lines", "totals"),
    Kind.CHECKOUT: ("checkouts",),
}
# The kept customer gets whatever the other one had.
KINDS_OF_MERGES = ("orders", "lines", "totals", "checkouts", "touches", "messages")


@dataclass(frozen=True, slots=True)
class Before:
    """What stood in the store before the batch, as far as it tells what the batch has changed."""

    newest_customer: int
    products: list[tuple[object, ...]]
    owners: set[int]  # of the checkouts that it tells of, each of which may go to somebody else


def look_before(news: News) -> Before:
    """Look at what the batch is about to write over."""
    newest = Customer.objects.order_by("-pk").values_list("pk", flat=True).first()
    told = {checkout.shopify_id for checkout in news.checkouts}
    return Before(
        newest_customer=newest or 0,
        products=facts_of_products(news),
        owners=owners_of_checkouts(shopify_ids=told) if told else set(),
    )


def note_changes(*, tenant: Tenant, news: News, touched: Collection[int], before: Before) -> None:
    """Note, within the batch's own transaction, whom it touched and what of them it wrote."""
    everybody = {*touched, *before.owners}
    # Somebody new is asked for by every segment: whoever never ordered, or has no tag.
    made = {pk for pk in everybody if pk > before.newest_customer}
    changes.note_touched(tenant=tenant, customer_ids=made, kinds=[changes.EVERYTHING])
    changes.note_touched(tenant=tenant, customer_ids=everybody - made, kinds=kinds_of(news))
    # Most updates of products are about stock and prices, which no segment reads.
    if facts_of_products(news) != before.products:
        changes.note_everybody(tenant=tenant, kinds=["products"])


def kinds_of(news: News) -> set[str]:
    """What the batch writes of customers, in the words of the segments' sources."""
    kinds = {kind for name, told in KINDS_OF_NEWS.items() if getattr(news, name) for kind in told}
    for deleted, told in KINDS_OF_DELETIONS.items():
        if news.deletions.get(deleted):
            kinds.update(told)
    if news.merges or news.deletions.get(Kind.CUSTOMER):
        kinds.update(KINDS_OF_MERGES)
    return kinds


def forget_members(*, tenant: Tenant, shopify_ids: Iterable[int]) -> None:
    """Take customers who are about to be deleted out of every segment, with their history."""
    changes.remove_members(tenant=tenant, customer_ids=list(find_customers(shopify_ids).values()))


def facts_of_products(news: News) -> list[tuple[object, ...]]:
    """What segments read of the products that the batch tells of, as it is stored now."""
    numbers = {product.shopify_id for product in news.products} | news.deletions[Kind.PRODUCT]
    if not numbers:
        return []
    rows = Product.objects.filter(shopify_id__any_of=numbers).order_by("shopify_id")
    return list(rows.values_list("shopify_id", "tags", "category_id", "category"))


def owners_of_checkouts(*, shopify_ids: Collection[int]) -> set[int]:
    """Our ids of the customers whose checkouts these are."""
    rows = Checkout.objects.filter(shopify_id__any_of=shopify_ids, customer__isnull=False)
    return set(rows.values_list("customer_id", flat=True))
