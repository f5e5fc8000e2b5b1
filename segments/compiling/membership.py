"""Being in another segment: its own query stands in for it; a static one's members are rows."""

from collections.abc import Sequence
from dataclasses import replace

from django.db.models import Exists, OuterRef, Q

from segments.compiling.compiler import NO_MOMENT, compiled, every_clause
from segments.compiling.sources import Facts, Question, Source, storable
from segments.language import parse
from segments.language.problems import SegmentSyntaxError, problem, shown
from segments.language.tree import Clause, IsNull, Matches, Node
from segments.models import Segment, SegmentMember
from xeno.lib.errors import Mistake


class SegmentsInACircle(Mistake):
    """A segment leads back to itself; `names` are those on the way, the first one twice."""

    code = "segments_in_a_circle"
    status = 400
    message = "A segment cannot lead back to itself."

    def __init__(self, names: Sequence[str]) -> None:
        way = " → ".join(f"'{name}'" for name in names)
        super().__init__(f"{self.message} This one does: {way}.", field="query")
        self.names = tuple(names)


def find_segment(named: str) -> Segment | None:
    """The segment of that id, else the one of that name."""
    if not storable(named):
        return None
    if named.isascii() and named.isdigit() and len(named) < 19:
        found: Segment | None = Segment.objects.filter(pk=int(named)).first()
        if found is not None:
            return found
    by_name: Segment | None = Segment.objects.filter(name=named.strip()).first()
    return by_name


def get_segment(clause: Clause) -> Segment:
    """The segment that the clause names."""
    found = find_segment(clause.argument)
    if found is None:
        named = shown(clause.argument)
        says = f"'{named}' segment cannot be found."
        raise SegmentSyntaxError((problem("unknown_segment", says, clause.at, found=named),))
    return found


class Membership(Source):
    """`segment('12') MATCHES ()`: whom the segment's own query finds at the same moment."""

    def reads(self, clause: Clause) -> frozenset[str]:
        return frozenset({f"segment:{get_segment(clause).pk}"})

    def inner(self, clause: Clause, asked: Question) -> tuple[Node, Question] | None:
        segment = get_segment(clause)
        return follow(segment, asked) if segment.dynamic else None

    def condition(self, clause: Clause, asked: Question) -> Q:
        match clause.test:
            case IsNull(negated=outside):
                pass
            case Matches(negated=negated):
                outside = not negated
            case _:
                raise TypeError(f"{clause.name} cannot be asked so")
        segment = get_segment(clause)
        if segment.dynamic:
            found = compiled(*follow(segment, asked))
        else:
            rows = asked.rows(SegmentMember).filter(segment=segment, valid_to=None)
            found = Q(Exists(rows.filter(customer=OuterRef("pk"))))
        return found if outside else ~found

    def facts(self, clause: Clause, asked: Question) -> Facts:
        segment = get_segment(clause)
        return {"segment": segment.pk, "name": segment.name, "kind": segment.kind}


def follow(segment: Segment, asked: Question) -> tuple[Node, Question]:
    """The segment's query, and the question on the way through it; refuses a circle."""
    if segment.pk in asked.path:
        way = [*asked.path[asked.path.index(segment.pk) :], segment.pk]
        names = dict(Segment.objects.filter(pk__in=way).values_list("pk", "name"))
        raise SegmentsInACircle([names.get(pk, str(pk)) for pk in way])
    return parse(segment.query), replace(asked, path=(*asked.path, segment.pk))


def check_path(node: Node, *, path: Sequence[int] = ()) -> None:
    """Refuse a query that names no segment of the store, or leads back to one of the path."""
    for _ in every_clause(node, replace(NO_MOMENT, path=tuple(path))):
        pass
