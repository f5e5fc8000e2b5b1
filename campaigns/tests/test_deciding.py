"""The winner of a test is found once, by people, and given to who waits."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from campaigns import deciding
from campaigns.models import Campaign, LocalMail, Message, SendingSettings, Touch
from campaigns.sending import handing
from campaigns.tests.conftest import make_customer, make_message
from orders.models import Order
from tests.rows import make_row

PEOPLE = 100  # a variant


@pytest.fixture
def tested(campaign) -> Campaign:
    """A day ago a hundred people each got A and B; two more wait for the winner."""
    then = timezone.now() - timedelta(days=1)
    Campaign.objects.update(
        state="sending",
        started_at=then,
        frozen_at=then,
        progressed_at=then,
        decided_at_size=PEOPLE,
        decided_after_hours=24,
        variants=[{"key": "B", "subject": "Other"}],
    )
    for number in range(2 * PEOPLE):
        person = make_customer(number + 1, f"p{number}@example.com")
        variant = "A" if number < PEOPLE else "B"
        make_message(campaign, person, state="sent", handed_at=then, variant=variant)
    for number in (1000, 1001):
        person = make_customer(number, f"p{number}@example.com")
        make_message(campaign, person, variant="", not_before=then)
    campaign.refresh_from_db()
    return campaign


def click(variant: str, count: int, machine: str = "") -> None:
    for message in Message.objects.filter(variant=variant, state="sent").order_by("pk")[:count]:
        Touch.objects.create(
            message=message,
            campaign=message.campaign,
            customer=message.customer,
            kind="clicked",
            machine=machine,
        )


def waiting() -> list[str]:
    return list(Message.objects.filter(state="queued").values_list("variant", flat=True))


def test_who_waits_gets_what_people_clicked_more(in_anas_store, tested):
    click("A", 5)
    click("B", 40)

    assert deciding.decide_due(tenant=in_anas_store) == 1

    assert Campaign.objects.get().winner == "B"
    assert waiting() == ["B", "B"]


@pytest.mark.parametrize(
    "late",
    [{"state": "queued"}, {"state": "sent", "handed_at": timezone.now() - timedelta(hours=1)}],
)
def test_nothing_is_decided_before_the_whole_test_has_had_its_time(in_anas_store, tested, late):
    """What waited for its hour, a rate or a provider would count as nobody's click."""
    click("B", 40)
    last = Message.objects.filter(variant="A").latest("pk")
    Message.objects.filter(pk=last.pk).update(**{"handed_at": None, **late})

    assert deciding.decide_due(tenant=in_anas_store) == 0
    Message.objects.filter(pk=last.pk).update(
        state="sent", handed_at=timezone.now() - timedelta(days=1)
    )
    assert deciding.decide_due(tenant=in_anas_store) == 1


def test_a_difference_that_chance_makes_is_none(in_anas_store, tested):
    click("A", 10)
    click("B", 14)

    deciding.decide_due(tenant=in_anas_store)

    assert Campaign.objects.get().winner == "A"
    assert waiting() == ["A", "A"]


def test_machines_choose_nothing(in_anas_store, tested):
    click("A", 5)
    click("B", 90, machine="all_links")

    deciding.decide_due(tenant=in_anas_store)

    assert Campaign.objects.get().winner == "A"


def test_orders_decide_where_they_are_to(in_anas_store, tested):
    Campaign.objects.update(decided_by="orders")
    click("A", 90)
    for message in Message.objects.filter(variant="B").order_by("pk")[:30]:
        make_row(Order, customer=message.customer, currency="GBP", processed_at=timezone.now())

    deciding.decide_due(tenant=in_anas_store)

    assert Campaign.objects.get().winner == "B"


def test_it_is_decided_once(in_anas_store, tested):
    click("B", 40)
    deciding.decide_due(tenant=in_anas_store)
    click("A", 90)

    again = deciding.decide_one(tenant=in_anas_store, campaign_id=tested.pk)

    assert not again
    assert deciding.decide_due(tenant=in_anas_store) == 0
    assert Campaign.objects.get().winner == "B"


@pytest.mark.parametrize(
    "changes",
    [{"decided_after_hours": 25}, {"decided_at_size": 0}, {"state": "paused"}],
)
def test_what_is_not_due_is_not_decided(in_anas_store, tested, changes):
    Campaign.objects.update(**changes)

    assert deciding.decide_due(tenant=in_anas_store) == 0
    assert waiting() == ["", ""]


def test_who_waited_is_not_late_and_not_woken_at_night(in_anas_store, tested):
    local = timezone.now().astimezone(in_anas_store.zone)
    begins, ends = (local + timedelta(hours=hours) for hours in (-1, 1))
    SendingSettings.objects.create(
        quiet_from=time(begins.hour, begins.minute), quiet_until=time(ends.hour, ends.minute)
    )

    deciding.decide_due(tenant=in_anas_store)

    for message in Message.objects.filter(state="queued"):
        assert timezone.now() + timedelta(minutes=50) < message.not_before
    assert Campaign.objects.get().progressed_at > timezone.now() - timedelta(minutes=1)


def test_a_workers_turn_decides_and_sends_the_winner(in_anas_store, tested, settings):
    settings.CAMPAIGN_PROVIDER = "mailbox"
    SendingSettings.objects.create(postal_address="1 Harbour Street, York")
    click("B", 40)

    handing.send_turn(tenant=in_anas_store)

    assert set(LocalMail.objects.values_list("subject", flat=True)) == {"Other"}
    assert set(LocalMail.objects.values_list("campaign", flat=True)) == {Campaign.objects.get().pk}
    assert LocalMail.objects.count() == 2
    assert Campaign.objects.get().state == "sent"
