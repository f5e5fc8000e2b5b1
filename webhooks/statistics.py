"""The planner's statistics follow a store's growth.

PostgreSQL takes a store that its statistics have not seen for one of a single row, and then reads
the whole store for each batch: a first load would cost the square of its size. So the tables are
analyzed whenever a store has become four times as large, six times on the way to a million.
"""

from tenants.models import Tenant
from xeno.lib.upsert import run

FIRST = 400  # deliveries or rows of files; below it reading all of them is cheap
GROWTH = 4

COUNT = """
    UPDATE webhooks_applierlease
    SET applied = applied + %s,
        analyzed = CASE WHEN applied + %s >= GREATEST(%s, %s * analyzed)
            THEN applied + %s ELSE analyzed END
    WHERE tenant_id = %s
    RETURNING analyzed = applied
"""


def count_applied(*, tenant: Tenant, applied: int) -> bool:
    """Count what the caller's transaction applies; whether the tables are to be analyzed after."""
    rows = run(COUNT, [applied, applied, FIRST, GROWTH, applied, tenant.pk])
    return bool(rows and rows[0][0])


def has_outgrown(*, before: int, after: int) -> bool:
    """Whether a kind of row, so many before and after a batch, is to be analyzed after it."""
    limit = FIRST
    while limit <= before:
        limit *= GROWTH
    return after >= limit


def analyze() -> None:
    """Let the planner know the tables as they are now."""
    run("SELECT xeno_analyze()", [])
