"""The preference centre's form: what stands, and what somebody sent."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.http import QueryDict
from django.utils import timezone

from campaigns.models import Topic
from campaigns.preferences import (
    MONTH,
    MOST_OFFERED,
    PAUSES,
    Wishes,
    read_wishes,
    save_wishes,
)
from tenants.models import Tenant

# What the fields may say beside a number.
KEEP, NO_PAUSE, NO_LIMIT = "keep", "none", ""


@dataclass(frozen=True, slots=True)
class Form:
    """What the page shows."""

    topics: list[tuple[Topic, bool]]  # and whether it is wanted
    until: datetime | None
    pauses: tuple[int, ...]
    most: int | None
    offered: list[int]


def read_form(customer_id: int | None) -> Form:
    """As things stand for the customer; for nobody, as they stand for who has chosen nothing."""
    wishes = read_wishes(customer_id) if customer_id is not None else Wishes()
    topics = Topic.objects.order_by("name")
    until = wishes.until if wishes.until and wishes.until > timezone.now() else None
    return Form(
        topics=[(topic, topic.pk not in wishes.unwanted) for topic in topics],
        until=until,
        pauses=PAUSES,
        most=wishes.most,
        offered=sorted({*MOST_OFFERED} | ({wishes.most} if wishes.most is not None else set())),
    )


def save_form(*, tenant: Tenant, customer_id: int, answers: QueryDict) -> None:
    """Save what was sent. An answer that the form does not offer changes nothing of its kind."""
    wishes = read_wishes(customer_id)
    shown, wanted = numbers(answers.getlist("shown")), numbers(answers.getlist("topic"))
    wishes = replace(
        wishes,
        # A topic that was not on the page when it was opened is not refused by it.
        unwanted=(wishes.unwanted - shown) | (shown - wanted),
        until=read_pause(answers.get("pause"), wishes.until),
        most=read_most(answers.get("most"), wishes.most),
    )
    save_wishes(tenant=tenant, customer_id=customer_id, wishes=wishes)


def read_pause(answer: str | None, now: datetime | None) -> datetime | None:
    """Until when nothing is to come."""
    if answer == NO_PAUSE:
        return None
    months = next((each for each in PAUSES if answer == str(each)), None)
    return now if months is None else timezone.now() + months * MONTH


def read_most(answer: str | None, now: int | None) -> int | None:
    """How many may come within 30 days; None: no limit of one's own."""
    if answer == NO_LIMIT:
        return None
    return next((each for each in MOST_OFFERED if answer == str(each)), now)


def numbers(answers: list[str]) -> frozenset[int]:
    """The ids among them; whatever else was sent is none."""
    return frozenset(
        int(each)
        for each in answers[:1000]
        if each.isascii() and each.isdecimal() and len(each) < 19
    )
