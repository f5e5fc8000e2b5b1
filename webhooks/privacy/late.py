"""What still comes of somebody who was redacted: the orders stay, the person is left out.

Called wherever news is applied, so that late webhooks and a sync of the history are the same.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from customers.models import Tombstone
from orders.data import OrderData, RefundData
from tenants.models import Tenant
from webhooks.news import News
from webhooks.privacy.bodies import blank_these, pattern_of
from webhooks.privacy.models import Redacted
from xeno.lib.upsert import run

Kind = Redacted.Kind
# Ids in a body that nobody could read, or nobody handles.
IDS = re.compile(rb'"(?:id|\w+_id|\w+Id)"\s*:\s*"?(?:gid:[^0-9"]*)?([0-9]{1,19})\b')


def find_redacted(kind: Redacted.Kind, numbers: Iterable[int]) -> set[int]:
    """Which of these customers or orders were redacted."""
    wanted = {number for number in numbers if number and number < 2**63}
    if not wanted:
        return set()
    found = Redacted.objects.filter(kind=kind, shopify_id__any_of=wanted)
    return set(found.values_list("shopify_id", flat=True))


def save_redacted(*, tenant: Tenant, kind: Redacted.Kind, numbers: Iterable[int]) -> None:
    """Take nothing personal in of these any more."""
    run(
        "INSERT INTO webhooks_redacted (tenant_id, kind, shopify_id)"
        " SELECT %s, %s, unnest(%s::bigint[]) ON CONFLICT DO NOTHING",
        [tenant.pk, kind.value, sorted(set(numbers))],
    )


def veil(*, tenant: Tenant, news: News) -> None:
    """Leave redacted people out of the news; that their customers are gone, tombstones know."""
    if not Redacted.objects.exists():
        return
    people = find_redacted(Kind.CUSTOMER, numbers_of_people(news))
    orders = find_redacted(
        Kind.ORDER,
        [*(o.shopify_id for o in news.orders), *(r.order_id for r in news.refunds)],
    )
    theirs = {o.shopify_id for o in news.orders if o.customer_id in people}
    save_redacted(tenant=tenant, kind=Kind.ORDER, numbers=theirs - orders)
    orders |= theirs
    news.orders = [without_person(o) if o.shopify_id in orders else o for o in news.orders]
    news.refunds = [without_note(r) if r.order_id in orders else r for r in news.refunds]
    news.checkouts = [c for c in news.checkouts if c.customer_id not in people]
    for merge in [m for m in news.merges if m.kept_id in people]:
        # What is merged into somebody who is erased is theirs, and goes too.
        news.merges.remove(merge)
        news.deletions[Tombstone.Kind.CUSTOMER].add(merge.deleted_id)
    news.redacted = people | orders


def numbers_of_people(news: News) -> set[int]:
    """Shopify's ids of everybody that the batch names."""
    named = {customer.shopify_id for customer in news.customers}
    named |= {
        word.customer_id
        for words in (news.consents, news.tags, news.totals, news.statistics)
        for word in words
    }
    named |= {order.customer_id or 0 for order in news.orders}
    named |= {checkout.customer_id or 0 for checkout in news.checkouts}
    named |= {asked.customer_id or 0 for asked in news.privacy}
    named |= news.deletions.get(Tombstone.Kind.CUSTOMER, set())
    return named | {number for m in news.merges for number in (m.kept_id, m.deleted_id)}


def without_person(order: OrderData) -> OrderData:
    """The order as it counts, and of whom is not said."""
    return replace(
        order,
        customer_id=None,
        email=None,
        landing_site=None,
        discount_codes=None,
        refunds=tuple(without_note(refund) for refund in order.refunds),
    )


def without_note(refund: RefundData) -> RefundData:
    """The refund without what somebody wrote about it."""
    return replace(refund, note="")


def blank_bodies(*, tenant: Tenant, ids: list[int], news: News, unheard: list[bytes]) -> None:
    """Blank the bodies of a batch that name somebody redacted, now that they are applied.

    `unheard` are bodies of the batch that no handler could read.
    """
    numbers = set(news.redacted)
    named = {int(number) for body in unheard for number in IDS.findall(body)}
    if named:
        numbers |= find_redacted(Kind.CUSTOMER, named) | find_redacted(Kind.ORDER, named)
    # A request's own body is needed until it is done.
    asked = {asked.delivery_id for asked in news.privacy}
    rest = sorted(set(ids) - asked)
    if numbers and rest:
        blank_these(tenant=tenant, ids=rest, pattern=pattern_of(numbers=numbers, words=()))
