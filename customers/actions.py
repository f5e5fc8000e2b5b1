"""Writes of customers: set-based, idempotent, and only where the word is newer.

All run within the scope of `tenant`; the order of calls and of items does not matter.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from customers import addresses
from customers.data import ConsentData, CustomerData, MergeData, TotalsData
from customers.models import Customer, Tombstone
from tenants.models import Tenant
from xeno.lib.money import to_thousandths
from xeno.lib.upsert import Row, arrays, newest, run, unnest, upsert

CUSTOMER_COLUMNS = {
    "shopify_id": "bigint",
    "updated_at": "timestamptz",
    "triggered_at": "timestamptz",
    "version_order_id": "bigint",
    "email": "text",
    "phone": "text",
    "email_open_tracking": "text",
    "first_name": "text",
    "last_name": "text",
    "state": "text",
    "language": "text",
    "note": "text",
    "country": "text",
    "region": "text",
    "city": "text",
    "created_at": "timestamptz",
}
VERSION = ("updated_at", "triggered_at", "version_order_id")


def save_customers(*, tenant: Tenant, customers: Iterable[CustomerData]) -> dict[int, int]:
    """Create or refresh customers with their addresses; gives our id for each Shopify id.

    One without `updated_at` is only made when missing, to be filled later. Deleted ones must
    have been taken out by `find_deleted`.
    """
    items = list(customers)
    told = [item for item in items if item.updated_at is not None]
    rows = newest(told, attrgetter("shopify_id"), attrgetter(*VERSION))
    found, addressed = dict[int, int](), list[Row]()
    if rows:
        written = upsert(
            table="customers_customer",
            columns=CUSTOMER_COLUMNS,
            rows=map(attrgetter(*CUSTOMER_COLUMNS), rows),
            tenant_id=tenant.pk,
            version=[
                "COALESCE({row}.updated_at, '-infinity')",
                "COALESCE({row}.triggered_at, '-infinity')",
                "{row}.version_order_id",
            ],
            at_insert=NO_TOTALS,
            versioned_by=VERSION,
            filling=True,
            reading=addresses.CODES,
        )
        found = {row.shopify_id: row.id for row in written}
        addressed = addresses.default_rows(rows, written)
    everybody = {item.shopify_id for item in items}
    found |= find_customers(everybody - found.keys())
    missing = sorted(everybody - found.keys())
    if missing:
        make_missing(tenant=tenant, shopify_ids=missing)
        found |= find_customers(missing)
    addresses.save_addresses(tenant=tenant, customers=told, defaults=addressed, ids=found)
    return found


def find_customers(shopify_ids: Iterable[int]) -> dict[int, int]:
    """Our id of each of these customers that is held here."""
    wanted = set(shopify_ids)
    if not wanted:
        return {}
    found = Customer.objects.filter(shopify_id__any_of=wanted)
    return dict(found.values_list("shopify_id", "pk"))


NO_TOTALS = {
    "orders_count": "0",
    "total_spent": "0",
    "orders_count_source": "'computed'",
    "total_spent_source": "'computed'",
}


def make_missing(*, tenant: Tenant, shopify_ids: Sequence[int]) -> None:
    """Make customers of whom only the id is known."""
    run(
        "INSERT INTO customers_customer"
        f" (tenant_id, shopify_id, version_order_id, {', '.join(NO_TOTALS)})"
        f" SELECT %s, new.shopify_id, 0, {', '.join(NO_TOTALS.values())}"
        " FROM unnest(%s::bigint[]) AS new(shopify_id)"
        " ON CONFLICT (tenant_id, shopify_id) DO NOTHING",
        [tenant.pk, list(shopify_ids)],
    )


CONSENT_COLUMNS = {
    "customer_id": "bigint",
    "channel": "text",
    "state": "text",
    "level": "text",
    "source": "text",
    "changed_at": "timestamptz",
    "reason": "text",
}


def save_consents(*, tenant: Tenant, consents: Iterable[ConsentData], ids: dict[int, int]) -> None:
    """Note each word on consent in the history, and let the newest of each channel stand.

    Two words of one instant: the one that forbids more stands, so that no order of arrival
    lets a message out.
    """
    words = [word for word in consents if word.customer_id in ids]
    if not words:
        return
    rows = {(ids[w.customer_id], w.channel, w.changed_at, w.state): w for w in words}
    run(
        "INSERT INTO customers_consentchange"
        f" (tenant_id, {', '.join(CONSENT_COLUMNS)}) SELECT %s, new.* FROM"
        f" {unnest(CONSENT_COLUMNS)} ON CONFLICT DO NOTHING",
        [
            tenant.pk,
            *arrays(
                CONSENT_COLUMNS,
                [
                    (pk, channel, state, w.level, w.source, at, w.reason)
                    for (pk, channel, at, state), w in sorted(rows.items(), key=lambda r: r[0])
                ],
            ),
        ],
    )
    touched = sorted({pk for pk, *_ in rows})
    for channel in sorted({word.channel for word in words}):
        run(NEWEST_CONSENT.format(channel=channel), [channel, tenant.pk, touched])


# {channel} is one of our own two column prefixes, never a text from outside.
NEWEST_CONSENT = """
    UPDATE customers_customer c
    SET {channel}_consent = word.state, {channel}_consent_level = word.level,
        {channel}_consent_at = word.changed_at, synced_at = statement_timestamp()
    FROM (
        SELECT DISTINCT ON (customer_id) customer_id, state, level, changed_at
        FROM customers_consentchange
        WHERE channel = %s AND tenant_id = %s AND customer_id = ANY(%s)
        ORDER BY customer_id, changed_at DESC, state = 'subscribed', state DESC
    ) AS word
    WHERE c.id = word.customer_id
        AND (c.{channel}_consent, c.{channel}_consent_at)
            IS DISTINCT FROM (word.state, word.changed_at)
