"""Segments of a text or of Shopify become segments here: each as a whole, or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import transaction

from segments.actions import SegmentData, check_name, create_segment
from segments.exchange.texts import MOST_SEGMENTS, Entry, read_segments
from segments.language import Advice, format_query, read
from segments.models import Segment
from tenants.audit import Actor
from tenants.models import Tenant
from xeno.lib.errors import Mistake, Particular


class Outcome(StrEnum):
    """What became of one segment."""

    CREATED = "created"
    SAME = "same"  # there already, with this name and query
    REFUSED = "refused"


class NothingToImport(Mistake):
    """A text in which no segment begins."""

    code = "nothing_to_import"
    message = "There is no segment in this text. A segment begins with its name in brackets."


class TooManySegments(Mistake):
    """More segments than one text may bring."""

    code = "too_many_segments"
    message = f"Import at most {MOST_SEGMENTS} segments at once."


@dataclass(frozen=True, slots=True)
class Imported:
    """One segment and what became of it; `name` is what it is called here, `line` where its name
    stands in the text. `rewritten` are older spellings, in whose place the query has today's."""

    asked_name: str
    outcome: Outcome
    name: str = ""
    query: str = ""
    segment_id: int | None = None
    line: int = 0
    problems: tuple[Particular, ...] = ()
    rewritten: tuple[Advice, ...] = field(default=())


@transaction.atomic
def import_text(
    *, actor: Actor, tenant: Tenant, text: str, dry_run: bool = False
) -> list[Imported]:
    """Make every segment of the text that can be made; gives what became of each.

    With `dry_run` nothing stays. Raises NothingToImport, TooManySegments.
    """
    entries = read_segments(text)
    if not entries:
        raise NothingToImport(field="text")
    if len(entries) > MOST_SEGMENTS:
        raise TooManySegments(field="text")
    done = import_entries(actor=actor, tenant=tenant, entries=entries)
    if dry_run:
        transaction.set_rollback(True)
    return done


def import_entries(*, actor: Actor, tenant: Tenant, entries: Iterable[Entry]) -> list[Imported]:
    """Make each that can be made, in order; one that names another may stand before it."""
    done: dict[int, Imported] = {}
    waiting = list(enumerate(entries))
    # Once more for those that failed while there are others that did not: a query may name a
    # segment that stands further down.
    while waiting:
        tried = [(n, entry, import_one(actor=actor, tenant=tenant, entry=entry))
                 for n, entry in waiting]  # fmt: skip
        done |= {number: result for number, _, result in tried}
        refused = [(n, entry) for n, entry, result in tried if result.outcome == Outcome.REFUSED]
        if len(refused) == len(waiting):
            break
        waiting = refused
    return [done[number] for number in sorted(done)]


def import_one(
    *, actor: Actor, tenant: Tenant, entry: Entry, shopify_id: int | None = None
) -> Imported:
    """Make one segment, under a name that is free; nothing of it stays where it cannot be made."""
    try:
        with transaction.atomic():
            check_name(entry.name)
            reading = read(entry.query)
            query = format_query(reading.node) if reading.advice else entry.query
            if same := find_same(entry.name, query, shopify_id):
                return Imported(
                    entry.name, Outcome.SAME, same.name, same.query, same.pk, entry.line
                )
            data = SegmentData(
                name=entry.name,
                query=query,
                description=entry.description,
                shopify_id=shopify_id,
            )
            made = create_segment(actor=actor, tenant=tenant, data=data, imported=True)
    except Mistake as mistake:
        problems = problems_of(mistake)
        return Imported(entry.name, Outcome.REFUSED, line=entry.line, problems=problems)
    return Imported(
        entry.name,
        Outcome.CREATED,
        made.name,
        made.query,
        made.pk,
        entry.line,
        rewritten=reading.advice,
    )


def find_same(name: str, query: str, shopify_id: int | None) -> Segment | None:
    """The segment that this is already: of the same name and query, or fetched before."""
    if shopify_id is not None:
        fetched: Segment | None = Segment.objects.filter(shopify_id=shopify_id).first()
        if fetched is not None:
            return fetched
    same: Segment | None = Segment.objects.filter(name=name.strip(), query=query.strip()).first()
    return same


def problems_of(mistake: Mistake) -> tuple[Particular, ...]:
    """What is wrong, one by one; places are those in the segment's own query."""
    return mistake.particulars or (Particular(mistake.code, str(mistake), mistake.field),)


def told(result: Imported) -> dict[str, Any]:
    """What became of a segment, as plain JSON: for answers, and for a job's report."""
    return {
        "asked_name": result.asked_name,
        "outcome": result.outcome.value,
        "name": result.name,
        "segment": None if result.segment_id is None else str(result.segment_id),
        "line": result.line,
        "problems": [each.told for each in result.problems],
        "rewritten": [advice.message for advice in result.rewritten],
    }
