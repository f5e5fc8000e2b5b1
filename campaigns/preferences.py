"""What a customer wants to hear of, how often, and from when on again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from campaigns.models import Preference, Topic
from customers.models import Customer
from tenants.models import Tenant

MOST_OFFERED = (1, 2, 4, 8)  # messages in 30 days
MONTH = timedelta(days=30)
PAUSES = (1, 3)  # months


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that a customer has chosen; with nothing chosen everything is wanted."""

    unwanted: frozenset[int] = frozenset()  # topics
    until: datetime | None = None  # nothing before
    most: int | None = None  # messages in 30 days


def read_wishes(customer_id: int) -> Wishes:
    """What the customer has chosen."""
    rows = list(Preference.objects.filter(customer=customer_id))
    return Wishes(
        unwanted=frozenset(row.topic_id for row in rows if row.topic_id is not None),
        until=next((row.until for row in rows if row.until is not None), None),
        most=next((row.most for row in rows if row.most is not None), None),
    )


@transaction.atomic
def save_wishes(*, tenant: Tenant, customer_id: int, wishes: Wishes) -> None:
    """Let these stand in place of what was chosen before; topics of no such id are left out.

    Raises Customer.DoesNotExist.
    """
    Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    Preference.objects.filter(customer=customer_id).delete()
    Preference.objects.bulk_create(rows_of(customer_id, wishes, known_topics(wishes.unwanted)))


def known_topics(ids: Collection[int]) -> list[int]:
    """Those of the topics that the open store has."""
    return list(Topic.objects.filter(id__in=ids).order_by("pk").values_list("pk", flat=True))


def rows_of(customer_id: int, wishes: Wishes, topics: list[int]) -> list[Preference]:
    """One row for each thing that was chosen."""
    rows = [Preference(customer_id=customer_id, topic_id=topic) for topic in topics]
    if wishes.until is not None:
        rows.append(Preference(customer_id=customer_id, until=wishes.until))
    if wishes.most is not None:
        rows.append(Preference(customer_id=customer_id, most=wishes.most))
    return rows
