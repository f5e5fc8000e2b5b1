"""Noting, in the transaction that writes orders, whose and of when they are: one row a batch.

Inserted and deleted, never changed: whoever writes orders waits for nobody who counts them.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from math import floor

import msgspec

from tenants.models import Tenant
from xeno.lib.upsert import array, run

Touched = tuple[int | None, datetime]  # our id of the customer, if any, and when it was placed

NOTE = "INSERT INTO orders_saleschange (tenant_id, touched) VALUES (%s, %s::jsonb)"
# Of whole customers, read where they are still the owners.
NOTE_CUSTOMERS = """
    INSERT INTO orders_saleschange (tenant_id, touched)
    SELECT %(tenant)s, jsonb_agg(
        jsonb_build_array(%(next)s::bigint, floor(extract(epoch FROM processed_at)))
    )
    FROM orders_order WHERE tenant_id = %(tenant)s AND customer_id = ANY(%(customers)s::bigint[])
    HAVING count(*) > 0
"""


def note_sales(*, tenant: Tenant, touched: Iterable[Touched]) -> None:
    """Note that orders of these customers, placed at these moments, came, went or changed.

    Of an order that moved, both where it was and where it is.
    """
    pairs = sorted({(customer or 0, floor(at.timestamp())) for customer, at in touched})
    if pairs:
        run(NOTE, [tenant.pk, msgspec.json.encode(pairs).decode()])


def note_orders_of(*, tenant: Tenant, customer_ids: Collection[int], going_to: int | None) -> None:
    """Note, before it happens, that all orders of these customers go to another, or to nobody."""
    if customer_ids:
        ids = array(sorted(customer_ids))
        run(NOTE_CUSTOMERS, {"tenant": tenant.pk, "customers": ids, "next": going_to or 0})
