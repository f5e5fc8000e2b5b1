"""A scheduled campaign in a test's database, and what became of its messages."""

from collections import Counter
from datetime import timedelta

import psycopg
from django.utils import timezone

from campaigns.models import Campaign, Sender
from customers.models import Customer
from segments.models import Segment, SegmentMember, SegmentState
from tests.faults.own_engine import lent_to
from tests.faults.processes import Database
from xeno.lib.postgres.scope import tenant_scope

STATES = "SELECT state, count(*) FROM campaigns_message GROUP BY 1"
# One statement, so that both are of one moment.
EARLY = """
    SELECT count(*) FROM campaigns_campaign c JOIN campaigns_message m ON m.campaign_id = c.id
    WHERE c.state = 'sent' AND m.state IN ('queued', 'claimed', 'handing_over')
"""


def schedule(database: Database, people: int) -> int:
    """A campaign for so many people that is due now; its id."""
    with lent_to(database), tenant_scope(database.tenant_id):
        Customer.objects.bulk_create(
            Customer(shopify_id=n, email=f"p{n}@example.com", email_consent="subscribed")
            for n in range(1, people + 1)
        )
        segment = Segment.objects.create(name="Everybody", kind="static")
        now = timezone.now()
        SegmentMember.objects.bulk_create(
            SegmentMember(segment=segment, customer=customer, valid_from=now)
            for customer in Customer.objects.all()
        )
        SegmentState.objects.create(segment=segment, members_count=people, refreshed_at=now)
        sender = Sender.objects.create(name="Ana's Shop", email="ana@shop.example")
        campaign = Campaign.objects.create(name="Spring", sender=sender, subject="Spring")
        campaign.audiences.create(segment=segment)
        Campaign.objects.filter(pk=campaign.pk).update(
            state="scheduled",
            scheduled_for=now - timedelta(seconds=1),
            html="<p>Hello {{ customer.first_name }}</p>",
        )
        return int(campaign.pk)


def states(database: Database) -> Counter[str]:
    """How many messages are in which state."""
    with psycopg.connect(database.url(database.admin)) as admin:
        return Counter(dict(admin.execute(STATES).fetchall()))


def state_of(database: Database) -> str:
    """The campaign's own."""
    return str(database.ask("SELECT state FROM campaigns_campaign"))


def finished_early(database: Database) -> int:
    """How many messages are open of a campaign that is said to be sent."""
    return int(database.ask(EARLY))
