"""Taking away the rows of deleted segments, a batch a transaction."""

from django.db import transaction

from segments.holders import HOLDERS
from tenants.models import Tenant
from xeno.lib.upsert import run

BATCH = 5_000

FIND = """
    SELECT id FROM segments_segment WHERE tenant_id = %s AND deleted_at IS NOT NULL
    ORDER BY id LIMIT 1
"""
MEMBERS = f"""
    WITH gone AS (
        DELETE FROM segments_segmentmember WHERE tenant_id = %s AND id IN (
            SELECT id FROM segments_segmentmember WHERE tenant_id = %s AND segment_id = %s
            LIMIT {BATCH}
        )
        RETURNING 1
    ) SELECT count(*) FROM gone
"""


@transaction.atomic
def remove_deleted(*, tenant: Tenant) -> bool:
    """Take away the next rows of a deleted segment; False when there is none."""
    found = run(FIND, [tenant.pk])
    if not found:
        return False
    ((segment_id,),) = found
    ((removed,),) = run(MEMBERS, [tenant.pk, tenant.pk, segment_id])
    if removed < BATCH:
        mine = [tenant.pk, segment_id]
        for holder in HOLDERS:
            holder.forget_segment(tenant=tenant, segment_id=segment_id)
        run("DELETE FROM segments_segmentjob WHERE tenant_id = %s AND segment_id = %s", mine)
        run("DELETE FROM segments_segmentstate WHERE tenant_id = %s AND segment_id = %s", mine)
        run("DELETE FROM segments_segment WHERE tenant_id = %s AND id = %s", mine)
    return True
