"""`shopify_email.*` of the segment language: what people, and no machines, did with messages.

An activity is a campaign of ours, by our id. Where no provider tells of deliveries, a message that
was sent and did not bounce was delivered, when it was handed over.
"""

from django.db.models import Exists, OuterRef, Q

from campaigns.models import Message, Touch
from segments.compiling.events import COUNT, Events, by_date, by_id
from segments.compiling.sources import Source, add_source

# The kinds of changes that concern these, as `segments.changes` is told of them.
TOUCHES, MESSAGES = "touches", "messages"
Kind = Touch.Kind
KINDS: dict[str, tuple[Kind, ...]] = {
    "bounced": (Kind.BOUNCED, Kind.SOFT_BOUNCED),
    "clicked": (Kind.CLICKED,),
    "marked_as_spam": (Kind.COMPLAINED,),
    "opened": (Kind.OPENED,),
    "unsubscribed": (Kind.UNSUBSCRIBED,),
}


def touches_of(kinds: tuple[Kind, ...]) -> Source:
    """People's touches of these kinds."""
    which = Q(*(Q(kind=kind.value) for kind in kinds), _connector=Q.OR)
    return Events(
        model=Touch,
        kinds=frozenset({TOUCHES}),
        base=which & Q(machine=""),
        at="happened_at",
        choosers={
            "activity_id": by_id("campaign__id", nullable=False),
            "date": by_date("happened_at"),
        },
        totals={"count": COUNT},
    )


def touched(*kinds: Kind) -> Exists:
    """That the message has such a touch."""
    which = Q(*(Q(kind=kind.value) for kind in kinds), _connector=Q.OR)
    return Exists(Touch.objects.by_policy().filter(which, message=OuterRef("pk")))


def deliveries() -> Source:
    """Messages that arrived, as far as anybody knows."""
    arrived = touched(Kind.DELIVERED)
    bounced = touched(Kind.BOUNCED, Kind.SOFT_BOUNCED)
    return Events(
        model=Message,
        kinds=frozenset({TOUCHES, MESSAGES}),
        base=Q(state="sent", handed_at__isnull=False) & (Q(arrived) | ~Q(bounced)),
        at="handed_at",
        choosers={
            "activity_id": by_id("campaign__id", nullable=False),
            "date": by_date("handed_at"),
        },
        totals={"count": COUNT},
    )


def add_sources() -> None:
    """Let the language read them."""
    for name, kinds in KINDS.items():
        add_source(f"shopify_email.{name}", touches_of(kinds))
    add_source("shopify_email.delivered", deliveries())
