"""Bringing a segment's members in step as a whole: one statement, one moment, all or nothing."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from segments.compiling.compiler import matching
from segments.definitions import Definition, clock_of
from segments.language.clock import Clock
from tenants.models import Tenant
from xeno.lib.upsert import run

STATEMENT_SECONDS = 300  # below a task's own limit, so that the store's other segments get theirs
WORK_MEM_MB = 64  # for the one hash of a large segment; without it the hash goes to disk

# `at` is later than every moment before, though a clock be set back.
BEGIN = """
    SELECT asked, members_count,
        GREATEST(clock_timestamp(), moved_at + interval '1 microsecond') AS at,
        EXISTS (
            SELECT 1 FROM segments_segmentmember
            WHERE tenant_id = %(tenant)s AND segment_id = %(segment)s AND valid_to IS NULL
        ) AS has_members
    FROM segments_segmentstate WHERE tenant_id = %(tenant)s AND segment_id = %(segment)s
"""
FIRST = """
    INSERT INTO segments_segmentmember (tenant_id, segment_id, customer_id, valid_from)
    SELECT %s, %s, found.id, %s::timestamptz FROM ({found}) AS found(id) ORDER BY found.id
"""
# Whether the same customers are found as are in: as many, and the same by a hash of 64 bits of all
# of them, which one other set in 10^19 has too. Unlike the difference it joins nothing and writes
# nothing, so that several workers may read, and most refreshes find nothing new.
UNCHANGED = """
    SELECT (
        SELECT ROW(count(*), bit_xor(hashint8extended(id, 0))) FROM ({found}) AS found(id)
    ) IS NOT DISTINCT FROM (
        SELECT ROW(count(*), bit_xor(hashint8extended(customer_id, 0)))
        FROM segments_segmentmember
        WHERE tenant_id = %s AND segment_id = %s AND valid_to IS NULL
    )
"""
# The index of open rows finds whom a row of the difference is about: who is in leaves, who is not
# joins. No join for the planner to choose a way for: of a segment's rows it knows little, and of
# those of a new one nothing. MATERIALIZED: all are compared before any is written.
DIFFERENCE = """
    WITH difference AS MATERIALIZED (
        SELECT COALESCE(found.id, held.customer_id) AS customer_id
        FROM ({found}) AS found(id)
        FULL JOIN (
            SELECT customer_id FROM segments_segmentmember
            WHERE tenant_id = %s AND segment_id = %s AND valid_to IS NULL
        ) AS held ON held.customer_id = found.id
        WHERE found.id IS NULL OR held.customer_id IS NULL
    ), moved AS (
        INSERT INTO segments_segmentmember AS old (tenant_id, segment_id, customer_id, valid_from)
        SELECT %s, %s, customer_id, %s::timestamptz FROM difference ORDER BY customer_id
        ON CONFLICT (tenant_id, segment_id, customer_id) WHERE valid_to IS NULL
            DO UPDATE SET valid_to = excluded.valid_from
        RETURNING valid_to
    )
    SELECT count(*) FILTER (WHERE valid_to IS NULL), count(valid_to) FROM moved
"""
END = """
    UPDATE segments_segmentstate SET
        members_count = members_count + %(joined)s - %(left)s, refreshed_at = %(at)s,
        moved_at = CASE WHEN %(joined)s + %(left)s > 0 THEN %(at)s ELSE moved_at END,
        done = GREATEST(done, %(asked)s),
        stale_since = CASE WHEN asked = %(asked)s THEN NULL ELSE stale_since END,
        day = %(day)s, timezone = %(timezone)s, currency = %(currency)s,
        follows_the_day = %(follows)s, took_ms = %(took)s,
        trouble = '', attempts = 0, held_until = NULL
    WHERE tenant_id = %(tenant)s AND segment_id = %(segment)s
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """How many customers joined and left, and when."""

    joined: int
    left: int
    at: datetime


@transaction.atomic
def refresh_segment(
    *, tenant: Tenant, definition: Definition, now: datetime | None = None
) -> Moved | None:
    """Close who left and open who joined, at one moment; None when the segment is gone.

    The caller holds the store's lease. A killed refresh leaves the old members whole.
    """
    began = time.monotonic()
    run(
        f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s';"
        f" SET LOCAL work_mem = '{WORK_MEM_MB}MB'",
        {},
    )
    mine = {"tenant": tenant.pk, "segment": definition.id}
    state = run(BEGIN, mine)
    if not state:
        return None
    ((asked, _, at, has_members),) = state
    clock = clock_of(tenant=tenant, now=now or at)
    joined, left = write_difference(tenant, definition, clock, at, has_members=has_members)
    run(
        END,
        mine
        | {
            "joined": joined,
            "left": left,
            "at": at,
            "asked": asked,
            "day": clock.today,
            "timezone": tenant.timezone,
            "currency": tenant.currency,
            "follows": definition.follows_the_day,
            "took": round(1_000 * (time.monotonic() - began)),
        },
    )
    return Moved(joined, left, at)


def write_difference(
    tenant: Tenant, definition: Definition, clock: Clock, at: datetime, *, has_members: bool
) -> tuple[int, int]:
    """Write who joined and who left; how many of each."""
    found, params = sql_of(definition, clock)
    mine = [tenant.pk, definition.id]
    # Django's cursor: the planner sees the query's values, and keeps no plan without them.
    with connection.cursor() as cursor:
        if not has_members:
            cursor.execute(FIRST.format(found=found), [*mine, at, *params])
            return cursor.rowcount, 0
        cursor.execute(UNCHANGED.format(found=found), [*params, *mine])
        if cursor.fetchone() == (True,):
            return 0, 0
        values = [*params, *mine, *mine, at]
        cursor.execute(DIFFERENCE.format(found=found), values)
        ((joined, left),) = cursor.fetchall()
    return joined, left


def sql_of(definition: Definition, clock: Clock) -> tuple[str, tuple[Any, ...]]:
    """The statement that gives the ids of who matches, with its parameters."""
    ids = matching(definition.node, clock=clock).order_by().values_list("pk")
    sql, params = ids.query.sql_with_params()
    return sql, tuple(params)