"""


TOTALS_COLUMNS = {
    "id": "bigint",
    "orders": "integer",
    "spent": "bigint",
    "currency": "text",
    "told_at": "timestamptz",
}


def save_totals(*, tenant: Tenant, totals: Iterable[TotalsData], ids: dict[int, int]) -> None:
    """Keep Shopify's own figures, in their own currency: it decides later whether they count."""
    told = [t for t in totals if t.customer_id in ids]
    rows = newest(told, attrgetter("customer_id"), attrgetter("told_at", "orders_count"))
    if not rows:
        return
    values = [
        (
            ids[told.customer_id],
            told.orders_count,
            to_thousandths(told.total_spent),
            told.currency,
            told.told_at,
        )
        for told in rows
    ]
    run(
        "UPDATE customers_customer c SET remote_orders_count = new.orders,"
        " remote_total_spent = new.spent, remote_currency = new.currency,"
        f" remote_totals_at = new.told_at FROM {unnest(TOTALS_COLUMNS)}"
        " WHERE c.tenant_id = %s AND c.id = new.id"
        " AND (COALESCE(c.remote_totals_at, '-infinity'), COALESCE(c.remote_orders_count, -1))"
        " <= (new.told_at, new.orders)",
        [*arrays(TOTALS_COLUMNS, values), tenant.pk],
    )


def find_deleted(*, kind: Tombstone.Kind, shopify_ids: Iterable[int]) -> dict[int, int | None]:
    """Which of these Shopify has deleted, each with the customer it was merged into, if any."""
    stones = Tombstone.objects.filter(kind=kind, shopify_id__any_of=set(shopify_ids))
    return dict(stones.values_list("shopify_id", "merged_into"))


def bury(*, tenant: Tenant, kind: Tombstone.Kind, shopify_ids: Iterable[int]) -> None:
    """Remember that these are deleted, so that nothing late brings them back."""
    run(
        "INSERT INTO customers_tombstone (tenant_id, kind, shopify_id)"
        " SELECT %s, %s, unnest(%s::bigint[]) ON CONFLICT DO NOTHING",
        [tenant.pk, kind.value, sorted(set(shopify_ids))],
    )


def bury_merged(*, tenant: Tenant, merges: Iterable[MergeData]) -> None:
    """Remember into whom customers were merged; chains are followed to their end."""
    rows = sorted({merge.deleted_id: merge.kept_id for merge in merges}.items())
    columns = {"deleted_id": "bigint", "kept_id": "bigint"}
    run(
        "INSERT INTO customers_tombstone (tenant_id, kind, shopify_id, merged_into)"
        f" SELECT %s, 'customer', new.deleted_id, new.kept_id FROM {unnest(columns)}"
        " ON CONFLICT (tenant_id, kind, shopify_id)"
        " DO UPDATE SET merged_into = excluded.merged_into",
        [tenant.pk, *arrays(columns, rows)],
    )
    for _ in range(LONGEST_CHAIN):
        if not run(FOLLOW_CHAIN, [tenant.pk]):
            break


LONGEST_CHAIN = 10  # merges of merges; a ring, which Shopify cannot make, ends here too
FOLLOW_CHAIN = """
    UPDATE customers_tombstone t SET merged_into = next.merged_into
    FROM customers_tombstone next
    WHERE t.tenant_id = %s AND next.tenant_id = t.tenant_id
        AND t.kind = 'customer' AND next.kind = 'customer'
        AND next.shopify_id = t.merged_into AND next.merged_into IS NOT NULL
        AND next.merged_into <> t.shopify_id
    RETURNING t.id
"""


# What a customer takes along.
THEIRS = (
    "customers_customertag",
    "customers_consentchange",
    "customers_customeraddress",
    "customers_customercompany",
)


def remove_customers(*, tenant: Tenant, shopify_ids: Iterable[int]) -> list[int]:
    """Delete customers with all that is only theirs; gives our ids that they had.

    Their orders must belong to others, or to nobody, by now.
    """
    ids = list(
        Customer.objects.filter(shopify_id__in=set(shopify_ids)).values_list("pk", flat=True)
    )
    for table in THEIRS:
        run(f"DELETE FROM {table} WHERE tenant_id = %s AND customer_id = ANY(%s)", [tenant.pk, ids])
    run("DELETE FROM customers_customer WHERE tenant_id = %s AND id = ANY(%s)", [tenant.pk, ids])
    return ids
