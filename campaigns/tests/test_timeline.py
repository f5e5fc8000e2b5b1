"""A customer's timeline has what they were sent and what they did with it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Message, Touch
from campaigns.tests.conftest import make_message
from customers.timeline import timeline
from tenants.roles import Right

NOW = timezone.now()


@pytest.fixture
def message(campaign, kim) -> Message:
    return make_message(campaign, kim, state="sent", handed_at=NOW - timedelta(hours=9))


def touch(message, kind, hours, machine=""):
    Touch.objects.create(
        message=message,
        campaign_id=message.campaign_id,
        customer_id=message.customer_id,
        kind=kind,
        machine=machine,
        happened_at=NOW - timedelta(hours=hours),
    )


def test_sent_opened_clicked_unsubscribed_newest_first(message, kim):
    touch(message, "unsubscribed", 1)
    touch(message, "clicked", 2)
    touch(message, "opened", 3)
    touch(message, "opened", 4, machine="relay")

    events = timeline(kim, holds=lambda right: True)

    assert [(event.kind, event.text) for event in events] == [
        ("message.unsubscribed", "Unsubscribed by Spring"),
        ("message.clicked", "Clicked in Spring"),
        ("message.opened", "Opened Spring"),
        ("message.sent", "Sent: Spring"),
    ]


def test_pages_go_on_where_the_last_one_ended(message, kim):
    for hours in range(1, 7):
        touch(message, "opened", hours)
    whole = timeline(kim, holds=lambda right: True)

    first = timeline(kim, holds=lambda right: True, most=3)
    rest = timeline(kim, holds=lambda right: True, before=first[-1].place)

    assert [*first, *rest] == whole
    assert len(whole) == 7


def test_who_may_not_see_campaigns_sees_none_of_it(message, kim):
    touch(message, "opened", 1)

    assert timeline(kim, holds=lambda right: right != Right.VIEW_CAMPAIGNS) == []


def test_a_message_that_never_left_is_not_in_it(campaign, kim):
    make_message(campaign, kim, state="skipped", reason="capped")

    assert timeline(kim, holds=lambda right: True) == []
