"""Row 41: however often and at once somebody clicks, one run comes of it."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.models import Audience, Campaign, Message, Sender
from campaigns.sending import starting
from campaigns.tests.conftest import make_customer, make_sendable
from conftest import api_of, make_member, make_store
from segments.models import Segment, SegmentMember
from tenants.models import AuditEntry
from tenants.roles import Role
from xeno.lib.postgres.scope import tenant_scope

CLICKS = 20


def make_ready() -> Campaign:
    """A draft that lacks nothing, for one person."""
    segment = Segment.objects.create(name="Everybody", kind="static")
    kim = make_customer(1, "kim@example.com")
    SegmentMember.objects.create(segment=segment, customer=kim, valid_from=timezone.now())
    sender = Sender.objects.create(name="Ana", email="ana@shop.example")
    campaign = Campaign.objects.create(
        name="Spring", sender=sender, subject="Spring", html="<p>Hello</p>"
    )
    make_sendable(campaign)
    Audience.objects.create(campaign=campaign, segment=segment)
    return campaign


@pytest.mark.django_db(transaction=True)
def test_f041_of_twenty_at_once_one_sends():
    store = make_store("ana.myshopify.com")
    ana = make_member(store, "ana@example.com", Role.OWNER)
    with tenant_scope(store.pk):
        campaign = make_ready()
    clients = [api_of(ana) for _ in range(CLICKS)]
    together, statuses = threading.Barrier(CLICKS), []

    def click(client):
        try:
            together.wait(30)
            statuses.append(client.post(f"/campaigns/{campaign.pk}/send").status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with tenant_scope(store.pk):
        starting.freeze(tenant=store, campaign=campaign)
        assert sorted(statuses) == [200, *[409] * (CLICKS - 1)]
        assert AuditEntry.objects.filter(action="campaign.sent").count() == 1
        assert Message.objects.count() == 1
