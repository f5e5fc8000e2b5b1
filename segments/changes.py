"""Noting, in the transaction that writes data, what segments may have to follow.

One row a batch, and none in a store without dynamic segments. It is inserted and deleted, never
changed, so that whoever writes data waits for nobody who keeps segments.
"""

import json
from collections.abc import Collection, Iterable

from tenants.models import Tenant
from xeno.lib.upsert import array, run, run_at_once

EVERYTHING = "everything"  # the kind of change that every segment reads: somebody is new

NOTE = """
    INSERT INTO segments_datachange (tenant_id, customers, kinds, everybody, removed)
    SELECT %(tenant)s, %(customers)s::jsonb, %(kinds)s::jsonb, %(everybody)s, '{}'::jsonb
    WHERE EXISTS (
        SELECT 1 FROM segments_segment
        WHERE tenant_id = %(tenant)s AND kind = 'dynamic' AND deleted_at IS NULL
    )
"""
# The deleted rows' segments have a count each; the keeper takes these off.
REMOVE = """
    WITH gone AS (
        DELETE FROM segments_segmentmember
        WHERE tenant_id = %(tenant)s AND customer_id = ANY(%(customers)s::bigint[])
        RETURNING segment_id, valid_to
    ), counted AS (
        SELECT segment_id, count(*) AS members FROM gone WHERE valid_to IS NULL
        GROUP BY segment_id
    )
    INSERT INTO segments_datachange (tenant_id, customers, kinds, removed)
    SELECT %(tenant)s, '[]', '[]', jsonb_object_agg(segment_id, members) FROM counted
    HAVING count(*) > 0
"""


def note_touched(*, tenant: Tenant, customer_ids: Iterable[int], kinds: Iterable[str]) -> None:
    """Note within the caller's transaction that these customers' data changed, and what of it."""
    ids, changed = sorted(set(customer_ids)), sorted(set(kinds))
    if ids and changed:
        note(tenant=tenant, customers=ids, kinds=changed, everybody=False)


def note_everybody(*, tenant: Tenant, kinds: Iterable[str]) -> None:
    """Note that something changed which may concern any customer: tags of products, scores."""
    if changed := sorted(set(kinds)):
        note(tenant=tenant, customers=(), kinds=changed, everybody=True)


def note(
    *, tenant: Tenant, customers: Collection[int], kinds: Collection[str], everybody: bool
) -> None:
    """Write the row, where the store has a segment that could read it."""
    params = {
        "tenant": tenant.pk,
        "customers": json.dumps(list(customers)),
        "kinds": json.dumps(list(kinds)),
        "everybody": everybody,
    }
    run_at_once(NOTE, params)


def remove_members(*, tenant: Tenant, customer_ids: Collection[int]) -> None:
    """Delete every row of these customers, before their own go; the counts follow."""
    if customer_ids:
        run(REMOVE, {"tenant": tenant.pk, "customers": array(sorted(customer_ids))})
