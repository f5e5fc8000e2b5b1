"""A segment and a sent campaign of the demo store, without which half of its pages are empty."""

import time

from django.utils import timezone

from campaigns.actions import create_campaign
from campaigns.content.library import LIBRARY
from campaigns.lifecycle import schedule_campaign
from campaigns.models import Campaign, Sender, SendingSettings
from segments import keeping
from segments.actions import SegmentData, create_segment
from segments.models import Segment
from tenants.audit import Actor
from tenants.models import Tenant
from xeno.demo.payloads.shapes import SHOP_DOMAIN
from xeno.demo.store import check_allowed
from xeno.lib.errors import Mistake
from xeno.lib.postgres.scope import tenant_scope

QUERY = "number_of_orders >= 2 AND email_subscription_status = 'SUBSCRIBED'"
SECONDS = 60  # for which the worker is waited for
OPEN = {Campaign.State.DRAFT, Campaign.State.SCHEDULED, Campaign.State.SENDING}


class NoDemoStore(Mistake):
    """There is nothing to show."""

    code = "no_demo_store"
    status = 404
    message = "There is no demo store here: `manage.py demo` builds it."


def show_something() -> None:
    """Make both where the store has none. Raises DemoRefused, NoDemoStore.

    The campaign goes out by the running worker, to the local mailbox.
    """
    check_allowed()
    store = Tenant.objects.filter(shop_domain=SHOP_DOMAIN).first()
    if store is None:
        raise NoDemoStore
    with tenant_scope(store.pk):
        if not Segment.objects.exists():
            data = SegmentData(name="Loyal readers", query=QUERY)
            create_segment(actor=Actor(), tenant=store, data=data)
            keeping.keep(tenant=store, seconds=SECONDS)
        if not Campaign.objects.exists():
            send_newsletter(store)


def send_newsletter(store: Tenant) -> None:
    """The library's newsletter to the first segment, and wait until it has gone out."""
    words = LIBRARY["newsletter"]
    sender = Sender.objects.create(name=store.name, email="hello@hart-and-thread.example")
    SendingSettings.objects.update_or_create(defaults={"postal_address": "1 Harbour Street, York"})
    segment = Segment.objects.earliest("pk")
    campaign = create_campaign(
        actor=Actor(),
        tenant=store,
        changes={
            "name": "Winter letter", "subject": words.subject, "preheader": words.preheader,
            "html": words.html, "sender_id": sender.pk, "include": [segment.pk],
        },
    )  # fmt: skip
    schedule_campaign(actor=Actor(), tenant=store, campaign_id=campaign.pk)
    until = timezone.now().timestamp() + SECONDS
    while Campaign.objects.get(pk=campaign.pk).state in OPEN and time.time() < until:
        time.sleep(1)
