"""As if the demo's letter had gone out a week ago: what its readers did, and who joined meanwhile.

Set-based and by the ids alone, so that a second store of the same story shows the same.
"""

from datetime import timedelta

from django.db.models import F

from campaigns.models import Campaign, LocalMail, Message, Reach, Touch
from campaigns.numbers import reach
from campaigns.tracking.unsubscribing import unsubscribe
from orders.numbers.periods import back, today_of
from segments.models import Segment
from tenants.models import Tenant
from xeno.lib.upsert import run

AGO = timedelta(days=8)
JOINED_WITHIN = timedelta(days=120)
COUNTED_BEFORE = 45  # days: before the 30 that the home page compares with
WHO_LEAVES = 2

# Nobody before the shop knew them.
JOINED = """
    UPDATE segments_segmentmember m
    SET valid_from = LEAST(m.valid_from, GREATEST(
        c.created_at, m.valid_from - (c.id * 617 %% 1000) / 1000.0 * %(within)s::interval
    ))
    FROM customers_customer c
    WHERE m.tenant_id = %(tenant)s AND m.valid_to IS NULL
        AND c.tenant_id = %(tenant)s AND c.id = m.customer_id
"""
# Whoever ordered after the letter came by it; of the others nearly half open it, some click.
READ = """
    WITH sent AS (
        SELECT m.*, (m.id * 617 %% 1000) / 1000.0 AS luck, (m.id * 389 %% 1000) / 1000.0 AS haste, (
            SELECT min(o.processed_at) FROM orders_order o
            WHERE o.tenant_id = %(tenant)s AND o.customer_id = m.customer_id AND o.counted
                AND o.processed_at > m.handed_at + interval '1 hour'
        ) AS ordered_at, (
            SELECT l.id FROM campaigns_link l
            WHERE l.tenant_id = %(tenant)s AND l.campaign_id = m.campaign_id
            ORDER BY (l.position * 31 + m.id) %% 7, l.id LIMIT 1
        ) AS link_id
        FROM campaigns_message m
        WHERE m.tenant_id = %(tenant)s AND m.campaign_id = %(campaign)s AND m.state = 'sent'
    ), opened AS (
        SELECT *, COALESCE(
            ordered_at - interval '20 minutes',
            handed_at + interval '2 minutes' + haste ^ 3 * interval '60 hours'
        ) AS at
        FROM sent WHERE luck < 0.45 OR ordered_at IS NOT NULL
    ), touches(message_id, campaign_id, customer_id, kind, link_id, happened_at) AS (
        SELECT id, campaign_id, customer_id, 'delivered', NULL::bigint,
            handed_at + interval '1 minute'
        FROM sent
        UNION ALL SELECT id, campaign_id, customer_id, 'opened', NULL::bigint, at FROM opened
        UNION ALL
        SELECT id, campaign_id, customer_id, 'clicked', link_id, at + interval '2 minutes'
        FROM opened WHERE luck < 0.15 OR ordered_at IS NOT NULL
    )
    INSERT INTO campaigns_touch
        (tenant_id, message_id, campaign_id, customer_id, kind, link_id, happened_at)
    SELECT %(tenant)s, t.* FROM touches t
"""


def let_days_pass(*, store: Tenant, campaign: Campaign) -> None:
    """Make the sent campaign and the segments of the open store older, and fill the days since."""
    send_earlier(campaign)
    Segment.objects.update(created_at=F("created_at") - JOINED_WITHIN)
    params = {"tenant": store.pk, "campaign": campaign.pk, "within": JOINED_WITHIN}
    run(JOINED, params)
    run(READ, params)
    leave(store, campaign)
    reach.count_reach(tenant=store)
    fewer = reach.find_reach(tenant=store)[0]
    Reach.objects.create(
        day=back(today_of(store), COUNTED_BEFORE),
        customers=fewer.customers * 9 // 10,
        reachable=fewer.by_email * 9 // 10,
        counted_at=fewer.counted_at,
    )


def send_earlier(campaign: Campaign) -> None:
    """The campaign, its messages and their mails, so many days older."""
    moments = ("created_at", "started_at", "frozen_at", "progressed_at", "finished_at",
               "scheduled_for")  # fmt: skip
    Campaign.objects.filter(pk=campaign.pk).update(**{name: F(name) - AGO for name in moments})
    earlier = {name: F(name) - AGO for name in ("not_before", "claimed_at", "handed_at")}
    Message.objects.filter(campaign=campaign).update(**earlier)
    LocalMail.objects.filter(campaign=campaign).update(received_at=F("received_at") - AGO)


def leave(store: Tenant, campaign: Campaign) -> None:
    """A few unsubscribe, as by the link in the letter, an hour after it came."""
    sent = Message.objects.filter(campaign=campaign, state=Message.State.SENT).order_by("-pk")
    for message_id in sent.values_list("pk", flat=True)[:WHO_LEAVES]:
        unsubscribe(tenant=store, message_id=message_id)
    gone = Touch.objects.filter(campaign=campaign, kind=Touch.Kind.UNSUBSCRIBED)
    gone.update(happened_at=F("happened_at") - AGO + timedelta(hours=1))
