"""Members of static segments: put in and taken out by hand, many in one statement."""

from collections.abc import Collection

from django.db import connection, transaction
from django.db.models import QuerySet

from customers.models import Customer
from segments.changes import note_touched
from segments.compiling.compiler import matching
from segments.definitions import clock_of, members_of, read_query
from segments.models import Segment, SegmentMember
from segments.waking import wake_keeper
from tenants.audit import Actor, save_audit
from tenants.models import Tenant
from xeno.lib.errors import Mistake
from xeno.lib.upsert import run

MOST_IDS = 10_000


class SegmentNotStatic(Mistake):
    """The members of a dynamic segment are those whom its query finds, and nobody else."""

    code = "segment_not_static"
    status = 409
    message = "The members of this segment come by its query."


class TooManyCustomers(Mistake):
    """More ids than one call takes."""

    code = "too_many_customers"
    message = f"Name at most {MOST_IDS} customers at once."


HOLD = """
    SELECT GREATEST(clock_timestamp(), moved_at + interval '1 microsecond')
    FROM segments_segmentstate WHERE tenant_id = %s AND segment_id = %s FOR UPDATE
"""
ADD = """
    INSERT INTO segments_segmentmember (tenant_id, segment_id, customer_id, valid_from)
    SELECT %s, %s, found.id, %s::timestamptz FROM ({found}) AS found(id) ORDER BY found.id
    ON CONFLICT DO NOTHING RETURNING customer_id
"""
REMOVE = """
    UPDATE segments_segmentmember m SET valid_to = %s::timestamptz
    FROM ({found}) AS found(id)
    WHERE m.tenant_id = %s AND m.segment_id = %s AND m.valid_to IS NULL
        AND m.customer_id = found.id
    RETURNING m.customer_id
"""
COUNT = """
    UPDATE segments_segmentstate SET members_count = members_count + %s, moved_at = %s
    WHERE tenant_id = %s AND segment_id = %s
"""


def add_members(
    *, actor: Actor, tenant: Tenant, segment_id: int, customer_ids: Collection[int]
) -> int:
    """Put customers into a static segment; gives how many were not in it.

    Ids of nobody are left out. Raises SegmentNotStatic, TooManyCustomers; Segment.DoesNotExist.
    """
    return move(actor, tenant, segment_id, by_ids(customer_ids), adding=True)


def remove_members(
    *, actor: Actor, tenant: Tenant, segment_id: int, customer_ids: Collection[int]
) -> int:
    """Take customers out of a static segment; gives how many were in it."""
    return move(actor, tenant, segment_id, by_ids(customer_ids), adding=False)


def add_matching(
    *,
    actor: Actor,
    tenant: Tenant,
    segment_id: int,
    query: str = "",
    other_id: int | None = None,
) -> int:
    """Put those into a static segment whom the query finds now, or who are in another segment."""
    return move(actor, tenant, segment_id, by_query(tenant, query, other_id), adding=True)


def remove_matching(
    *,
    actor: Actor,
    tenant: Tenant,
    segment_id: int,
    query: str = "",
    other_id: int | None = None,
) -> int:
    """Take those out whom the query finds now, or who are in another segment."""
    return move(actor, tenant, segment_id, by_query(tenant, query, other_id), adding=False)


def by_ids(customer_ids: Collection[int]) -> QuerySet[Customer]:
    """The customers of these ids; raises TooManyCustomers."""
    if len(customer_ids) > MOST_IDS:
        raise TooManyCustomers(field="customers")
    return Customer.objects.filter(pk__any_of=sorted(set(customer_ids)))


def by_query(tenant: Tenant, query: str, other_id: int | None) -> QuerySet[Customer]:
    """Whom the query finds now, or who is in the other segment; raises SegmentSyntaxError."""
    if other_id is not None:
        inside = SegmentMember.objects.filter(segment_id=other_id, valid_to=None)
        return Customer.objects.filter(pk__in=inside.values("customer_id"))
    return matching(read_query(query), clock=clock_of(tenant=tenant))


@transaction.atomic
def move(
    actor: Actor, tenant: Tenant, segment_id: int, who: QuerySet[Customer], *, adding: bool
) -> int:
    """Open or close their rows at one moment; gives how many."""
    segment: Segment = Segment.objects.get(pk=segment_id)
    if segment.dynamic:
        raise SegmentNotStatic
    mine = [tenant.pk, segment.pk]
    # Whoever else moves members of this segment waits, so that the moments follow each other.
    ((at,),) = run(HOLD, mine)
    found, params = who.order_by().values_list("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        # Of a segment's rows the planner knows little: it is not to compare each with each.
        cursor.execute("SET LOCAL enable_nestloop = off")
        if adding:
            cursor.execute(ADD.format(found=found), [*mine, at, *params])
        else:
            cursor.execute(REMOVE.format(found=found), [at, *params, *mine])
        moved = [pk for (pk,) in cursor.fetchall()]
    if moved:
        run(COUNT, [len(moved) if adding else -len(moved), at, *mine])
        note_touched(tenant=tenant, customer_ids=moved, kinds=[members_of(segment.pk)])
        wake_keeper(tenant)
        action = "segment.members_added" if adding else "segment.members_removed"
        save_audit(actor=actor, action=action, target=segment)
    return len(moved)
