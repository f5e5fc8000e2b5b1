"""Bringing a few touched customers in step with many segments: one statement for all of them.

Each segment's own query is a branch. The tables that it reads are shadowed by the touched
customers' rows of them, read once: a branch scans a few hundred rows, not the store, whatever
plan it gets, and the planner has no index to weigh for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db import connection

from customers.models import Customer
from segments.definitions import Definition
from segments.language.clock import Clock
from segments.refreshing import sql_of
from tenants.models import Tenant
from xeno.lib.upsert import array, arrays, run, unnest

STATEMENT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Key:
    """All that a branch's SQL is made of."""

    tenant_id: int
    segment_id: int
    texts: tuple[str, ...]
    day: date
    zone: str
    currency: str


def refresh_touched(
    *,
    tenant: Tenant,
    customer_ids: Iterable[int],
    definitions: Sequence[Definition],
    clock: Clock,
) -> int:
    """Let these customers join and leave these segments, at one moment; how many rows moved.

    The caller holds the store's lease, in a transaction.
    """
    ids = sorted(set(customer_ids))
    if not ids or not definitions:
        return 0
    moves = find_moves(tenant, ids, definitions, clock)
    if moves:
        write_moves(tenant, moves)
    return len(moves)


MOVES = """
    SELECT COALESCE(found.segment, held.segment_id), COALESCE(found.id, held.customer_id)
    FROM ({branches}) AS found(segment, id)
    FULL JOIN (
        SELECT segment_id, customer_id FROM segments_segmentmember
        WHERE tenant_id = %s AND segment_id = ANY(%s::bigint[]) AND valid_to IS NULL
    ) AS held ON held.segment_id = found.segment AND held.customer_id = found.id
    WHERE held.customer_id IS NULL OR found.id IS NULL
    ORDER BY 1, 2
"""


def find_moves(
    tenant: Tenant, ids: list[int], definitions: Sequence[Definition], clock: Clock
) -> list[tuple[int, int]]:
    """Each segment and customer of whom one is in the other where they should not, or not yet."""
    touched = array(ids)
    branches = [branch_of(each, clock, tenant) for each in definitions]
    text = " UNION ALL ".join(
        f"SELECT {branch.segment_id}::bigint, b.* FROM ({branch.sql}) b" for branch in branches
    )
    read = [
        shadow for shadow in shadows() if f'"{shadow.table}"' in text or shadow.table == MEMBERS
    ]
    ctes = ", ".join(shadow.sql(text) for shadow in read)
    params: list[Any] = [value for _ in read for value in (tenant.pk, touched)]
    params += [value for branch in branches for value in branch.params]
    params += [tenant.pk, array(sorted(each.id for each in definitions))]
    with connection.cursor() as cursor:
        # Of the shadows the planner knows nothing, and joining row by row may take seconds.
        cursor.execute(
            f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'; SET LOCAL enable_nestloop = off"
        )
        cursor.execute(f"WITH {ctes} {MOVES.format(branches=text)}", params)
        found: list[tuple[int, int]] = cursor.fetchall()
        cursor.execute("SET LOCAL enable_nestloop = on")
    return found


MEMBERS = "segments_segmentmember"


@dataclass(frozen=True, slots=True)
class Shadow:
    """A table of which only the touched customers' rows are read; `key` says whose a row is."""

    table: str
    key: str
    columns: tuple[str, ...]

    def sql(self, text: str) -> str:
        """The part of WITH that stands for the table where `text` reads it: what it names of it."""
        always = ("id", "tenant_id", self.key)
        own = self.table == MEMBERS
        names = ", ".join(
            f'"{name}"' for name in self.columns if own or name in always or f'"{name}"' in text
        )
        return (
            f'"{self.table}" AS MATERIALIZED (SELECT {names} FROM "{self.table}"'
            f" WHERE tenant_id = %s AND {self.key} = ANY(%s::bigint[]))"
        )


@lru_cache(maxsize=1)
def shadows() -> tuple[Shadow, ...]:
    """Every table with rows of customers."""
    found = list[Shadow]()
    for model in apps.get_models():
        fields = model._meta.concrete_fields
        keys = [f.column for f in fields if f.name == "customer" and f.related_model is Customer]
        if model is Customer:
            keys = ["id"]
        if keys:
            columns = tuple(field.column for field in fields)
            found.append(Shadow(model._meta.db_table, keys[0], columns))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Branch:
    """One segment's own query."""

    segment_id: int
    sql: str
    params: tuple[Any, ...]


def branch_of(definition: Definition, clock: Clock, tenant: Tenant) -> Branch:
    """The segment's SQL of the store's day: within it, a query's meaning does not change."""
    key = Key(
        tenant.pk, definition.id, definition.texts, clock.today, clock.zone.key, clock.currency
    )
    if (kept := BRANCHES.get(key)) is None:
        if len(BRANCHES) >= MOST_KEPT:
            BRANCHES.clear()
        kept = BRANCHES[key] = Branch(definition.id, *sql_of(definition, clock))
    return kept


BRANCHES: dict[Key, Branch] = {}
MOST_KEPT = 5_000
MOVE_COLUMNS = {"segment_id": "bigint", "customer_id": "bigint"}
NOW = """
    SELECT GREATEST(clock_timestamp(), max(moved_at) + interval '1 microsecond')
    FROM segments_segmentstate WHERE tenant_id = %s AND segment_id = ANY(%s::bigint[])
"""
# As in a whole refresh: who is in leaves, and who is not joins.
MOVE = f"""
    INSERT INTO segments_segmentmember AS old (tenant_id, segment_id, customer_id, valid_from)
    SELECT %s, new.segment_id, new.customer_id, %s::timestamptz FROM {unnest(MOVE_COLUMNS)}
    ORDER BY new.segment_id, new.customer_id
    ON CONFLICT (tenant_id, segment_id, customer_id) WHERE valid_to IS NULL
        DO UPDATE SET valid_to = excluded.valid_from
    RETURNING segment_id, CASE WHEN valid_to IS NULL THEN 1 ELSE -1 END
"""
COUNT_COLUMNS = {"segment_id": "bigint", "change": "bigint"}
COUNT = f"""
    UPDATE segments_segmentstate s SET moved_at = %s::timestamptz,
        members_count = s.members_count + new.change
    FROM {unnest(COUNT_COLUMNS)} WHERE s.tenant_id = %s AND s.segment_id = new.segment_id
"""


def write_moves(tenant: Tenant, moves: list[tuple[int, int]]) -> None:
    """Close and open rows at one moment, and count them."""
    segments = sorted({segment_id for segment_id, _ in moves})
    ((at,),) = run(NOW, [tenant.pk, array(segments)])
    changes = dict.fromkeys(segments, 0)
    for segment_id, change in run(MOVE, [tenant.pk, at, *arrays(MOVE_COLUMNS, moves)]):
        changes[segment_id] += change
    run(COUNT, [at, *arrays(COUNT_COLUMNS, sorted(changes.items())), tenant.pk])
