"""The planner's statistics follow a store's growth.

PostgreSQL takes a store that its statistics have not seen for one of a single row, and then reads
the whole store for each batch: a first load would cost the square of its size. So the tables are
analyzed whenever a store has doubled, which is about eleven times on the way to a million.
"""

from tenants.models import Tenant
from xeno.lib.upsert import run

FIRST = 400  # deliveries; below it reading all of them is cheap

COUNT = """
    UPDATE webhooks_applierlease
    SET applied = applied + %s,
        analyzed = CASE WHEN applied + %s >= GREATEST(%s, 2 * analyzed)
            THEN applied + %s ELSE analyzed END
    WHERE tenant_id = %s
    RETURNING analyzed = applied
"""


def follow_growth(*, tenant: Tenant, applied: int) -> bool:
    """Count what was applied; analyze the tables when the store has doubled since the last time."""
    rows = run(COUNT, [applied, applied, FIRST, applied, tenant.pk])
    doubled = bool(rows and rows[0][0])
    if doubled:
        run("SELECT xeno_analyze()", [])
    return doubled
