"""Writes of segments themselves: what they are called and what they ask for.

All run within the scope of `tenant`, in the caller's transaction or one of their own.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from customers.editing import hold_store
from segments.definitions import load_definitions, read_definition, read_query
from segments.holders import HOLDERS
from segments.models import Segment, SegmentState
from segments.waking import wake_keeper
from tenants.audit import Actor, save_audit
from tenants.models import Tenant
from xeno.lib.errors import Mistake
from xeno.lib.upsert import run

LONGEST_NAME, LONGEST_DESCRIPTION = 255, 5_000
# As Shopify says it.
BLANK_NAME = "Name can't be blank"
LONG_NAME = f"Name is too long (maximum is {LONGEST_NAME} characters)"
MOST_SAME_NAMES = 100


class SegmentNameTaken(Mistake):
    """Another segment of the store is called so."""

    code = "segment_name_taken"
    status = 409
    message = "Another segment has this name."


class SegmentNameNotValid(Mistake):
    """An empty, too long or unprintable name."""

    code = "segment_name_not_valid"
    message = f"A name has 1 to {LONGEST_NAME} printable characters."


class SegmentHasNoQuery(Mistake):
    """A dynamic segment without a query, or a static one with one."""

    code = "segment_query_not_fitting"
    message = "A dynamic segment has a query, and a static one has none."


class SegmentInUse(Mistake):
    """The query of another segment names this one, or something of an app above does."""

    code = "segment_in_use"
    status = 409
    message = "Another segment's query, or a campaign that is yet to go out, names this one."


@dataclass(frozen=True, slots=True)
class SegmentData:
    """What a new segment is."""

    name: str
    kind: str = Segment.Kind.DYNAMIC
    query: str = ""
    description: str = ""
    shopify_id: int | None = None
    template: str = ""


@transaction.atomic
def create_segment(
    *, actor: Actor, tenant: Tenant, data: SegmentData, imported: bool = False
) -> Segment:
    """Make a segment; its members come with the first refresh, which is asked for here.

    One of a taken name is refused, or with `imported` called "… (2)". Raises SegmentSyntaxError,
    SegmentNameNotValid, SegmentNameTaken, SegmentHasNoQuery, SegmentsInACircle.
    """
    name, query = check_name(data.name), data.query.strip()
    check_query(kind=data.kind, query=data.query)
    if imported:
        name = free_name(name)
    dynamic = data.kind == Segment.Kind.DYNAMIC
    if dynamic and not Segment.objects.dynamic().exists():
        # A batch that is being written has seen no segment, and notes nothing: it ends first.
        hold_store(tenant=tenant)
    segment = insert(
        Segment(
            name=name,
            kind=data.kind,
            query=query,
            description=data.description.strip()[:LONGEST_DESCRIPTION],
            shopify_id=data.shopify_id,
            template=data.template,
        )
    )
    check_leads_nowhere(segment)  # others may name it already by its name
    SegmentState.objects.create(segment=segment, asked=1 if dynamic else 0)
    if dynamic:
        run(STALE, [tenant.pk, segment.pk])
        wake_keeper(tenant)
    save_audit(actor=actor, action="segment.created", target=segment)
    return segment


STALE = """
    UPDATE segments_segmentstate SET stale_since = clock_timestamp()
    WHERE tenant_id = %s AND segment_id = %s
