"""What of the demo store its pages show: segments, a campaign that went out a week ago, a draft."""

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
from tenants.store_settings import dismiss_first_steps
from xeno.demo.afterwards import let_days_pass
from xeno.demo.payloads.shapes import SHOP_DOMAIN
from xeno.demo.store import check_allowed
from xeno.lib.errors import Mistake
from xeno.lib.postgres.scope import tenant_scope

LOYAL = "number_of_orders >= 2 AND email_subscription_status = 'SUBSCRIBED'"
NEW = "number_of_orders <= 1 OR first_order_date >= -90d"
SENT_NAME, DRAFT_NAME = "Winter letter", "Spring letter"
SECONDS = 60  # for which the worker is waited for
OPEN = {Campaign.State.DRAFT, Campaign.State.SCHEDULED, Campaign.State.SENDING}


class NoDemoStore(Mistake):
    """There is nothing to show."""

    code = "no_demo_store"
    status = 404
    message = "There is no demo store here: `manage.py demo` builds it."


def show_something() -> None:
    """Make them where the store has none. Raises DemoRefused, NoDemoStore.

    The campaign goes out by the running worker, to the local mailbox.
    """
    check_allowed()
    store = Tenant.objects.filter(shop_domain=SHOP_DOMAIN).first()
    if store is None:
        raise NoDemoStore
    with tenant_scope(store.pk):
        if not Segment.objects.exists():
            for name, query in (("Loyal readers", LOYAL), ("Newcomers", NEW)):
                data = SegmentData(name=name, query=query)
                create_segment(actor=Actor(), tenant=store, data=data)
            keeping.keep(tenant=store, seconds=SECONDS)
        if not Campaign.objects.exists():
            sender = Sender.objects.create(name=store.name, email="hello@hart-and-thread.example")
            address = {"postal_address": "1 Harbour Street, York"}
            SendingSettings.objects.update_or_create(defaults=address)
            first, *_, last = Segment.objects.order_by("pk")[:2]
            letter = write_newsletter(store, sender, SENT_NAME, first)
            send_and_wait(store, letter)
            let_days_pass(store=store, campaign=letter)
            write_newsletter(store, sender, DRAFT_NAME, last)
        if store.steps_dismissed_at is None:
            dismiss_first_steps(actor=Actor(), tenant=store)


def write_newsletter(store: Tenant, sender: Sender, name: str, to: Segment) -> Campaign:
    """The library's newsletter to a segment, as a draft."""
    words = LIBRARY["newsletter"]
    return create_campaign(
        actor=Actor(),
        tenant=store,
        changes={
            "name": name, "subject": words.subject, "preheader": words.preheader,
            "html": words.html, "sender_id": sender.pk, "include": [to.pk],
        },
    )  # fmt: skip


def send_and_wait(store: Tenant, campaign: Campaign) -> None:
    """Have the worker send it, and wait until it has gone out."""
    schedule_campaign(actor=Actor(), tenant=store, campaign_id=campaign.pk)
    until = timezone.now().timestamp() + SECONDS
    while Campaign.objects.get(pk=campaign.pk).state in OPEN and time.time() < until:
        time.sleep(1)
