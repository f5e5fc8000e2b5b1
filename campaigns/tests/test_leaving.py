"""Row 42 of the faults: customers who are deleted, merged or erased while campaigns are about
them."""

import pytest
from django.utils import timezone

from campaigns.leaving import erase, hand_over
from campaigns.models import (
    Campaign,
    LocalMail,
    Message,
    Preference,
    Suppression,
    Topic,
    Touch,
)
from campaigns.tests.conftest import make_customer, make_message
from customers.actions import remove_customers

NOW = timezone.now()
CLAIMED = {"holder": "00000000-0000-4000-8000-000000000001"}


def touch(message) -> Touch:
    return Touch.objects.create(
        message=message,
        campaign_id=message.campaign_id,
        customer_id=message.customer_id,
        kind="opened",
    )


@pytest.fixture
def leave(in_anas_store):
    """The customer goes, to somebody or to nobody."""

    def leave(*gone, kept=None):
        owners = dict.fromkeys((each.pk for each in gone), kept and kept.pk)
        hand_over(tenant=in_anas_store, owners=owners)
        remove_customers(tenant=in_anas_store, shopify_ids=[each.shopify_id for each in gone])

    return leave


def owners() -> list[tuple]:
    rows = Message.objects.order_by("pk")
    return list(rows.values_list("customer__shopify_id", "state", "reason"))


def test_f042_a_deleted_customers_message_stays_and_is_nobodys(leave, campaign, kim):
    message = make_message(campaign, kim, state="sent", handed_at=NOW)
    touch(message)
    Preference.objects.create(customer=kim, most=2)

    leave(kim)

    assert owners() == [(None, "sent", "")]
    assert Touch.objects.get().customer is None
    assert not Preference.objects.exists()


def test_f042_what_waits_for_a_deleted_customer_is_given_up(leave, campaign, kim):
    make_message(campaign, kim)

    leave(kim)

    assert owners() == [(None, "skipped", "erased")]


def test_f042_a_merged_customers_messages_go_to_the_kept_one(leave, campaign, kim, lee):
    touch(make_message(campaign, kim, state="sent", handed_at=NOW))

    leave(kim, kept=lee)

    assert owners() == [(2, "sent", "")]
    assert Touch.objects.get().customer == lee


def test_f042_of_two_who_become_one_nobody_is_written_to_twice(leave, campaign, kim, lee):
    make_message(campaign, kim)
    make_message(campaign, lee)

    leave(kim, kept=lee)

    assert owners() == [(None, "skipped", "duplicate"), (2, "queued", "")]


def test_f042_of_several_who_become_one_the_message_that_counts_stays(leave, campaign, kim, lee):
    ann = make_customer(3, "ann@example.com")
    make_message(campaign, kim, state="skipped", reason="capped")
    make_message(campaign, ann, state="sent", handed_at=NOW)

    leave(kim, ann, kept=lee)

    assert owners() == [(None, "skipped", "capped"), (2, "sent", "")]


def test_f042_the_kept_ones_own_wishes_stand(leave, in_anas_store, kim, lee):
    news, offers = (Topic.objects.create(name=name) for name in ("News", "Offers"))
    Preference.objects.create(customer=kim, most=1)
    Preference.objects.create(customer=lee, most=4)
    for topic in (news, offers):
        Preference.objects.create(customer=kim, topic=topic)
    Preference.objects.create(customer=lee, topic=news)

    leave(kim, kept=lee)

    rows = Preference.objects.order_by("topic__name").values_list("customer", "topic__name", "most")
    assert set(rows) == {(lee.pk, "News", None), (lee.pk, "Offers", None), (lee.pk, None, 4)}


def test_what_an_erased_person_waits_for_is_given_up(in_anas_store, campaign, sender, kim, lee):
    make_message(campaign, kim)
    other = Campaign.objects.create(name="Autumn", sender=sender)
    make_message(other, kim, state="claimed", **CLAIMED)
    make_message(campaign, lee)

    erase(tenant=in_anas_store, customer_ids=[kim.pk], addresses=["Kim@example.com"])

    assert owners() == [(1, "skipped", "erased"), (1, "skipped", "erased"), (2, "queued", "")]


def test_what_only_an_address_leads_to_goes_with_the_person(in_anas_store, campaign, kim, lee):
    for who in (kim, lee):
        Suppression.objects.create(address=who.email, reason="by_hand")
        LocalMail.objects.create(sender="a@e.example", recipient=who.email.title(), raw=b"x")
    gone = make_message(campaign, kim, state="sent", handed_at=NOW)
    Message.objects.filter(pk=gone.pk).update(customer=None)

    erase(tenant=in_anas_store, customer_ids=[], addresses=[kim.email])

    assert Suppression.objects.get().address == lee.email
    assert LocalMail.objects.get().recipient == lee.email.title()
    gone.refresh_from_db()
    assert (gone.state, gone.address) == ("sent", None)