"""


def insert(segment: Segment) -> Segment:
    """Write the new row; raises SegmentNameTaken."""
    try:
        with transaction.atomic():
            segment.save()
    except IntegrityError as error:
        if "one_segment_per_name" in str(error):
            raise SegmentNameTaken(field="name") from None
        raise
    segment.refresh_from_db()
    return segment


@transaction.atomic
def edit_segment(
    *,
    actor: Actor,
    tenant: Tenant,
    segment_id: int,
    name: str | None = None,
    query: str | None = None,
    description: str | None = None,
) -> list[str]:
    """Change what is given; gives the names of the fields that are not as before.

    A changed query keeps the old members until it is refreshed. Raises what `create_segment`
    does; Segment.DoesNotExist.
    """
    segment: Segment = Segment.objects.select_for_update(no_key=True).get(pk=segment_id)
    wanted = {
        "name": None if name is None else check_name(name),
        "query": None if query is None else query.strip(),
        "description": None if description is None else description.strip()[:LONGEST_DESCRIPTION],
    }
    changes = {
        field: value
        for field, value in wanted.items()
        if value is not None and value != getattr(segment, field)
    }
    if not changes:
        return []
    for field, value in changes.items():
        setattr(segment, field, value)
    check_query(kind=segment.kind, query=segment.query if query is None else query)
    broken = load_definitions()[1].keys() if "name" in changes else set()
    write_changes(segment, changes)
    if "query" in changes or "name" in changes:
        check_leads_nowhere(segment)
        check_still_named(broken)
        ask_for_all_that_name(tenant=tenant, segment_id=segment.pk)
        wake_keeper(tenant)
    save_audit(actor=actor, action="segment.changed", target=segment, fields=changes)
    return sorted(changes)


def write_changes(segment: Segment, changes: dict[str, str]) -> None:
    """Write them; raises SegmentNameTaken."""
    try:
        with transaction.atomic():
            Segment.objects.filter(pk=segment.pk).update(**changes, updated_at=Now())
    except IntegrityError as error:
        if "one_segment_per_name" in str(error):
            raise SegmentNameTaken(field="name") from None
        raise


# Of a renamed one too: whoever names it by its name names nobody now, or it. The word alone is
# looked for: space and comments may stand before its parenthesis, and one refresh in vain is cheap.
ASK_ALL_NAMING = """
    UPDATE segments_segmentstate s SET asked = asked + 1,
        stale_since = COALESCE(stale_since, clock_timestamp()), held_until = NULL
    FROM segments_segment g
    WHERE s.tenant_id = %s AND g.tenant_id = s.tenant_id AND g.id = s.segment_id
        AND g.kind = 'dynamic' AND (g.id = %s OR position('segment' IN g.query) > 0)
"""


def ask_for_all_that_name(*, tenant: Tenant, segment_id: int) -> None:
    """Ask for the refresh of this segment, and of those whose queries name any."""
    run(ASK_ALL_NAMING, [tenant.pk, segment_id])


@transaction.atomic
def delete_segment(*, actor: Actor, tenant: Tenant, segment_id: int) -> None:
    """Delete a segment: nobody sees it from now on, and its rows go batch by batch.

    Raises SegmentInUse; Segment.DoesNotExist.
    """
    segment: Segment = Segment.objects.select_for_update(no_key=True).get(pk=segment_id)
    if names_of_users(segment) or any(each.names_segment(segment.pk) for each in HOLDERS):
        raise SegmentInUse
    save_audit(actor=actor, action="segment.deleted", target=segment)
    Segment.objects.filter(pk=segment.pk).update(deleted_at=Now(), shopify_id=None)
    wake_keeper(tenant)


def names_of_users(segment: Segment) -> list[str]:
    """The names of the segments whose queries name this one."""
    users = {each.id for each in load_definitions()[0] if segment.pk in each.includes}
    return list(
        Segment.objects.filter(pk__in=users).order_by("name").values_list("name", flat=True)
    )


def check_name(name: str) -> str:
    """The name without spaces around it; raises SegmentNameNotValid."""
    trimmed = name.strip()
    if not trimmed:
        raise SegmentNameNotValid(BLANK_NAME, field="name")
    if len(trimmed) > LONGEST_NAME:
        raise SegmentNameNotValid(LONG_NAME, field="name")
    if not trimmed.isprintable():
        raise SegmentNameNotValid(field="name")
    return trimmed


def check_query(*, kind: str, query: str) -> None:
    """Raise unless the query, with the space around it, fits the kind and can be read."""
    asks = bool(query.strip())
    if (kind == Segment.Kind.DYNAMIC) is not asks:
        raise SegmentHasNoQuery(field="query")
    if asks:
        read_query(query)


def check_leads_nowhere(segment: Segment) -> None:
    """Raise SegmentsInACircle when the segment, as it is written now, leads back to itself."""
    if segment.dynamic:
        read_definition(segment.pk, segment.query)


def check_still_named(broken: Collection[int]) -> None:
    """Raise SegmentInUse when a query that could be read cannot be any more."""
    if load_definitions()[1].keys() - broken:
        raise SegmentInUse(field="name")


def free_name(name: str) -> str:
    """The name, or with the first number behind it that is not taken."""
    taken = set(Segment.objects.values_list("name", flat=True))
    names = [name, *(f"{name[: LONGEST_NAME - 6]} ({n})" for n in range(2, MOST_SAME_NAMES))]
    return next((each for each in names if each not in taken), name)
