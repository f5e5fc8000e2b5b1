"""What a store's dynamic segments ask for: their queries read, and what each of them reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from segments.changes import EVERYTHING
from segments.compiling.compiler import follows_the_day, reads_of
from segments.language import parse
from segments.language.clock import Clock
from segments.language.tree import Node
from segments.models import Segment
from tenants.models import Tenant
from xeno.lib.errors import Mistake
from xeno.lib.upsert import run

NAMED = "segment:"  # what a query that names another segment reads: its members


@dataclass(frozen=True, slots=True)
class Definition:
    """One dynamic segment. `includes` are the ids of all segments that its query leads to."""

    id: int
    query: str
    node: Node
    reads: frozenset[str]
    follows_the_day: bool
    includes: frozenset[int]
    texts: tuple[str, ...]  # all that its SQL is made of: with the day, what it may be kept for


@lru_cache(maxsize=5_000)
def read_query(text: str) -> Node:
    """The tree of a query that was valid when it was saved; raises SegmentSyntaxError."""
    return parse(text)


def clock_of(*, tenant: Tenant, now: datetime | None = None) -> Clock:
    """The store's clock, at the database's time where none is given: a worker's may be off."""
    if now is None:
        ((now,),) = run("SELECT clock_timestamp()", [])
    return Clock(now=now, zone=tenant.zone, currency=tenant.currency)


def load_definitions() -> tuple[list[Definition], dict[int, str]]:
    """The open store's dynamic segments by id, and of those that cannot be read the code why."""
    rows = list(Segment.objects.order_by("pk").values_list("pk", "name", "kind", "query"))
    every = tuple(str(part) for row in rows for part in row)
    found, broken = list[Definition](), dict[int, str]()
    for pk, _, kind, query in rows:
        if kind == Segment.Kind.DYNAMIC:
            try:
                found.append(read_definition(pk, query, every))
            except Mistake as mistake:
                broken[pk] = mistake.code
    return found, broken


def read_definition(pk: int, query: str, every: tuple[str, ...] = ()) -> Definition:
    """The segment with all that is read by those that its query leads to.

    `every` is what the store's segments are. Raises SegmentSyntaxError, SegmentsInACircle.
    """
    node = read_query(query)
    reads = frozenset(reads_of(node, path=(pk,)))
    includes = frozenset(int(r.removeprefix(NAMED)) for r in reads if r.startswith(NAMED))
    return Definition(
        id=pk,
        query=query,
        node=node,
        reads=reads,
        follows_the_day=follows_the_day(node, path=(pk,)),
        includes=includes,
        texts=every if includes else (query,),
    )


def members_of(segment_id: int) -> str:
    """What of the data is the membership of a segment that others name."""
    return f"{NAMED}{segment_id}"


def reading(definitions: Iterable[Definition], kinds: Iterable[str]) -> list[Definition]:
    """Those that read anything of what changed."""
    changed = frozenset(kinds)
    if EVERYTHING in changed:
        return list(definitions)
    return [each for each in definitions if each.reads & changed]
